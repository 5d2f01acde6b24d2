import AgentCore
import ConfigurationFiles
import Fingerprinting
import NetworkTypes
import SystemIO
import TLS
import WireProtocol

// Interfaces come and go: a dongle is pulled, a bridge is made anew, somebody gives one another name. Rules name them, so
// they hold for whatever comes back under its name, without the agent; capturing is bound to the interface itself, and is
// begun anew here.
extension AgentRuntime {
    /// How often it is tried again to capture where it failed.
    static let captureRetryMilliseconds: UInt64 = 5_000
    /// How long nothing more is told of an interface that comes and goes.
    static let interfaceQuietMilliseconds: UInt64 = 60_000

    /// Captures on the interfaces that are there, and listens for the others.
    func openCapture() throws(SystemError) {
        for name in configuration.deviceInterfaces {
            var extractor = SignalExtractor(
                onLink: .guessed,
                ignoredSources: agent.settings.ownAddresses,
                ciphers: .openSSL
            )
            extractor.noticesServerNames = configuration.enforcement.isEnabled
            extractor.resolverPort = configuration.enforcement.isEnabled ? configuration.dns.port : nil
            interfaces.append(CapturedInterface(name: name, extractor: extractor))
        }
        let monitor = try NetworkMonitor()
        try loop.add(monitor.descriptor, token: Token.network, interest: .readable)
        networkMonitor = monitor
        reviewInterfaces()
        // What is there and cannot be captured on is a fault of the installation, and said at once.
        for interface in interfaces {
            if case .failed = interface.trouble, let error = captureError { throw error }
        }
    }

    /// The kernel says that interfaces or addresses changed.
    func readNetworkChanges() {
        guard let networkMonitor else { return }
        do throws(SystemError) { if try networkMonitor.receive() { reviewInterfaces() } } catch {
            log.error(error.byteString)
        }
    }

    /// A ring is ready with an error in the place of frames.
    func takeCaptureError(_ ring: PacketRing) {
        if let error = ring.takeError() { log.debug(error.byteString) }
        reviewInterfaces()
    }

    /// Finds every interface of devices in the kernel's list, begins to capture on what has come and ends it on what has
    /// gone, and tells the kernel's rules where one has another name.
    func reviewInterfaces() {
        captureRetryDueMilliseconds = SystemClock.monotonicMilliseconds() + AgentRuntime.captureRetryMilliseconds
        let found: [NetworkInterface]
        do throws(SystemError) { found = try NetworkTables().interfaces() } catch {
            log.error(error.byteString)
            return
        }
        for place in interfaces.indices {
            let source = interfaces[place]
            // By its number first: it may have another name. Its own name may be another interface's meanwhile.
            if let same = found.first(where: { $0.index == source.index && source.ring != nil }),
                !found.contains(where: { $0.name == source.name && $0.index != same.index })
            {
                interfaces[place].kernelName = same.name
                if case .failed? = source.trouble {} else { interfaces[place].trouble = same.isUp ? nil : .down }
                adoptNetworks(of: same, place)
                continue
            }
            endCapture(place)
            if let interface = found.first(where: { $0.name == source.name }) { beginCapture(on: interface, place) }
        }
        agent.probeLinks = interfaces.compactMap { source in
            guard let interface = found.first(where: { $0.index == source.index && source.index > 0 }) else {
                return nil
            }
            return ProbeLink(
                interface: source.name,
                networks: interface.addresses.compactMap { $0.network },
                ownAddresses: interface.addresses.map { $0.address }
            )
        }
        holdInterfaces()
    }

    /// Has the kernel ask whether an address is still behind a hardware address: where it is, the answer is captured. An agent
    /// that only watches asks nobody: there the address goes to who claims it.
    func ask(_ address: IPAddress, of holder: MACAddress, behind name: ByteString) {
        guard enforcement != nil else { return carryOut(agent.settle(address, isHolders: false, now: now)) }
        // Behind an interface that is gone nobody answers.
        guard let place = interfaces.firstIndex(where: { $0.name == name && $0.index > 0 }) else { return }
        interfaces[place].extractor.forget(holder, address)
        do throws(SystemError) {
            let fixed = try NetworkTables().ask(address, of: holder, interfaceIndex: interfaces[place].index)
            // An operator said on the gateway whose it is.
            if let fixed { carryOut(agent.settle(address, isHolders: fixed == holder, now: now)) }
        } catch {
            // It was not asked, and keeps what it has; the claim may come again.
            log.warning(error.byteString)
            agent.dropClaim(to: address)
        }
    }

    private func beginCapture(on interface: NetworkInterface, _ place: Int) {
        let isEnforcing = configuration.enforcement.isEnabled
        var filter = CaptureFilter()
        filter.content = isEnforcing ? .others : .everything
        if isEnforcing { filter.udpPorts.append(configuration.dns.port) }
        do throws(SystemError) {
            let ring = try PacketRing(interface: interface, filter: filter)
            try loop.add(ring.descriptor, token: Token.firstCapture + UInt64(place), interest: .readable)
            interfaces[place].ring = ring
            if isEnforcing {
                filter.content = .handshakes
                let handshakes = try PacketRing(
                    interface: interface,
                    filter: filter,
                    size: .small,
                    retireMilliseconds: PacketRing.hastyRetireMilliseconds
                )
                let token = Token.firstHandshakes + UInt64(place)
                try loop.add(handshakes.descriptor, token: token, interest: .readable)
                interfaces[place].handshakes = handshakes
            }
            interfaces[place].index = interface.index
            interfaces[place].kernelName = interface.name
            interfaces[place].trouble = interface.isUp ? nil : .down
            adoptNetworks(of: interface, place)
        } catch {
            endCapture(place)
            captureError = error
            interfaces[place].trouble = .failed(error.byteString)
        }
    }

    private func endCapture(_ place: Int) {
        for ring in [interfaces[place].ring, interfaces[place].handshakes] {
            guard let ring else { continue }
            loop.remove(ring.descriptor)
            do throws(SystemError) {
                let figures = try ring.statistics()
                interfaces[place].pastReceived += figures.received
                interfaces[place].pastDropped += figures.dropped
            } catch {
                log.debug(error.byteString)
            }
        }
        interfaces[place].ring = nil
        interfaces[place].handshakes = nil
        interfaces[place].index = 0
        interfaces[place].kernelName = interfaces[place].name
        interfaces[place].trouble = .missing
    }

    private func adoptNetworks(of interface: NetworkInterface, _ place: Int) {
        let networks = interface.addresses.compactMap { $0.network }
        interfaces[place].extractor.onLink = networks.isEmpty ? .guessed : .prefixes(networks)
    }

    /// Rules hold by name: of what was given another, by both, so that nothing is open where the old one comes back.
    private func holdInterfaces() {
        guard let enforcement else { return }
        var names = configuration.deviceInterfaces
        for source in interfaces where source.kernelName != source.name {
            guard source.kernelName.bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) else {
                continue
            }
            names.append(source.kernelName)
        }
        let milliseconds = SystemClock.monotonicMilliseconds()
        enforcement.run(enforcement.state.hold(interfaces: names), nowMilliseconds: milliseconds)
        let isBridge = names.contains { FileSystem.exists("/sys/class/net/\($0)/bridge") }
        if isBridge { enforcement.holdNeighbours(nowMilliseconds: milliseconds) }
    }

    /// Time passed: what changed is told, and what failed is tried again.
    func watchInterfaces(_ now: AgentTime) {
        let milliseconds = now.monotonicMilliseconds
        for place in interfaces.indices {
            let problem = interfaces[place].problem
            guard problem != interfaces[place].told, milliseconds >= interfaces[place].quietUntilMilliseconds else {
                continue
            }
            interfaces[place].told = problem
            interfaces[place].quietUntilMilliseconds = milliseconds + AgentRuntime.interfaceQuietMilliseconds
            let words: ByteString =
                problem.isEmpty ? "the interface \(interfaces[place].name) is listened to again" : problem
            log.warning(words)
            var incident = IncidentReport()
            incident.kind = "interface"
            incident.summary = words
            incident.count = 1
            report(problem.isEmpty ? .notice : .warning, .incident(incident))
        }
        // Notifications come where the kernel has room for them; what is amiss is looked at without one too.
        guard milliseconds >= captureRetryDueMilliseconds, interfaces.contains(where: { $0.trouble != nil }) else {
            return
        }
        reviewInterfaces()
    }
}
