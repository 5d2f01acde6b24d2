import AgentCore
import ConfigurationFiles
import Fingerprinting
import NetworkTypes
import PacketParsing
import Policy
import SystemIO
import WireProtocol

extension AgentRuntime {
    /// Frames of one device interface, out of one of its rings.
    func readCapture(_ index: Int, of ring: PacketRing?, _ event: EventLoop.Readiness) {
        guard let ring else { return }
        if event.isError { takeCaptureError(ring) }
        var sightings: [Sighting] = []
        var time: UInt64 = 0
        var answers: [(client: IPAddress, message: DNSMessage)] = []
        // Under a policy all answers are the agent's own, and known.
        let isUnheld = enforcement?.state.bundle == nil
        // In its place: a copy of the extractor would copy its tables for every batch.
        _ = ring.forEachFrame { bytes, frame in
            time = frame.timeMicroseconds &* 1000
            guard frame.direction != .outgoing else {
                if isUnheld, let answer = AnsweredNames.answer(in: bytes) { answers.append(answer) }
                return
            }
            guard
                let sighting = interfaces[index].extractor.extract(
                    bytes,
                    timeNanoseconds: frame.timeMicroseconds &* 1000
                )
            else { return }
            sightings.append(sighting)
        }
        let now = now
        judge(interfaces[index].extractor.takeServerNames(nowNanoseconds: time), now)
        for sighting in sightings {
            carryOut(agent.take(sighting, interface: interfaces[index].name, now: now))
        }
        // After what says whose address it is.
        for (client, message) in answers {
            if let device = agent.owners[client] { agent.take(message, to: device) }
        }
    }

    /// What devices asked servers for: what they may not is cut before anything else is done.
    private func judge(_ names: [ServerNameSighting], _ now: AgentTime) {
        guard let enforcement, !names.isEmpty else { return }
        let milliseconds = now.monotonicMilliseconds
        for name in names {
            guard let packet = enforcement.state.judge(name, nowMilliseconds: milliseconds) else { continue }
            carryOut(agent.take(packet, now: now))
        }
        enforcement.run(enforcement.state.takeCuts(nowMilliseconds: milliseconds), nowMilliseconds: milliseconds)
    }

    /// What the kernel dropped.
    func readPacketLog() {
        guard let packetLog else { return }
        var packets: [LoggedPacket] = []
        do throws(SystemError) { _ = try packetLog.receive(into: &packets) } catch { log.error(error.byteString) }
        let now = now
        for packet in packets {
            guard var dropped = PacketLogReader.read(packet, owner: { agent.owners[$0] }) else {
                counters.logEntriesSkipped += 1
                continue
            }
            dropped.isForged = dropped.prefix.reason == .spoofed && isForged(packet, by: dropped.device)
            if let state = enforcement?.state { dropped.destinationName = AgentRuntime.name(of: dropped, state) }
            carryOut(agent.take(dropped, bytes: packet.payload, length: PacketLogReader.length(packet), now: now))
        }
    }

    /// Whether a packet came from another device's address, or from one that nobody on its link can have.
    private func isForged(_ packet: LoggedPacket, by device: MACAddress) -> Bool {
        guard let source = PacketLogReader.source(packet), !source.isUnspecified else { return false }
        if agent.isContested(source) { return false }
        if let owner = agent.owners[source], owner != device { return true }
        let link = interfaces.first { $0.index == packet.inputInterface }?.extractor.onLink
        guard let link, link != .guessed else { return false }
        return !link.contains(source)
    }

    /// What the device asked the server for, where that is the reason, else the name it asked for the address.
    private static func name(of packet: DroppedPacket, _ state: Enforcement) -> ByteString {
        guard packet.prefix.reason == .serverName else {
            return state.learnedName(device: packet.device, address: packet.destination)?.byteString ?? ""
        }
        return state.cutName(of: packet)
    }

    /// Somebody changed the ruleset: the agent itself, or a hand that must be noticed.
    func readRulesetChanges() {
        guard let rulesetMonitor else { return }
        var changes: [RulesetMonitor.Change] = []
        do throws(SystemError) { _ = try rulesetMonitor.receive(into: &changes) } catch { log.error(error.byteString) }
        // Where notifications were lost, anything may have happened.
        let isLost = rulesetMonitor.overruns != rulesetChangesLost
        rulesetChangesLost = rulesetMonitor.overruns
        guard isLost || changes.contains(where: { $0.touchesTable && $0.process != Program.processNumber }) else {
            return
        }
        wholeProofDueMilliseconds = 0
        let due = SystemClock.monotonicMilliseconds() + AgentRuntime.driftDelayMilliseconds
        proofDueMilliseconds = Swift.min(proofDueMilliseconds, due)
    }

    /// Something was plugged in or pulled out: the buses are read soon, once for all that happens until then.
    func readLocalBuses() {
        guard let localBuses else { return }
        var events: [DeviceEvent] = []
        do throws(SystemError) { _ = try localBuses.receive(into: &events) } catch { log.error(error.byteString) }
        // Where the kernel dropped events, anything may have happened.
        var isNews = localBuses.overruns != localEventsLost
        localEventsLost = localBuses.overruns
        for event in events where event.concernsLocalBuses {
            isNews = true
            if event.subsystem == "video4linux" { localTree?.forgetVideoNodes() }
        }
        guard isNews, localScanDueMilliseconds == nil else { return }
        localScanDueMilliseconds = SystemClock.monotonicMilliseconds() + AgentRuntime.localScanDelayMilliseconds
    }

    func readLocalTree() {
        localScanDueMilliseconds = nil
        do throws(SystemError) {
            if localTree == nil { localTree = try SysfsRoot(configuration.sysroot) }
            guard let tree = localTree else { return }
            let before = agent.registry.devices.count
            let scan = LocalBusScan(tree)
            counters.localDevicesTurnedAway = scan.turnedAway
            let actions = agent.take(scan.devices, now: now)
            if !actions.isEmpty || agent.registry.devices.count != before { rememberSoon() }
            carryOut(actions)
            openBluetooth(tree.entries(of: "/sys/class/bluetooth"))
        } catch {
            log.error("local buses are not read: \(error.byteString)")
        }
    }

    /// Writes 0 to `authorized` of a USB device, and reads it back (Documentation/usb/authorization.rst).
    func deauthorise(_ key: DeviceKey, port: ByteString) {
        var problem: ByteString = "local buses are not read"
        do throws(SystemError) {
            if let localTree {
                let text = try localTree.write("0", to: "/sys/bus/usb/devices/\(port)/authorized")
                problem = text == "0" ? "" : "authorized reads \(text)"
            }
        } catch {
            problem = error.byteString
        }
        log.warning("\(key.byteString): \(problem.isEmpty ? "de-authorised" : problem)")
        carryOut(agent.deauthorised(key, port: port, problem: problem))
        rememberSoon()
    }

    /// The agent's own figures.
    func health() -> HealthReport {
        var health = HealthReport()
        health.uptimeSeconds = (SystemClock.monotonicMilliseconds() - startMilliseconds) / 1000
        health.residentKiB = ProcessFacts.residentKiB
        health.knowledgeVersion = knowledge.version
        health.knowledgeHash = knowledge.hash
        health.blocklistVersion = blocklists.version
        health.blocklistHash = blocklists.hash
        func add(_ name: ByteString, _ value: UInt64) {
            health.counters.append(HealthReport.Counter(name: name, value: value))
        }
        let missing = agent.bundle?.blocklists.count { dns?.blocklists?.count($0) == nil } ?? 0
        add("dns.missingBlocklists", UInt64(missing))
        add("devices", UInt64(agent.registry.devices.count))
        add("devices.turnedAway", agent.registry.turnedAwayCount)
        add("devices.evicted", agent.registry.evictedCount)
        add("devices.addressesTurnedAway", agent.registry.addressesTurnedAwayCount)
        add("devices.claimsRefused", agent.claimCounters.refused)
        add("devices.claimsGranted", agent.claimCounters.granted)
        add("devices.claimsTurnedAway", agent.claimCounters.turnedAway)
        add("flows", UInt64(agent.flows.flows.count))
        add("flows.evicted", agent.flows.evictedCount)
        add("flows.overflow", flowRecorder.overflowCount)
        add("flows.overruns", flowRecorder.overruns)
        add("flows.passedOver", counters.flowReportsPassedOver)
        add("flows.namesEvicted", agent.answeredNames.evictedCount)
        add("violations.packets", agent.ledger.packetCount)
        add("violations.overflow", agent.ledger.overflowCount)
        add("policies.refused", counters.policiesRefused)
        add("policies.rolledBack", counters.rollbacks)
        add("knowledge.refused", knowledge.refusedCount)
        add("blocklist.refused", blocklists.refusedCount)
        add("drifts.repaired", counters.driftsRepaired)
        add("log.skipped", counters.logEntriesSkipped)
        add("local.turnedAway", counters.localDevicesTurnedAway)
        add("local.overruns", localEventsLost)
        add("bluetooth.turnedAway", agent.bluetoothTurnedAwayCount)
        add("bluetooth.malformed", counters.bluetoothMalformed)
        add("bluetooth.refused", counters.bluetoothRefused)
        add("log.overruns", packetLog?.overruns ?? 0)
        add("control.refused", counters.controlRefused)
        add("spool.reports", spool.count)
        add("spool.failed", spool.failedCount)
        add("spool.bytes", spool.byteCount)
        add("storage.refused", storageProblem.isEmpty ? 0 : 1)
        add("uplink.disconnects", uplink.disconnectCount)
        add("uplink.unresolved", counters.resolutionsFailed)
        add("certificate.renewals", counters.renewals)
        add("certificate.failures", counters.renewalsFailed)
        add("enforcement.commits", enforcement?.committedCount ?? 0)
        add("enforcement.refused", enforcement?.refusedCount ?? 0)
        add("enforcement.turnedAway", enforcement?.state.turnedAwayCount ?? 0)
        add("loop.wakeUps", loop.wakeUps)
        var received: UInt64 = 0
        var dropped: UInt64 = 0
        func count(_ ring: PacketRing) {
            do throws(SystemError) {
                let statistics = try ring.statistics()
                received += statistics.received
                dropped += statistics.dropped
            } catch {
                return
            }
        }
        for source in interfaces {
            received += source.pastReceived
            dropped += source.pastDropped
            if let ring = source.ring { count(ring) }
            if let handshakes = source.handshakes { count(handshakes) }
        }
        add("interfaces.missing", UInt64(interfaces.count { $0.trouble != nil }))
        add("capture.received", received)
        add("capture.dropped", dropped)
        var extraction = ExtractionCounters()
        for source in interfaces { extraction.add(source.extractor.counters) }
        for counter in extraction.passedOver { add("capture.\(counter.name)", counter.value) }
        for counter in enforcement?.state.serverNames.named ?? [] { add(counter.name, counter.value) }
        let probes = agent.probeCounters
        add("probes.sent", probes.sent)
        add("probes.sentBytes", probes.sentBytes)
        add("probes.receivedBytes", probes.receivedBytes)
        add("probes.answered", probes.answered)
        add("probes.leftAlone", probes.leftAlone)
        add("probes.cut", probes.cut)
        add("probes.refusedLocations", probes.refusedLocations)
        add("probes.overBudget", probes.overBudget)
        add("notice.pages", notice?.pageCount ?? 0)
        add("notice.refused", notice?.refusedCount ?? 0)
        for counter in dns?.counters ?? [] { add(counter.name, counter.value) }
        return health
    }
}
