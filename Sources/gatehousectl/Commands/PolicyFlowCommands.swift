import AgentCore
import ArgumentParser
import ConfigurationFiles
import FlowPlanning
import Foundation
import NetworkTypes
import Policy

/// Flows that were recorded, and which of them are meant.
struct FlowSource: ParsableArguments {
    /// Most bytes of one file.
    static let maximumBytes = 256 << 20

    @Flag(
        name: .customLong("from-collector"),
        help: "The flows that gateways reported to the collector (reports.flows in their agent.yaml)."
    )
    var isFromCollector = false

    @Option(help: "Only of gateways of this site; a * may stand at the end.")
    var site: String?

    @Option(name: .customLong("class"), help: "Only of devices of this class: ip-camera, sensor, …")
    var deviceClass: String?

    @Option(help: "Only of devices of this maker.")
    var vendor: String?

    /// The flows of files that are meant, in order.
    func read(_ files: [String]) throws -> [RecordedFlow] {
        var flows: [RecordedFlow] = []
        if isFromCollector { flows = try CollectorFlows.read(site: site) }
        for file in files {
            let bytes = try Files.read(file, limit: FlowSource.maximumBytes)
            do throws(FlowFileError) {
                flows += try RecordedFlow.read(bytes)
            } catch {
                throw ControlError(.badData, "\(file):\(error.line): \(error.message)")
            }
        }
        let wanted = vendor.map { ByteString(utf8: $0).lowercasedASCII }
        var wantedClass: DeviceClass?
        if let deviceClass {
            guard let known = DeviceClass(name: ByteString(utf8: deviceClass)) else {
                throw ValidationError("--class: \(deviceClass) is no class")
            }
            wantedClass = known
        }
        let chosen = flows.filter { flow in
            if let site, !TextPattern.matches(ByteString(utf8: site), flow.device.site) { return false }
            if let wantedClass, flow.device.deviceClass != wantedClass { return false }
            return wanted == nil || flow.device.vendor.lowercasedASCII == wanted
        }
        guard !chosen.isEmpty else {
            throw ControlError(
                .badData,
                flows.isEmpty
                    ? whyEmpty(files)
                    : "none of the \(flows.count) flows is of the devices that were asked for"
            )
        }
        return chosen
    }

    /// Files or `--from-collector`: one of both must be there.
    func check(_ files: [String], named name: String) throws {
        guard isFromCollector || !files.isEmpty else {
            throw ValidationError("give \(name), or --from-collector")
        }
    }

    private func whyEmpty(_ files: [String]) -> String {
        if isFromCollector, files.isEmpty {
            let place = site.map { " of site \($0)" } ?? ""
            return "no gateway\(place) has reported flows; reports: { flows: true } in its agent.yaml makes it do so, "
                + "gatehouse-agent flows -o json on it prints them"
        }
        return "\(files.joined(separator: ", ")): no flows; gatehouse-agent flows -o json on a gateway prints them"
    }
}

/// `policy learn`
struct PolicyLearnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn",
        abstract: "Propose a policy from the flows that gateways recorded.",
        discussion: """
            Takes what gatehouse-agent flows -o json prints, or what the collector was told. Writes an allowlist for each kind \
            of device that is known well enough, each rule with its reason; what was seen too short to be meant, and devices that are not known, stand in \
            comments. Read it, then: policy plan, sign, push.
            """
    )

    @Argument(help: "Files of flows, one or many; - for standard input.")
    var files: [String] = []

    @OptionGroup var source: FlowSource

    @Option(
        name: .customLong("for-at-least"),
        help: "What was seen for a shorter time is not allowed: 30m, 2h, 1d."
    )
    var leastTime = DurationArgument(milliseconds: 3_600_000)

    @Flag(help: "Also allow what was seen once, or for a moment.")
    var all = false

    @Option(
        name: .customLong("wildcard-names"),
        help: "So many names beside each other are put together to *.name; 0 for never."
    )
    var wildcardNames = 5

    @Option(
        name: .customLong("public-suffixes"),
        help: "The list of publicsuffix.org, above which no wildcard is made; by default that of Debian's package."
    )
    var suffixFile: String?

    @Flag(name: .customLong("by-model"), help: "An allowlist for each model, where that is known.")
    var isByModel = false

    @Flag(name: .customLong("monitor"), help: "Allowlists that only watch: nothing is dropped.")
    var isMonitoring = false

    @Option(name: [.customShort("o"), .customLong("output")], help: "The file to write; standard output by default.")
    var output: String?

    func validate() throws { try source.check(files, named: "files of flows") }

    func run() throws {
        guard wildcardNames == 0 || wildcardNames >= 2 else {
            throw ValidationError("--wildcard-names: one name is no reason for a wildcard; 2 or more, or 0")
        }
        let flows = try source.read(files)
        var settings = ProposalSettings()
        settings.leastSpanMilliseconds = all ? 0 : leastTime.milliseconds
        settings.wildcardNames = wildcardNames
        settings.isByModel = isByModel
        settings.mode = isMonitoring ? .monitor : .enforce
        if wildcardNames > 0 { settings.suffixes = try suffixes() }
        let proposal = PolicyProposal(flows, settings: settings)
        let yaml = Array(proposal.yaml.utf8)
        for device in proposal.unknown {
            Output.error("\(device.key): not known well enough what it is (\(device.description)); nothing is allowed")
        }
        guard !proposal.groups.isEmpty else {
            throw ControlError(
                .partly,
                "nothing to propose: no device is known well enough, or nothing was seen for long enough (--for-at-least, --all)"
            )
        }
        try check(yaml)
        if let output {
            try Files.write(yaml, to: output, mode: 0o644)
            let rules = proposal.groups.reduce(0) { $0 + $1.allowlist.allow.count }
            Output.line("\(output): \(proposal.groups.count) allowlists, \(rules) rules")
        } else {
            Output.line(String(decoding: yaml.dropLast(), as: UTF8.self))
        }
    }

    /// What is written must be what every other command reads, and what gateways take.
    private func check(_ yaml: [UInt8]) throws {
        var documents = PolicyDocuments()
        do throws(ConfigurationError) {
            try documents.add(yaml, file: ByteString(utf8: output ?? "the proposal"))
        } catch {
            throw ControlError(.failed, "\(error)")
        }
        let problems = PolicyValidator.validate(documents.bundle(generation: 1, issuedAtSeconds: 0))
        let errors = problems.filter { $0.severity == .error }
        guard errors.isEmpty else { throw ControlError(.badData, lines: errors.map { "\(documents.located($0))" }) }
    }

    private func suffixes() throws -> PublicSuffixes? {
        let path = suffixFile ?? PublicSuffixes.path
        guard suffixFile != nil || Files.exists(path) else {
            Output.error("no wildcards are proposed: \(path) is not there (apt-get install publicsuffix)")
            return nil
        }
        let list = PublicSuffixes(parsing: try Files.read(path, limit: PublicSuffixes.maximumBytes))
        guard !list.isEmpty else { throw ControlError(.badData, "\(path): holds no public suffix") }
        return list
    }
}

/// `policy plan`
struct PolicyPlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Replay recorded flows against a policy: which device would lose what.",
        discussion: """
            Exit code 0: nothing would be lost; 2: something would. Limits of rate and blocklists are not replayed. The devices \
            are judged as what they were held to be when the flows were listed.
            """
    )

    @OptionGroup var policy: PolicySource

    @Option(name: .customLong("flows"), parsing: .upToNextOption, help: "Files of flows; - for standard input.")
    var flowFiles: [String] = []

    @Option(parsing: .upToNextOption, help: "The policy that is in force: only what changes beside it is told.")
    var against: [String] = []

    @OptionGroup var source: FlowSource

    @OptionGroup var output: OutputOptions

    func validate() throws { try source.check(flowFiles, named: "--flows with files") }

    func run() throws {
        let bundle = try policy.read(generation: 1, issuedAtSeconds: 0)
        var old: PolicyBundle?
        if !against.isEmpty {
            var documents = PolicySource()
            documents.files = against
            documents.protect = policy.protect
            old = try documents.read(generation: 1, issuedAtSeconds: 0)
        }
        let plan = FlowPlan(try source.read(flowFiles), bundle: bundle, against: old)
        if output.format == .json {
            try Output.json(PlanListing(plan))
        } else {
            show(plan)
        }
        if !plan.losses.isEmpty { throw ExitCode(ExitStatus.partly.rawValue) }
    }

    private func show(_ plan: FlowPlan) {
        var table = Table("DEVICE", "WHAT", "DESTINATION", "SERVICE", "OUTCOME", "ALLOWLIST", "REASON", "SEEN")
        let lists = [("would lose", plan.losses), ("would be watched", plan.watched), ("would regain", plan.gains)]
        for (outcome, entries) in lists {
            for entry in entries {
                let item = PlanListing.Item(entry)
                table.add(
                    item.device,
                    [item.class, item.vendor ?? "", item.model ?? ""].filter { !$0.isEmpty }.joined(separator: " "),
                    item.destination,
                    item.service,
                    outcome,
                    item.allowlist,
                    item.reason ?? "-",
                    "\(item.count)"
                )
            }
        }
        table.show(otherwise: against.isEmpty ? "nothing would be lost" : "nothing would change")
        for key in plan.cutOff { Output.line("\(key) would be left with nothing but DNS, DHCP and discovery") }
        Output.line(
            "\(plan.flowCount) flows of \(plan.deviceCount) devices: \(plan.losses.count) would be lost, "
                + "\(plan.watched.count) watched" + (against.isEmpty ? "" : ", \(plan.gains.count) regained")
        )
    }
}

/// The JSON of `policy plan`.
struct PlanListing: Encodable {
    /// A flow with what becomes of it.
    struct Item: Encodable {
        let device: String
        let site: String?
        let `class`: String
        let vendor: String?
        let model: String?
        let direction: String
        let destination: String
        let address: String
        let service: String
        let count: UInt64
        let first: UInt64
        let last: UInt64
        let allowlist: String
        let reason: String?

        init(_ entry: FlowPlan.Entry) {
            let flow = entry.flow
            func text(_ value: ByteString) -> String? { value.isEmpty ? nil : value.text }
            device = flow.device.key.text
            site = text(flow.device.site)
            self.class = flow.device.deviceClass.name.text
            vendor = text(flow.device.vendor)
            model = text(flow.device.model)
            direction = flow.direction.name.description
            destination = flow.destination
            address = flow.address.byteString.text
            service = flow.service
            count = flow.count
            first = flow.firstMilliseconds
            last = flow.lastMilliseconds
            allowlist = entry.verdict.allowlist.text
            switch entry.verdict.outcome {
            case .lost(let why), .watched(let why): reason = why.rawValue
            case .allowed, .always: reason = nil
            }
        }
    }

    let flows: Int
    let devices: Int
    let lost: [Item]
    let watched: [Item]
    let regained: [Item]
    let cutOff: [String]

    init(_ plan: FlowPlan) {
        flows = plan.flowCount
        devices = plan.deviceCount
        lost = plan.losses.map { Item($0) }
        watched = plan.watched.map { Item($0) }
        regained = plan.gains.map { Item($0) }
        cutOff = plan.cutOff.map(\.text)
    }
}
