import AgentCore
import NetworkTypes
import SystemIO
import TLS

/// The sockets of probes, a few at a time. What is asked, whom and how often is decided by `Agent.nextProbe`.
struct ProbeRunner {
    private var running: [ProbeConnection?] = [ProbeConnection?](repeating: nil, count: ProbeLimits.inFlight)
    /// Made for the first device that is asked over TLS.
    private var context: TLSContext?

    /// A socket is ready.
    mutating func handle(_ event: EventLoop.Readiness, runtime: AgentRuntime) {
        let slot = Int(event.token - Token.firstProbe)
        guard slot < running.count, let connection = running[slot] else { return }
        connection.advance()
        settle(slot, runtime)
    }

    /// Time passed: what takes too long ends, and the next begins.
    mutating func tick(runtime: AgentRuntime) {
        let now = SystemClock.monotonicMilliseconds()
        for slot in running.indices {
            running[slot]?.expire(now)
            settle(slot, runtime)
        }
        guard let slot = running.firstIndex(where: { $0 == nil }),
            let exchange = runtime.agent.nextProbe(now: runtime.now)
        else { return }
        runtime.log.debug("probe \(exchange.step.name) of \(exchange.device.byteString)")
        do throws(Failure) {
            let connection = try ProbeConnection(exchange, context: try tlsContext(for: exchange))
            do throws(SystemError) {
                try runtime.loop.add(
                    connection.descriptor,
                    token: Token.firstProbe + UInt64(slot),
                    interest: connection.interest
                )
            } catch {
                throw Failure(error)
            }
            running[slot] = connection
            settle(slot, runtime)
        } catch {
            runtime.log.debug(error.message)
            runtime.carryOut(runtime.agent.finishProbe(exchange, ProbeResult(.failed), now: runtime.now))
        }
    }

    private mutating func tlsContext(for exchange: ProbeExchange) throws(Failure) -> TLSContext? {
        guard exchange.step.transport == .tls else { return nil }
        if context == nil {
            do throws(TLSError) { context = try .clientWithoutTrust() } catch { throw Failure(error) }
        }
        return context
    }

    /// Hands over what is done; else waits for what the connection waits for.
    private mutating func settle(_ slot: Int, _ runtime: AgentRuntime) {
        guard let connection = running[slot] else { return }
        guard !connection.isOver else {
            runtime.loop.remove(connection.descriptor)
            running[slot] = nil
            let result = connection.result
            runtime.carryOut(runtime.agent.finishProbe(connection.exchange, result, now: runtime.now))
            runtime.rememberSoon()
            return
        }
        do throws(SystemError) {
            try runtime.loop.modify(
                connection.descriptor,
                token: Token.firstProbe + UInt64(slot),
                interest: connection.interest
            )
        } catch {
            runtime.log.debug(error.byteString)
        }
    }
}
