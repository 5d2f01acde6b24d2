import AgentCore
import ConfigurationFiles
import NetworkTypes
import Policy
import SystemIO
import TLS
import WireProtocol

extension AgentRuntime {
    /// How far the gateway's clock may be from the collector's.
    static let clockToleranceMilliseconds: UInt64 = 60_000

    /// Carries out what the uplink decided.
    func take(_ actions: [Uplink.Action]) {
        for action in actions {
            switch action {
            case .resolve: resolve()
            case .connect(let number): connect(number)
            case .disconnect(let reason):
                disconnect(reason == .version ? "the collector speaks another protocol version" : "no answer in time")
            case .sendHello: connection?.send(AgentMessage.hello(hello()).encoded())
            case .sendPing: connection?.ping()
            case .sendReports: sendReports()
            case .forget(let mark): spool.forget(upTo: mark)
            case .adoptTime(let milliseconds): adoptTime(milliseconds)
            case .policy(let push): receivePolicy(push)
            case .release(let release):
                if let key = DeviceKey(release.device) { carryOut(agent.release(key)) }
            case .certificate(let answer): receiveCertificate(answer)
            case .considerFile(let offer): consider(offer)
            case .takeFile(let chunk): take(chunk)
            }
        }
        watchConnection()
    }

    private func connect(_ number: Int) {
        do throws(Failure) {
            connection = try open(collectorAddresses[number], token: Token.uplink, with: credentials)
        } catch {
            disconnect(error.message)
        }
    }

    /// Begins a connection to the collector that shows these credentials.
    func open(
        _ address: IPAddress,
        token: UInt64,
        with credentials: Credentials?
    ) throws(Failure) -> UplinkConnection {
        guard let credentials, let record else { throw Failure(.failed, "not enrolled") }
        let context: TLSContext
        do throws(TLSError) { context = try credentials.context(time: earliestTimeSeconds(credentials)) } catch {
            throw Failure(error)
        }
        let made = try UplinkConnection(
            address: SocketAddress(address, port: configuration.agentPort),
            host: record.host,
            context: context
        )
        do throws(SystemError) {
            try loop.add(made.stream.descriptor, token: token, interest: [.readable, .writable])
        } catch {
            throw Failure(error)
        }
        return made
    }

    /// The time that certificates are to be judged by where the gateway's own clock is known to be wrong: what is known since
    /// a connection, or the earliest that it can be, where the clock is from before the gateway's certificate: as after a
    /// boot in 1970.
    private func earliestTimeSeconds(_ credentials: Credentials) -> Int64? {
        let begin = credentials.validity.notBeforeMilliseconds
        let wall = SystemClock.wallMilliseconds()
        if toldTimeMilliseconds != nil {
            // The time is known since a connection; the gateway's clock may have been set since, to whatever.
            let known = Int64(clamping: now.wallMilliseconds)
            let isOff = (known - Int64(clamping: wall)).magnitude > AgentRuntime.clockToleranceMilliseconds
            return isOff ? known / 1000 : nil
        }
        guard wall < begin else { return nil }
        return Int64(clamping: Swift.max(begin, now.wallMilliseconds) / 1000)
    }

    /// The same for servers of others: the gateway's certificate was made by a right clock, so a clock that stands before
    /// its beginning is wrong. nil where the clock may be right.
    func earliestTimeSeconds() -> Int64? { credentials.flatMap { earliestTimeSeconds($0) } }

    func advanceUplink() {
        guard let connection else { return }
        for event in connection.advance() where connection === self.connection { take(event) }
        watchConnection()
    }

    /// One thing that came of the connection.
    func take(_ event: UplinkConnection.Event) {
        switch event {
        case .opened: take(uplink.handle(.opened, now: now))
        case .heard: take(uplink.handle(.heard, now: now))
        case .message(let message): take(uplink.handle(.message(message), now: now))
        case .closed(let reason): disconnect(reason)
        }
    }

    func watchConnection() {
        if let connection { watch(connection, Token.uplink) }
    }

    /// Waits for the socket to take more where bytes wait for it.
    func watch(_ connection: UplinkConnection, _ token: UInt64) {
        do throws(SystemError) {
            try loop.modify(
                connection.stream.descriptor,
                token: token,
                interest: connection.wantsToWrite ? [.readable, .writable] : .readable
            )
        } catch {
            log.error(error.byteString)
        }
    }

    func disconnect(_ reason: ByteString) {
        if let connection { loop.remove(connection.stream.descriptor) }
        connection = nil
        // The next connection brings a new offer.
        giveUpFileTransfers("the connection ended")
        endResolution()
        // The collector ends this connection for the one that proves a renewed certificate, which then takes its place or
        // says that it failed.
        guard candidate == nil else { return }
        // The same trouble every minute would bury everything else.
        if reason != connectionFailure { log.warning("no connection to the collector: \(reason)") }
        connectionFailure = reason
        take(uplink.handle(.closed(entropy: entropy()), now: now))
    }

    /// Sends what the collector has granted credits for.
    func sendReports() {
        guard let connection else { return }
        while case .sendReports(let count, let mark)? = uplink.nextReports(),
            connection.pendingBytes < UplinkConnection.maximumPendingBytes
        {
            let records = spool.records(after: mark, limit: Int(count))
            guard let newest = records.last?.mark else { break }
            var bodies = records.map { $0.body }
            if !uplink.takesFlows {
                // Made for a collector that took them, and now there is an older one.
                bodies.removeAll { Report.isOfFlows($0) }
                counters.flowReportsPassedOver += UInt64(records.count - bodies.count)
            }
            if !bodies.isEmpty { connection.send(AgentMessage.encodedReports(bodies)) }
            let last = HighWaterMark(bootEpoch: newest.bootEpoch, sequence: newest.sequence)
            _ = uplink.handle(.sent(count: UInt64(bodies.count), mark: last), now: now)
        }
        watchConnection()
    }

    func hello() -> Hello {
        var hello = Hello()
        hello.protocolVersion = ProtocolVersion.current
        hello.agentVersion = GatehouseAgent.version
        hello.architecture = ProcessFacts.architecture
        hello.kernelRelease = ProcessFacts.kernelRelease
        hello.hostname = ProcessFacts.hostname
        hello.bootEpoch = bootEpoch
        hello.instance = instance
        hello.generation = standing.bundle?.generation ?? 0
        hello.policyHash = standing.hash
        hello.timeMilliseconds = now.wallMilliseconds
        hello.knowledgeVersion = knowledge.version
        hello.knowledgeHash = knowledge.hash
        hello.reportsFlows = configuration.reportsFlows
        hello.blocklistVersion = blocklists.version
        hello.blocklistHash = blocklists.hash
        return hello
    }

    /// The collector let the agent in. Its clock is taken where the gateway's own is far off, as after a boot in 1970; else
    /// the gateway's own, as it is now.
    private func adoptTime(_ milliseconds: UInt64) {
        connectionFailure = ""
        log.info("connected to the collector")
        let told = Int64(clamping: milliseconds)
        let wall = Int64(clamping: SystemClock.wallMilliseconds())
        let isOff = (told - wall).magnitude > AgentRuntime.clockToleranceMilliseconds
        // Counted on from here: whoever sets the clock later moves neither reports nor certificates.
        toldTimeMilliseconds = (isOff ? told : wall) - Int64(clamping: SystemClock.monotonicMilliseconds())
        floorMilliseconds = 0
        do throws(SystemError) { _ = try state.timeFloor.raise(to: milliseconds / 1000) } catch {
            log.error(error.byteString)
        }
    }
}
