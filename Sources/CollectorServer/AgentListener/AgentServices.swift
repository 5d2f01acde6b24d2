import CollectorCore
import Logging
import NIOCore
import Storage
import WireProtocol

/// What every agent connection works with.
struct AgentServices: Sendable {
    /// An agent is asked for a sign of life so often.
    static let pingInterval = TimeAmount.seconds(30)
    /// After so long without any, its connection is closed: three pings.
    static let idleTimeout = TimeAmount.milliseconds(Int64(Silence.thresholdMilliseconds))

    /// How long a connection that is to end has to take its close frame.
    static let closeGrace = TimeAmount.seconds(3)

    let store: any CollectorStore
    let registry: AgentRegistry
    let figures: CollectorFigures
    let clock: WallClock
    let log: Logger
    let issuer: CertificateIssuer
    let limits: AgentLimits

    /// Counts how a handshake ended, and logs why it failed.
    func handshakeReport(remoteAddress: String) -> @Sendable (Result<Void, TLSHandshakeFailure>) -> Void {
        let figures = self.figures
        let log = self.log
        return { result in
            switch result {
            case .success:
                figures.add(.handshakes)
            case .failure(let failure):
                figures.add(.handshakeFailures)
                log.info("no handshake with \(remoteAddress): \(failure)")
            }
        }
    }
}

/// Limits of the agent listener.
struct AgentLimits: Sendable {
    /// Agents at a time.
    var maximumConnections: UInt64 = 20_000
    /// From the connection to the end of the TLS handshake, and again to the first message.
    var handshakeTimeout = TimeAmount.seconds(15)
    /// Reports an agent may send beyond what is acknowledged.
    var credits = IngestLimits.credits
    /// Most bytes that wait for an agent that does not read: four of the longest messages. More closes the connection.
    var maximumUnsentBytes = 4 * ProtocolVersion.maximumMessageBytes
}
