import AgentCore
import ConfigurationFiles
import NetworkTypes
import SystemIO
import WireProtocol

/// Where the devices' connections lead, as the kernel's connection tracking tells it: what it lets pass, and only that.
///
/// What is told waits a tick or two: the answer that gave the device the name, and the frame that says whose address it is,
/// come through the capture's ring, which hands its frames on only every `PacketRing.retireMilliseconds`.
final class FlowRecorder {
    /// Most connections waiting for their tick; those beyond it are counted.
    static let maximumWaiting = 1024
    /// For how many ticks a connection waits for its device to be known by its address.
    static let strangerTicks = 20
    /// How often the connections that are open are looked through: one that lasts for days is opened once.
    static let surveyMilliseconds: UInt64 = 300_000
    /// How long that waits for a moment in which no connection is waiting to be counted.
    static let surveyPatienceMilliseconds: UInt64 = 30_000
    /// How soon after a change the flows are written to disk: seldom, for the sake of flash memory.
    static let memoryMilliseconds: UInt64 = 600_000

    /// Why nothing, or not everything, is recorded; empty where all is well.
    private(set) var problem: ByteString = ""
    /// Connections that found no room while they waited.
    private(set) var overflowCount: UInt64 = 0
    /// Whether the kernel cannot be asked for connections.
    private(set) var isBlind = false
    private var monitor: ConnectionMonitor?
    private var tracking: ConnectionTracking?
    private var place = FlowPlace()
    private var fresh: [TrackedFlow] = []
    private var waiting: [TrackedFlow] = []
    /// Connections from addresses that nobody is known to have yet, and for how many more ticks they are kept.
    private var strangers: [(flow: TrackedFlow, ticks: Int)] = []
    private var surveyDueMilliseconds: UInt64 = 0
    private var writtenRevision: UInt64 = 0
    private var memoryDueMilliseconds: UInt64 = 0
    private var reportDueMilliseconds: UInt64 = 0

    /// Notifications that the kernel lost.
    var overruns: UInt64 { monitor?.overruns ?? 0 }

    /// Opens the kernel's sockets. Where that cannot be done, the agent goes on without flows, and says so.
    func open(runtime: AgentRuntime) {
        guard runtime.configuration.recordsFlows else {
            problem = "switched off in the configuration"
            return
        }
        do throws(SystemError) {
            let table = try ConnectionTracking()
            // A kernel without ctnetlink (CONFIG_NF_CT_NETLINK) fails here, and not when its groups are joined.
            let none = ConnectionTracking.MarkFilter(value: UInt32.max, mask: UInt32.max)
            try table.forEachFlow(.v4, mark: none) { _ in }
            let opened = try ConnectionMonitor()
            try runtime.loop.add(opened.descriptor, token: Token.connections, interest: .readable)
            monitor = opened
            tracking = table
            if ByteString(try FileSystem.read(FlowRecorder.switchPath, limit: 16)).trimmed == "0" {
                problem = "net.netfilter.nf_conntrack_events is 0: only connections that last are seen"
            }
        } catch {
            // Without the file events are on (before Linux 2.6.31 there was none).
            guard monitor == nil else { return }
            isBlind = true
            problem = "this kernel tells nothing of connections (nf_conntrack_netlink): \(error.byteString)"
        }
        if !problem.isEmpty { runtime.log.warning("flows are not recorded: \(problem)") }
    }

    private static let switchPath: ByteString = "/proc/sys/net/netfilter/nf_conntrack_events"

    /// The kernel told of connections.
    func read(runtime: AgentRuntime) {
        guard let monitor else { return }
        do throws(SystemError) {
            // What remains makes the descriptor readable again.
            _ = try monitor.receive { flow in
                if place.ownAddresses.contains(flow.original.source) { return }
                if fresh.count < FlowRecorder.maximumWaiting { fresh.append(flow) } else { overflowCount += 1 }
            }
        } catch {
            runtime.log.error(error.byteString)
        }
    }

    /// Time passed: what has waited long enough is counted.
    func tick(runtime: AgentRuntime, now: AgentTime) {
        guard tracking != nil else { return }
        let earlier = strangers
        strangers.removeAll(keepingCapacity: true)
        for (flow, ticks) in earlier where !note(flow, isNew: true, runtime, now) && ticks > 1 {
            strangers.append((flow, ticks - 1))
        }
        for flow in waiting where !note(flow, isNew: true, runtime, now) {
            guard strangers.count < FlowRecorder.maximumWaiting else {
                overflowCount += 1
                continue
            }
            strangers.append((flow, FlowRecorder.strangerTicks))
        }
        waiting = fresh
        fresh.removeAll(keepingCapacity: true)
        let late = now.monotonicMilliseconds >= surveyDueMilliseconds + FlowRecorder.surveyPatienceMilliseconds
        if now.monotonicMilliseconds >= surveyDueMilliseconds, waiting.isEmpty || late { survey(runtime, now) }
        if now.monotonicMilliseconds >= reportDueMilliseconds { report(runtime, now) }
        guard now.monotonicMilliseconds >= memoryDueMilliseconds else { return }
        memoryDueMilliseconds = now.monotonicMilliseconds + FlowRecorder.memoryMilliseconds
        write(runtime: runtime)
    }

    /// Tells the collector what is new, where the configuration says so. While there is no connection nothing is told: the
    /// table keeps it, in less room than the spool.
    private func report(_ runtime: AgentRuntime, _ now: AgentTime) {
        guard runtime.configuration.reportsFlows, runtime.uplink.takesFlows else { return }
        reportDueMilliseconds = now.monotonicMilliseconds + FlowTable.reportMilliseconds
        guard let report = runtime.agent.takeFlowReport(now: now) else { return }
        // The least severe: a full spool gives these up first.
        runtime.report(.informational, .flows(report))
    }

    /// Writes what is recorded, where it changed.
    func write(runtime: AgentRuntime) {
        guard tracking != nil, runtime.agent.flows.revision != writtenRevision else { return }
        do throws(Failure) {
            try runtime.state.write(runtime.agent.flows.encoded(), to: runtime.state.flows)
            writtenRevision = runtime.agent.flows.revision
        } catch {
            runtime.log.error("the flows seen were not written: \(error.message)")
        }
    }

    /// What an earlier run had recorded. Call after the devices are known again.
    func restore(runtime: AgentRuntime) {
        guard tracking != nil, FileSystem.exists(runtime.state.flows) else { return }
        do throws(Failure) {
            let bytes = try runtime.state.read(runtime.state.flows, limit: StateDirectory.maximumFlowsBytes)
            do throws(DecodeError) { runtime.agent.restore(try FlowTable(decoding: bytes)) } catch {
                runtime.log.error("\(runtime.state.flows) is damaged: the flows seen until now are lost")
            }
        } catch {
            runtime.log.error(error.message)
        }
        writtenRevision = runtime.agent.flows.revision
    }

    private func survey(_ runtime: AgentRuntime, _ now: AgentTime) {
        surveyDueMilliseconds = now.monotonicMilliseconds + FlowRecorder.surveyMilliseconds
        do throws(SystemError) {
            var place = FlowPlace()
            for interface in try NetworkTables().interfaces() {
                for address in interface.addresses {
                    place.ownAddresses.append(address.address)
                    guard runtime.interfaces.contains(where: { $0.index == interface.index }),
                        let network = address.network
                    else { continue }
                    place.networks.append(network)
                }
            }
            self.place = place
            guard let tracking else { return }
            for family in [IPAddress.Family.v4, .v6] {
                try tracking.forEachFlow(family) { flow in
                    // One whose permission was withdrawn stays in the table until it times out.
                    guard flow.mark & ConnectionMark.epochMask != ConnectionMark.revoked else { return }
                    _ = note(flow, isNew: false, runtime, now)
                }
            }
        } catch {
            runtime.log.debug(error.byteString)
        }
    }

    /// False where nobody is known to have the address that opened it.
    private func note(_ flow: TrackedFlow, isNew: Bool, _ runtime: AgentRuntime, _ now: AgentTime) -> Bool {
        let tuple = flow.original
        guard let device = runtime.agent.owners[tuple.source] else { return false }
        var name: DomainName?
        if runtime.agent.answeredNames.name(device: device, address: tuple.destination) == nil {
            name = runtime.enforcement?.state.learnedName(device: device, address: tuple.destination)
        }
        let opened = OpenedFlow(
            device: device,
            destination: tuple.destination,
            answeredBy: flow.replySource,
            transport: tuple.transport,
            port: tuple.icmp.map { UInt16($0.type) } ?? tuple.destinationPort
        )
        runtime.agent.take(opened, name: name, place: place, isNew: isNew, now: now)
        return true
    }
}
