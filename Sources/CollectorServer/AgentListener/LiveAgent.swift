import CollectorCore
import WireProtocol

/// A connection of an agent, as the registry sees it. Every method may be called on any thread and returns at once.
protocol LiveAgent: AnyObject, Sendable {
    /// Writes a policy, unless it was written on this connection before, by the same push of an operator.
    func push(envelope: [UInt8], hash: [UInt8], orderedMilliseconds: UInt64)
    /// Offers a file, unless the agent uses it, knows none of its kind, or it was offered on this connection before.
    func offer(_ target: FileTarget)
    /// Writes a message, if the agent was let in.
    func send(_ message: CollectorMessage)
    /// Takes nothing more from it and pushes nothing to it.
    func hold(_ gateway: GatewayRecord)
    /// Closes the connection.
    func close(_ reason: AgentSession.CloseReason)
    /// Whether the agent answers a ping within `milliseconds`.
    func answersPing(withinMilliseconds milliseconds: Int64) async -> Bool
}
