internal import CollectorAPI

/// What a gateway's page shows.
struct GatewayPage: Sendable {
    /// Most devices of the page.
    static let deviceLimit = 500
    /// Most events of the page.
    static let eventLimit = 25

    let title: String
    let version: String
    let chrome: ChromeView
    let id: String
    let name: String
    let site: String
    let state: BadgeView
    let notice: NoticeView?
    let facts: [FactView]
    let hasDevices: Bool
    let devices: [DeviceRow]
    let policyState: BadgeView
    let policyWords: String
    let policyDetail: String?
    let policyTone: String
    let hasHashes: Bool
    let hashes: [FactView]
    let policyTimes: [FactView]
    let scoreText: String
    let hasReasons: Bool
    let reasons: [ReasonView]
    let hasEvents: Bool
    let events: [EventView]

    /// One device.
    struct DeviceRow: Sendable {
        let key: String
        let href: String
        let name: String
        let kind: String
        let sureness: String
        let addresses: String
        let policy: String
        let quarantine: BadgeView?
        let blocked: UInt64?
        let posture: BarView
        let lastSeen: TimeView

        init(_ device: DeviceResource) {
            key = device.key
            href = ConsolePath.device(device.key, gateway: device.gateway)
            name = Words.deviceName(device)
            kind = Words.deviceClass(device.class)
            sureness =
                device.class == "unknown" ? "not known yet" : "\(Int((device.confidence.class * 100).rounded())) % sure"
            addresses = device.addresses.prefix(3).joined(separator: ", ") + (device.addresses.count > 3 ? ", …" : "")
            policy = device.policy ?? "none"
            quarantine = device.isQuarantined ? BadgeView(text: "Quarantine", tone: "bad") : nil
            blocked = device.droppedCount == 0 ? nil : device.droppedCount
            posture = BarView(score: device.score)
            lastSeen = TimeView(device.lastSeen)
        }
    }

    init(
        chrome: ChromeView,
        version: String,
        gateway: GatewayResource,
        devices all: [DeviceResource],
        events list: [EventResource]
    ) {
        self.chrome = chrome
        self.version = version
        title = gateway.name
        id = gateway.id
        name = gateway.name
        site = gateway.site.isEmpty ? "No site" : gateway.site
        state = Words.gatewayState(gateway.state)
        notice = GatewayPage.notice(gateway)
        facts = GatewayPage.facts(gateway)
        devices = all.sorted {
            ($0.isQuarantined ? 0 : 1, $0.score, $0.key) < ($1.isQuarantined ? 0 : 1, $1.score, $1.key)
        }
        .map(DeviceRow.init)
        hasDevices = !all.isEmpty
        let policy = gateway.policy
        policyState = Words.policyState(policy.state)
        policyWords = Words.policySentence(policy)
        policyDetail = policy.detail.map { detail in policy.reason.map { "\($0): \(detail)" } ?? detail }
        policyTone = policy.state == "refused" ? "bad" : "warn"
        hashes = [("Desired", policy.desiredHash), ("Applied", policy.appliedHash), ("Kernel", policy.kernelHash)]
            .filter { !$0.1.isEmpty }.map { FactView($0.0, $0.1) }
        hasHashes = !hashes.isEmpty
        policyTimes = GatewayPage.times(policy)
        scoreText = gateway.score.map { "\($0) of 100" } ?? "not counted"
        reasons = (gateway.deductions ?? []).map { ReasonView($0, showsGateways: false) }
        hasReasons = !reasons.isEmpty
        events = list.map { EventView($0) }
        hasEvents = !list.isEmpty
    }

    private static func notice(_ gateway: GatewayResource) -> NoticeView? {
        switch gateway.state {
        case "banned":
            return NoticeView(tone: "bad", text: "Banned.", detail: gateway.stateReason ?? "It may not connect.")
        case "held":
            return NoticeView(
                tone: "bad",
                text: "Held.",
                detail: gateway.stateReason ?? "Two hosts may have its identity; nothing is taken from it."
            )
        case "silent":
            return NoticeView(
                tone: "warn",
                text: "Silent.",
                detail: "Nothing was heard of it for 90 seconds. What it enforced stays enforced."
            )
        default: return nil
        }
    }

    private static func facts(_ gateway: GatewayResource) -> [FactView] {
        func text(_ value: String) -> String { value.isEmpty ? "–" : value }
        var facts = [
            FactView("Host", text(gateway.hostname)),
            FactView("Agent", text(gateway.agentVersion)),
            FactView("Architecture", text(gateway.architecture)),
            FactView("Kernel", text(gateway.kernelRelease)),
            FactView("Agent's memory", gateway.residentKiB == 0 ? "–" : mebibytes(gateway.residentKiB)),
            FactView("Knowledge", Words.knowledge(gateway.knowledgeVersion)),
            FactView("Blocklists", Words.blocklists(gateway.blocklistVersion)),
            FactView("Last heard of", gateway.lastSeen, otherwise: "never"),
            FactView("Enrolled", gateway.enrolled, otherwise: "–"),
            FactView("Certificate until", gateway.certificateExpires.map { String($0.description.prefix(10)) } ?? "–"),
        ]
        if !gateway.labels.isEmpty {
            let labels = gateway.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            facts.append(FactView("Labels", labels.joined(separator: ", ")))
        }
        return facts
    }

    private static func mebibytes(_ kibibytes: UInt64) -> String {
        "\(kibibytes / 1024).\(kibibytes % 1024 * 10 / 1024) MiB"
    }

    private static func times(_ policy: PolicyStatusResource) -> [FactView] {
        var times: [FactView] = []
        if let pushed = policy.pushed { times.append(FactView("Pushed", pushed, otherwise: "")) }
        if let checked = policy.checked { times.append(FactView("Kernel read back", checked, otherwise: "")) }
        if let milliseconds = policy.pushToProofMilliseconds {
            times.append(FactView("From receipt to proof:", "\(milliseconds) ms"))
        }
        return times
    }
}
