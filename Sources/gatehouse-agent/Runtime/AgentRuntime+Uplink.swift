import AgentCore
import ConfigurationFiles
import NetworkTypes
import Policy
import SystemIO
import TLS
import WireProtocol

extension AgentRuntime {
    /// Carries out what the uplink decided.
    func take(_ actions: [Uplink.Action], now: AgentTime) {
        for action in actions {
            switch action {
            case .connect: connect()
            case .disconnect(let reason):
                disconnect(reason == .version ? "the collector speaks another protocol version" : "no answer in time")
            case .sendHello: connection?.send(AgentMessage.hello(hello()).encoded())
            case .sendPing: connection?.ping()
            case .sendReports: sendReports()
            case .forget(let mark): spool.forget(upTo: mark)
            case .adoptTime(let milliseconds): adoptTime(milliseconds)
            case .policy(let push): receivePolicy(push.envelope.bytes)
            case .release(let release):
                if let key = DeviceKey(release.device) { carryOut(agent.release(key)) }
            }
        }
        watchConnection()
    }

    private func connect() {
        guard let context, let record else {
            // Not enrolled: the reports wait.
            take(uplink.handle(.closed(entropy: entropy()), now: now), now: now)
            return
        }
        do throws(Failure) {
            guard let address = collectorAddresses.first else {
                throw Failure(.unreachable, Text.join("no address is known for ", record.host))
            }
            let made = try UplinkConnection(
                address: SocketAddress(address, port: configuration.agentPort),
                host: record.host,
                context: context
            )
            connection = made
            do throws(SystemError) {
                try loop.add(made.stream.descriptor, token: Token.uplink, interest: [.readable, .writable])
            } catch {
                throw Failure(error)
            }
        } catch {
            disconnect(error.message)
        }
    }

    func advanceUplink() {
        guard let connection else { return }
        for event in connection.advance() {
            let now = now
            switch event {
            case .opened: take(uplink.handle(.opened, now: now), now: now)
            case .heard: take(uplink.handle(.heard, now: now), now: now)
            case .message(let message): take(uplink.handle(.message(message), now: now), now: now)
            case .closed(let reason):
                disconnect(reason)
                return
            }
        }
        watchConnection()
    }

    private func watchConnection() {
        guard let connection else { return }
        do throws(SystemError) {
            try loop.modify(
                connection.stream.descriptor,
                token: Token.uplink,
                interest: connection.wantsToWrite ? [.readable, .writable] : .readable
            )
        } catch {
            log.error(error.byteString)
        }
    }

    private func disconnect(_ reason: ByteString) {
        if let connection { loop.remove(connection.stream.descriptor) }
        connection = nil
        // The same trouble every minute would bury everything else.
        if reason != connectionFailure { log.warning(Text.join("no connection to the collector: ", reason)) }
        connectionFailure = reason
        _ = uplink.handle(.closed(entropy: entropy()), now: now)
    }

    /// Sends what the collector has granted credits for.
    func sendReports() {
        guard let connection else { return }
        while case .sendReports(let count, let mark)? = uplink.nextReports(),
            connection.pendingBytes < UplinkConnection.maximumPendingBytes
        {
            let records = spool.records(after: mark, limit: Int(count))
            guard let newest = records.last?.mark else { break }
            connection.send(AgentMessage.encodedReports(records.map { $0.body }))
            let last = HighWaterMark(bootEpoch: newest.bootEpoch, sequence: newest.sequence)
            _ = uplink.handle(.sent(count: UInt64(records.count), mark: last), now: now)
        }
        watchConnection()
    }

    private func hello() -> Hello {
        connectionFailure = ""
        log.info("connected to the collector")
        var hello = Hello()
        hello.protocolVersion = ProtocolVersion.current
        hello.agentVersion = GatehouseAgent.version
        hello.architecture = ProcessFacts.architecture
        hello.kernelRelease = ProcessFacts.kernelRelease
        hello.hostname = ProcessFacts.hostname
        hello.bootEpoch = bootEpoch
        hello.instance = instance
        hello.generation = agent.bundle?.generation ?? 0
        hello.policyHash = policyHash
        hello.timeMilliseconds = now.wallMilliseconds
        return hello
    }

    /// The collector's clock is taken where the gateway's own is far off, as after a boot in 1970.
    private func adoptTime(_ milliseconds: UInt64) {
        let own = Int64(bitPattern: SystemClock.wallMilliseconds())
        let difference = Int64(bitPattern: milliseconds) - own
        clockOffsetMilliseconds = abs(difference) > 60_000 ? difference : 0
        do throws(SystemError) { _ = try state.timeFloor.raise(to: milliseconds / 1000) } catch {
            log.error(error.byteString)
        }
    }
}
