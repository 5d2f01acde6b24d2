import AgentCore
import ConfigurationFiles
import Fingerprinting
import NetworkTypes
import Policy
import SystemIO
import TLS
import WireProtocol

/// The running agent: one thread that waits for something to happen, hands it to the pure core, and carries out what the
/// core decides (DESIGN §4).
final class AgentRuntime {
    /// The NFLOG group of Gatehouse's rules.
    static let logGroup: UInt16 = 1077
    /// How often time passes for the core.
    static let tickMilliseconds: UInt64 = 500
    /// How often the kernel is read back without a reason.
    static let proofMilliseconds: UInt64 = 30_000
    /// How often what devices have learned is read back too, where nobody is seen to touch it: that may be tens of thousands of
    /// elements, and while they are read no device is answered.
    static let wholeProofMilliseconds: UInt64 = 600_000
    /// How often the agent tells its own figures.
    static let healthMilliseconds: UInt64 = 60_000
    /// How soon after a change what is known of devices is written to disk.
    static let memoryMilliseconds: UInt64 = 3_000
    /// How soon after something happened on a local bus it is read; one device makes a dozen events.
    static let localScanDelayMilliseconds: UInt64 = 100
    /// How soon after a foreign change of the ruleset it is read back; changes come in bursts.
    static let driftDelayMilliseconds: UInt64 = 200

    let configuration: AgentConfiguration
    let state: StateDirectory
    let log: Log
    let loop: EventLoop
    let timer: IntervalTimer
    let signals: SignalSource
    var agent: Agent
    var enforcement: KernelEnforcement?
    /// One for each device interface.
    var interfaces: [CapturedInterface] = []
    var networkMonitor: NetworkMonitor?
    var captureRetryDueMilliseconds: UInt64 = 0
    /// Why capturing could not be begun last.
    var captureError: SystemError?
    var packetLog: NetfilterLog?
    var controlClients: [ControlClient] = []
    var rulesetMonitor: RulesetMonitor?
    /// Of its notifications, the lost ones that were acted on.
    var rulesetChangesLost: UInt64 = 0
    var wholeProofDueMilliseconds: UInt64 = 0
    var localBuses: DeviceEventSource?
    /// nil until it was opened.
    var localTree: SysfsRoot?
    /// When the local buses are to be read again; nil where nothing happened.
    var localScanDueMilliseconds: UInt64?
    var localEventsLost: UInt64 = 0
    /// nil where there is no controller, or it cannot be listened to.
    var bluetooth: BluetoothSocket?
    var hasBluetoothFailed = false
    var discoveryDueMilliseconds: UInt64 = 0
    var control: StreamListener?
    var dns: DNSService?
    var notice: NoticeService?
    var probes = ProbeRunner()
    let flowRecorder = FlowRecorder()
    let spool: ReportSpool
    /// See `StartNumber`.
    var bootEpoch: UInt64
    var instance: ByteString
    var isStartKept: Bool
    var sequence: UInt64 = 0
    /// Why what is known of devices was not written; empty where it was.
    var memoryProblem: ByteString = ""
    var toldStorageProblem: ByteString = ""
    var storageDueMilliseconds: UInt64 = 0
    let startMilliseconds: UInt64
    var record: EnrolmentRecord?
    var uplink = Uplink()
    var connection: UplinkConnection?
    var connectionFailure: ByteString = ""
    var resolution: HostResolution?
    /// What was last found for the collector's name, in the order to be tried.
    var collectorAddresses: [IPAddress] = []
    /// What is in force; nil where the gateway is not enrolled.
    var credentials: Credentials?
    var renewal: Renewal?
    /// The key that a certificate was asked for, then the pair, then the connection that is to prove it.
    var pendingKey: PrivateKey?
    var pendingCredentials: Credentials?
    var candidate: UplinkConnection?
    /// The files that the collector may push.
    let knowledge: PushedFile
    let blocklists: PushedFile
    /// All of them.
    let pushedFiles: [PushedFile]
    /// SHA-256 of the envelope of the policy that the kernel holds, on trial or confirmed; empty for none.
    var policyHash: ByteString = ""
    var standing = StandingPolicy()
    /// The policy on trial, the connections that decide on it, and which policy was tried last.
    var trial: RunningTrial?
    var reach = ReachRunner()
    var tried: TriedPolicy?
    var lastProof = KernelEnforcement.Proof()
    var proofDueMilliseconds: UInt64 = 0
    var healthDueMilliseconds: UInt64 = 0
    var memoryDueMilliseconds: UInt64?
    /// The time when the monotonic clock was at zero, as known since the last connection; nil before the first.
    var toldTimeMilliseconds: Int64?
    /// The time floor of the disk, when the monotonic clock was at zero; 0 once the collector told the time.
    var floorMilliseconds: Int64
    var counters = RuntimeCounters()
    var isStopping = false
    /// systemd, where it started the agent.
    private let manager: ServiceManager?

    init(_ configuration: AgentConfiguration) throws(Failure) {
        self.configuration = configuration
        state = StateDirectory(configuration.stateDirectory)
        try state.create()
        log = Log(level: configuration.logLevel)
        knowledge = PushedFile(.knowledge, state)
        blocklists = PushedFile(.blocklist, state)
        pushedFiles = [knowledge, blocklists]
        let packaged = try KnowledgeFile.open(configuration.knowledgeFile)
        knowledge.hash = packaged.hash
        knowledge.usedPath = configuration.knowledgeFile
        do throws(SystemError) {
            signals = try SignalSource()
            loop = try EventLoop()
            timer = try IntervalTimer()
            let start = try StartNumber.next(state, hardware: AgentRuntime.ownAddresses())
            (bootEpoch, instance, isStartKept) = (start.epoch, start.instance, start.isKept)
            let floor = Int64(clamping: (try state.timeFloor.read() ?? 0)) &* 1000
            floorMilliseconds = floor - Int64(clamping: SystemClock.monotonicMilliseconds())
            manager = try ServiceManager()
        } catch {
            throw Failure(error)
        }
        startMilliseconds = SystemClock.monotonicMilliseconds()
        spool = try ReportSpool(state.spool, maximumBytes: configuration.spoolMaximumBytes, log: log)
        var settings = AgentSettings()
        settings.site = configuration.site
        settings.scanDestinations = Int(configuration.scan.destinations)
        settings.scanWithinMilliseconds = configuration.scan.withinSeconds * 1000
        settings.scanQuarantineSeconds = configuration.scan.quarantineSeconds
        settings.floods = FloodLimits(configuration.floods)
        settings.floodQuarantineSeconds = configuration.floods.quarantineSeconds
        settings.isEnforcing = configuration.enforcement.isEnabled
        settings.ownAddresses = AgentRuntime.ownAddresses()
        settings.probesEnabled = configuration.probes.isEnabled
        settings.confirmedProbes = configuration.probes.confirmed
        agent = Agent(settings: settings, knowledge: packaged.base)
    }

    private static func ownAddresses() -> [MACAddress] {
        do throws(SystemError) {
            return try NetworkTables().interfaces().compactMap { $0.hardwareAddress }
        } catch {
            return []
        }
    }

    /// Both clocks; the wall clock by what the collector's told, and before that not below the floor. Both are counted on
    /// the monotonic clock: when somebody sets the gateway's clock at last, they stay right.
    var now: AgentTime {
        let monotonic = SystemClock.monotonicMilliseconds()
        let elapsed = Int64(clamping: monotonic)
        let wall =
            toldTimeMilliseconds.map { $0 + elapsed }
            ?? Swift.max(Int64(clamping: SystemClock.wallMilliseconds()), floorMilliseconds + elapsed)
        return AgentTime(wallMilliseconds: UInt64(Swift.max(0, wall)), monotonicMilliseconds: monotonic)
    }

    /// Until a signal ends it. What is enforced stays in force.
    func run() throws(Failure) {
        try open()
        restore()
        tell { (manager) throws(SystemError) in try manager.sayReady() }
        log.info(
            """
            gatehouse-agent \(GatehouseAgent.version) runs\(record == nil ? ", not enrolled" : "")\
            \(agent.bundle == nil ? ", without a policy" : ", its policy in force")
            """
        )
        var ready: [EventLoop.Readiness] = []
        while !isStopping {
            let limit = localScanDueMilliseconds.map { due in
                let now = SystemClock.monotonicMilliseconds()
                return due > now ? due - now : 0
            }
            do throws(SystemError) { try loop.wait(timeoutMilliseconds: limit, into: &ready) } catch {
                throw Failure(error)
            }
            for event in ready { handle(event) }
            if let due = localScanDueMilliseconds, due <= SystemClock.monotonicMilliseconds() { readLocalTree() }
            spool.sync()
            sendReports()
        }
        withdrawTrial()
        writeMemory()
        flowRecorder.write(runtime: self)
        log.info("stopped; what is enforced stays in force")
    }

    private func handle(_ event: EventLoop.Readiness) {
        switch event.token {
        case Token.timer: tick()
        case Token.signals: takeSignals()
        case Token.packetLog: readPacketLog()
        case Token.rulesetMonitor: readRulesetChanges()
        case Token.uplink: advanceUplink()
        case Token.candidate: advanceCandidate()
        case Token.resolution: advanceResolution()
        case Token.control: acceptControl()
        case Token.firstControlClient...Token.lastControlClient: answerControl(event.token)
        case Token.localBuses: readLocalBuses()
        case Token.bluetooth: readBluetooth()
        case Token.network: readNetworkChanges()
        case Token.firstCapture...Token.lastCapture:
            let place = Int(event.token - Token.firstCapture)
            if interfaces.indices.contains(place) { readCapture(place, of: interfaces[place].ring, event) }
        case Token.firstHandshakes...Token.lastHandshakes:
            let place = Int(event.token - Token.firstHandshakes)
            if interfaces.indices.contains(place) { readCapture(place, of: interfaces[place].handshakes, event) }
        case Token.connections: flowRecorder.read(runtime: self)
        case Token.firstProbe...Token.lastProbe: probes.handle(event, runtime: self)
        case Token.firstReach...Token.lastReach:
            if let outcome = reach.advance(event.token, loop: loop) { advanceTrial(outcome) }
        case Token.noticeTCP...Token.lastNotice: notice?.handle(event.token, self)
        default: dns?.handle(event, runtime: self)
        }
    }

    private func tell(_ say: (ServiceManager) throws(SystemError) -> Void) {
        guard let manager else { return }
        do throws(SystemError) { try say(manager) } catch { log.debug(error.byteString) }
    }

    private func takeSignals() {
        do throws(SystemError) {
            while let request = try signals.next() { if request == .terminate { isStopping = true } }
        } catch {
            log.error(error.byteString)
        }
    }

    private func tick() {
        do throws(SystemError) { _ = try timer.acknowledge() } catch { log.error(error.byteString) }
        let now = now
        tell { (manager) throws(SystemError) in try manager.feedWatchdog() }
        carryOut(agent.tick(now: now))
        if let enforcement {
            enforcement.run(
                enforcement.state.tick(nowMilliseconds: now.monotonicMilliseconds),
                nowMilliseconds: now.monotonicMilliseconds
            )
        }
        dropSilentControlClients()
        advanceTrial(.tick)
        dns?.tick(runtime: self)
        notice?.tick()
        probes.tick(runtime: self)
        flowRecorder.tick(runtime: self, now: now)
        discoverBluetooth(now)
        watchInterfaces(now)
        take(uplink.handle(.tick, now: now))
        renew(.tick(isOpen: uplink.isOpen))
        watchFileTransfers(now)
        watchStorage(now)
        if now.monotonicMilliseconds >= proofDueMilliseconds { proveOnTimer() }
        if now.monotonicMilliseconds >= healthDueMilliseconds { reportHealth(now) }
        if let due = memoryDueMilliseconds, now.monotonicMilliseconds >= due { writeMemory() }
    }

    /// Random, to spread things; not for secrets.
    func entropy() -> UInt64 {
        do throws(SystemError) { return try SystemRandom.next() } catch { return SystemClock.monotonicMicroseconds() }
    }

    /// Carries out what the core decided.
    func carryOut(_ actions: [AgentAction]) {
        let milliseconds = SystemClock.monotonicMilliseconds()
        for action in actions {
            switch action {
            case .report(let severity, let body): report(severity, body)
            case .hold(let device):
                rememberSoon()
                guard let enforcement else { continue }
                enforcement.run(enforcement.state.hold(device), nowMilliseconds: milliseconds)
            case .letGo(let address):
                guard let enforcement else { continue }
                enforcement.run(enforcement.state.letGo(address), nowMilliseconds: milliseconds)
            case .quarantine(let address, let seconds):
                log.warning("quarantine for \(address.byteString)")
                guard let enforcement else { continue }
                enforcement.run(
                    enforcement.state.quarantine(address, seconds: seconds, nowMilliseconds: milliseconds),
                    nowMilliseconds: milliseconds
                )
            case .release(let address):
                guard let enforcement else { continue }
                enforcement.run(enforcement.state.release(address), nowMilliseconds: milliseconds)
            case .keepEvidence(let name, let capture): EvidenceFiles(state).keep(capture, as: name, log)
            case .ask(let address, let holder, let interface): ask(address, of: holder, behind: interface)
            case .deauthorise(let key, let port): deauthorise(key, port: port)
            }
        }
    }

    /// Writes a report into the spool.
    func report(_ severity: Report.Severity, _ body: Report.Body) {
        sequence += 1
        let report = newReport(severity, body)
        if isStartKept { spool.append(report) } else { spool.lose(report) }
    }

    func newReport(_ severity: Report.Severity, _ body: Report.Body) -> Report {
        Report(
            bootEpoch: bootEpoch,
            sequence: sequence,
            severity: severity,
            timeMilliseconds: now.wallMilliseconds,
            body: body
        )
    }

    func reportHealth(_ now: AgentTime) {
        healthDueMilliseconds = now.monotonicMilliseconds + AgentRuntime.healthMilliseconds
        // Not every kernel tells every container of its devices.
        if localScanDueMilliseconds == nil { localScanDueMilliseconds = now.monotonicMilliseconds }
        report(.informational, .health(health()))
    }

    func rememberSoon() {
        if memoryDueMilliseconds == nil {
            memoryDueMilliseconds = SystemClock.monotonicMilliseconds() + AgentRuntime.memoryMilliseconds
        }
    }

    func writeMemory() {
        memoryDueMilliseconds = nil
        do throws(Failure) {
            try state.write(DeviceMemory.encode(agent.registry), to: state.devices)
            // What was learned under a policy on trial is not what a start without it needs.
            if let enforcement, trial == nil {
                try state.write(NameMemory.encode(enforcement.state, now: now), to: state.names)
            }
            if control != nil { memoryProblem = "" }
        } catch {
            if memoryProblem.isEmpty { log.error("what is known of devices was not written: \(error.message)") }
            memoryProblem = error.message
        }
    }
}
