internal import CollectorAPI
internal import CollectorCore

/// What the fleet's page shows.
struct FleetPage: Sendable {
    /// Most gateways of the page.
    static let gatewayLimit = 500
    /// Most incidents of the page.
    static let incidentLimit = 12

    let title = "Fleet"
    let version: String
    let chrome: ChromeView
    let summary: String
    let score: Int?
    let scoreNote: String
    let ringTone: String
    let ringDash: Int
    let provedRing: RingView
    let provedPercent: Int
    let provedNote: String
    let connected: Int
    let gatewayCount: Int
    let gatewayNote: String
    let deviceCount: Int
    let deviceNote: String
    let incidentCount: Int
    let incidentNote: String
    let hasGateways: Bool
    let gateways: [GatewayRow]
    let isCut: Bool
    let gatewayLimit = FleetPage.gatewayLimit
    let hasEvents: Bool
    let events: [EventView]
    let hasReasons: Bool
    let reasons: [ReasonView]

    /// A ring beside the one of the page itself.
    struct RingView: Sendable {
        let ringTone: String
        let ringDash: Int
    }

    /// One gateway.
    struct GatewayRow: Sendable {
        let id: String
        let href: String
        let name: String
        let site: String
        let state: BadgeView
        let devices: Int
        let quarantined: Int?
        let policy: BadgeView
        let generation: UInt64?
        let posture: BarView?
        let lastSeen: TimeView?

        init(_ gateway: GatewayResource) {
            id = gateway.id
            href = ConsolePath.gateway(gateway.id)
            name = gateway.name
            site = gateway.site
            state = Words.gatewayState(gateway.state)
            devices = gateway.deviceCount
            quarantined = gateway.quarantinedCount == 0 ? nil : gateway.quarantinedCount
            policy = Words.policyState(gateway.policy.state)
            generation = gateway.policy.generation == 0 ? nil : gateway.policy.generation
            posture = gateway.score.map(BarView.init(score:))
            lastSeen = gateway.lastSeen.map(TimeView.init)
        }
    }

    /// Length of a ring's full circle, as its `stroke-dasharray` counts it.
    private static let circle = 264

    init(
        chrome: ChromeView,
        version: String,
        posture: PostureResource,
        gateways all: [GatewayResource],
        incidents: [EventResource]
    ) {
        self.chrome = chrome
        self.version = version
        score = posture.score
        let tone = posture.score.map(Tone.ofScore) ?? ""
        ringTone = tone
        ringDash = (posture.score ?? 0) * FleetPage.circle / 100
        scoreNote =
            posture.score == nil
            ? "No gateway yet" : tone == "good" ? "Good" : tone == "warn" ? "Needs attention" : "Bad"
        provedPercent = Int((posture.provedShare * 100).rounded(.down))
        let counted = all.count { $0.state != "banned" }
        provedRing = RingView(
            ringTone: counted == 0 ? "" : posture.provedGateways == counted ? "good" : "warn",
            ringDash: Int(posture.provedShare * Double(FleetPage.circle))
        )
        provedNote = "\(posture.provedGateways) of \(Words.plural(counted, "gateway", "gateways"))"
        connected = posture.connectedGateways
        gatewayCount = posture.gateways
        let sites = Set(all.map(\.site)).count
        gatewayNote = "at \(Words.plural(sites, "site", "sites"))"
        deviceCount = posture.devices
        deviceNote =
            "\(posture.identifiedDevices) identified"
            + (posture.quarantinedDevices == 0 ? "" : ", \(posture.quarantinedDevices) in quarantine")
        incidentCount = posture.recentIncidents
        incidentNote = posture.recentIncidents == 0 ? "All quiet" : "Incidents and quarantines"
        summary =
            "\(Words.plural(posture.gateways, "gateway", "gateways")) guarding \(Words.plural(posture.devices, "device", "devices"))"
        let order = ["held": 0, "silent": 1, "disconnected": 2, "connected": 3, "never-connected": 4, "banned": 5]
        let sorted = all.sorted {
            (order[$0.state] ?? 6, $0.score ?? 101, $0.name, $0.id) < (
                order[$1.state] ?? 6, $1.score ?? 101, $1.name, $1.id
            )
        }
        gateways = sorted.prefix(FleetPage.gatewayLimit).map(GatewayRow.init)
        hasGateways = !all.isEmpty
        isCut = all.count > FleetPage.gatewayLimit
        let names = Dictionary(all.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        events = incidents.map { EventView($0, gatewayNames: names) }
        hasEvents = !incidents.isEmpty
        reasons = posture.deductions.prefix(6).map { ReasonView($0, showsGateways: true) }
        hasReasons = !posture.deductions.isEmpty
    }
}
