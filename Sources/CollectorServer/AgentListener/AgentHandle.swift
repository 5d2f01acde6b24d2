import CollectorCore
import NIOCore
import WireProtocol

/// A connection for other threads: everything is done on its event loop.
final class AgentHandle: LiveAgent {
    private let connection: NIOLoopBound<AgentConnection>
    private let eventLoop: any EventLoop

    init(_ connection: AgentConnection, eventLoop: any EventLoop) {
        self.connection = NIOLoopBound(connection, eventLoop: eventLoop)
        self.eventLoop = eventLoop
    }

    func push(envelope: [UInt8], hash: [UInt8], orderedMilliseconds: UInt64) {
        perform {
            $0.carryOut($0.session.push(envelope: envelope, hash: hash, orderedMilliseconds: orderedMilliseconds))
        }
    }

    func offer(_ target: FileTarget) { perform { $0.carryOut($0.session.offer(target)) } }

    func send(_ message: CollectorMessage) {
        perform { if $0.session.isOpen { $0.carryOut([.send(message)]) } }
    }

    func hold(_ gateway: GatewayRecord) {
        perform { $0.carryOut($0.session.held(gateway, nowMilliseconds: $0.services.clock.nowMilliseconds)) }
    }

    func close(_ reason: AgentSession.CloseReason) { perform { $0.carryOut($0.session.close(reason)) } }

    func answersPing(withinMilliseconds milliseconds: Int64) async -> Bool {
        let answer = eventLoop.makePromise(of: Void.self)
        perform { connection in
            guard !connection.session.isClosed, connection.context != nil else {
                answer.fail(ChannelError.eof)
                return
            }
            connection.pingWaiters.append(answer)
            connection.sendPing()
        }
        let timeout = eventLoop.scheduleTask(in: .milliseconds(milliseconds)) { answer.fail(ChannelError.eof) }
        defer { timeout.cancel() }
        do {
            try await answer.futureResult.get()
            return true
        } catch {
            return false
        }
    }

    private func perform(_ work: @escaping @Sendable (AgentConnection) -> Void) {
        let connection = self.connection
        eventLoop.execute { work(connection.value) }
    }
}
