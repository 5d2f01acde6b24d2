import AgentCore
import ConfigurationFiles
import NFTables
import NetworkTypes
import SystemIO

/// What whoever sets a gateway up needs to know before it is left alone: looks at everything, changes nothing, and says of
/// each thing how it is and what to do.
struct Doctor {
    let configuration: AgentConfiguration
    let state: StateDirectory
    private(set) var findings: [DoctorFinding] = []
    /// The kernel's interfaces; empty where they cannot be listed.
    var interfaces: [NetworkInterface] = []
    /// Whether an agent holds the lock of the state directory.
    var isRunning = false

    init(_ configuration: AgentConfiguration) {
        self.configuration = configuration
        state = StateDirectory(configuration.stateDirectory)
    }

    /// All of it, in the order in which people would mend it.
    mutating func examine() {
        checkRights()
        checkInterfaces()
        checkForwarding()
        checkState()
        checkFiles()
        checkCredentials()
        checkCollector()
        checkKernel()
        checkPorts()
    }

    mutating func say(_ status: DoctorFinding.Status, _ check: ByteString, _ detail: ByteString) {
        findings.append(DoctorFinding(status: status, check: check, detail: detail))
    }

    /// Whether anything is wanting, or could not be asked.
    var isWell: Bool { findings.allSatisfy { $0.status == .good || $0.status == .notice } }

    /// A small file of procfs or of the configuration; nil where it cannot be read.
    static func read(_ path: ByteString, limit: Int = 4096) -> ByteString? {
        do throws(SystemError) { return ByteString(try FileSystem.read(path, limit: limit)).trimmed } catch {
            return nil
        }
    }

    // MARK: The kernel

    private mutating func checkKernel() {
        let release = ProcessFacts.kernelRelease
        guard configuration.enforcement.isEnabled else {
            say(.notice, "kernel", "\(release); enforcement is switched off in the configuration: nothing is held")
            return
        }
        let kernel: NFTablesContext
        do throws(NFTablesError) { kernel = try NFTablesContext() } catch {
            say(.wanting, "kernel", "\(release); \(error.message)")
            return
        }
        var found = KernelProbe.find(kernel)
        KernelProbe.findSockets(&found, interface: configuration.deviceInterfaces.first ?? "lo")
        let hasBridge = configuration.hasBridge
        say(.good, "kernel", release)
        for capability in KernelCapability.allCases {
            let check: ByteString = "kernel:\(capability.name)"
            switch found[capability] {
            case .present: say(.good, check, capability.module)
            case .notAsked: say(.notAsked, check, "\(found[capability].reason); run it as root")
            case .absent:
                // A bridge whose devices nobody holds is worth mending, one without tracking is held in another way.
                let isWanting = capability.need != .nothing || (capability == .bridgeTables && hasBridge)
                say(
                    isWanting ? .wanting : .notice,
                    check,
                    "\(capability.module): \(found[capability].reason); \(capability.consequence)"
                )
            }
        }
        checkRuleset(kernel)
        checkTracking(hasBridge && found[.bridgeTables] == .present)
    }

    private mutating func checkRuleset(_ kernel: NFTablesContext) {
        do throws(NFTablesError) {
            var isAlone = true
            for chain in ForeignChain.all(in: try kernel.run("list chains\n")) {
                guard let concern = chain.concern else { continue }
                isAlone = false
                say(.notice, "other-rules", "table \(chain.table), chain \(chain.name) \(concern)")
            }
            // An offloaded flow passes no chain: withdrawing its permission does not end it.
            if try kernel.run("list flowtables\n").firstIndex(of: "flowtable ") != nil {
                isAlone = false
                say(.wanting, "other-rules", "a flowtable lets flows pass all policies by; take it out of the ruleset")
            }
            if isAlone { say(.good, "other-rules", "no other program's chains are in the way") }
        } catch {
            say(.notAsked, "other-rules", KernelPresence.notAsked(error.message).reason)
        }
        for path in ["/etc/nftables.conf"] as [ByteString] {
            guard let text = Doctor.read(path, limit: 1 << 20) else { continue }
            let flushes = text.split(0x0A).contains { $0.trimmed.hasPrefix("flush ruleset") }
            if flushes {
                say(
                    .notice,
                    "nftables.conf",
                    """
                    \(path) begins with flush ruleset: each start of nftables.service takes the agent's rules out until it \
                    puts them back; name your own tables there instead
                    """
                )
            } else {
                say(.good, "nftables.conf", "\(path) leaves the agent's rules alone")
            }
        }
    }

    private mutating func checkTracking(_ holdsNeighbours: Bool) {
        let folder: ByteString = "/proc/sys/net/netfilter/nf_conntrack_"
        if let most = Doctor.number("\(folder)max"), let count = Doctor.number("\(folder)count") {
            let isFull = count >= most / 10 * 9
            say(
                isFull ? .wanting : .good,
                "conntrack-table",
                "\(count) of \(most) connections\(isFull ? "; raise net.netfilter.nf_conntrack_max" : "" as ByteString)"
            )
        } else {
            say(.notice, "conntrack-table", "not there yet: it comes with the first policy")
        }
        guard holdsNeighbours, Doctor.read("/proc/sys/net/bridge/bridge-nf-call-iptables") == "1" else { return }
        say(
            .notice,
            "bridge-netfilter",
            """
            net.bridge.bridge-nf-call-iptables is 1: what devices of one bridge send one another passes the chains of other \
            programs too; Gatehouse judges it once, in table bridge gatehouse
            """
        )
    }

    static func number(_ path: ByteString) -> UInt64? { read(path, limit: 64).flatMap { Decimal.parse($0) } }
}

extension AgentConfiguration {
    /// Whether devices share a bridge of this host.
    var hasBridge: Bool { deviceInterfaces.contains { FileSystem.exists("/sys/class/net/\($0)/bridge") } }
}
