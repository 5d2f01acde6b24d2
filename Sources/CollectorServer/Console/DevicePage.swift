internal import CollectorAPI

/// What a device's page shows.
struct DevicePage: Sendable {
    /// Most blocked attempts of the page.
    static let violationLimit = 50
    /// Most events of the page.
    static let eventLimit = 15
    /// Most flows of the page.
    static let flowLimit = 100

    let title: String
    let version: String
    let chrome: ChromeView
    let formToken: String
    let gatewayHref: String
    let gatewayName: String
    let key: String
    let name: String
    let kindBadge: BadgeView
    let quarantine: String?
    let mayRelease: Bool
    let releaseHref: String
    let flash: NoticeView?
    let facts: [FactView]
    let identity: [IdentityView]
    let hasEvidence: Bool
    let evidence: [EvidenceView]
    let hasBanners: Bool
    let banners: [BannerView]
    let bannerNote: String
    let hasContradictions: Bool
    let contradictions: [EvidenceView]
    let hasHistory: Bool
    let history: [ChangeView]
    let hasViolations: Bool
    let violations: [ViolationView]
    let violationNote: String
    let hasFlows: Bool
    let flows: [FlowView]
    let flowNote: String
    let scoreText: String
    let hasReasons: Bool
    let reasons: [ReasonView]
    let hasEvents: Bool
    let events: [EventView]

    /// One part of the identity.
    struct IdentityView: Sendable {
        let label: String
        let value: String
        let bar: BarView?

        init(_ label: String, _ value: String?, _ share: Double?) {
            self.label = label
            self.value = value ?? "not known"
            bar = value == nil ? nil : share.map(BarView.init(share:))
        }

        static func all(of device: DeviceResource) -> [IdentityView] {
            [
                IdentityView(
                    "Class",
                    device.class == "unknown" ? nil : Words.deviceClass(device.class),
                    device.confidence.class
                ),
                IdentityView("Vendor", device.vendor, device.confidence.vendor),
                IdentityView("Model", device.model, device.confidence.model),
                IdentityView("Firmware", device.firmware, nil),
                IdentityView("System", device.os, nil),
            ]
        }
    }

    /// One piece of evidence.
    struct EvidenceView: Sendable {
        let signal: String
        let value: String
        let says: String
        let width: Int
        let tone = ""
        let weight: String

        init(_ evidence: DeviceResource.Evidence) {
            signal = evidence.signal
            value = evidence.value
            let order = ["class", "vendor", "model", "firmware", "os"]
            let words = evidence.says.sorted { first, second in
                (order.firstIndex(of: first.key) ?? 9, first.key) < (order.firstIndex(of: second.key) ?? 9, second.key)
            }
            .map { $0.key == "class" ? Words.deviceClass($0.value) : "\($0.key) \($0.value)" }.joined(separator: ", ")
            says = words.isEmpty ? "No rule knows it" : words
            let bar = BarView(share: evidence.weight)
            width = bar.width
            weight = bar.text
        }
    }

    /// What it was held to be before.
    struct ChangeView: Sendable {
        let before: String
        let after: String
        let signal: String
        let value: String
        let time: TimeView

        init(_ change: DeviceResource.Change) {
            before = Words.names(change.before)
            after = Words.names(change.after)
            let isKnowledge = change.evidence.signal == "knowledge"
            signal = isKnowledge ? "other rules" : change.evidence.signal
            value = isKnowledge ? "" : change.evidence.value
            time = TimeView(change.time)
        }
    }

    /// What a fingerprint says of a banner.
    struct BannerView: Sendable {
        let signal: String
        let banner: String
        let says: [StatementView]
        let fingerprint: String
        let source: String

        /// What is said of one thing.
        struct StatementView: Sendable {
            let text: String
            let cpe: String?
        }

        init(_ resource: BannerResource) {
            signal = resource.signal
            banner = resource.banner
            says = resource.says.map { StatementView(text: Words.statement($0), cpe: $0.cpe) }
            fingerprint = resource.fingerprint
            source = resource.source
        }
    }

    /// One blocked attempt.
    struct ViolationView: Sendable {
        let key: String
        let destination: String
        let address: String?
        let port: String
        let why: String
        let policy: String
        let outcome: BadgeView
        let count: UInt64
        let time: TimeView

        init?(_ event: EventResource) {
            guard let violation = event.violation else { return nil }
            key = "violation-\(event.id)"
            destination = violation.destinationName ?? violation.destination
            address = violation.destinationName == nil ? nil : violation.destination
            port =
                violation.transport.hasPrefix("icmp")
                ? "\(violation.transport) type \(violation.port)" : "\(violation.port)/\(violation.transport)"
            why = Words.reason(violation.reason, policy: violation.policy)
            policy = violation.policy
            outcome =
                violation.wasDropped
                ? BadgeView(text: "Blocked", tone: "bad") : BadgeView(text: "Seen only", tone: "warn")
            count = violation.count
            time = TimeView(event.time)
        }
    }

    init(
        chrome: ChromeView,
        version: String,
        device: DeviceResource,
        gatewayName: String,
        mayRelease: Bool,
        flash: NoticeView?,
        events list: [EventResource],
        flows: FlowSection
    ) {
        self.chrome = chrome
        self.version = version
        self.gatewayName = gatewayName
        self.mayRelease = mayRelease
        self.flash = flash
        formToken = chrome.formToken
        gatewayHref = ConsolePath.gateway(device.gateway)
        releaseHref = ConsolePath.release(device.key, gateway: device.gateway)
        key = device.key
        name = Words.deviceName(device)
        title = name
        kindBadge = BadgeView(
            text: Words.deviceClass(device.class),
            tone: device.class == "unknown" ? "warn" : "info"
        )
        quarantine = device.isQuarantined ? Words.quarantineReason(device.quarantineReason) : nil
        var facts = [
            FactView("Addresses", device.addresses.isEmpty ? "–" : device.addresses.joined(separator: ", ")),
            FactView("Calls itself", device.hostname ?? "–"),
            FactView("Interface", device.interface.isEmpty ? "local bus" : device.interface),
            FactView("Allowlist", device.policy ?? "none"),
            FactView("First seen", device.firstSeen, otherwise: "–"),
            FactView("Last seen", device.lastSeen, otherwise: "–"),
        ]
        if let url = device.mudURL {
            facts.append(FactView("Maker's MUD URL", "\(url) (a proposal: gatehousectl policy import-mud)"))
        }
        self.facts = facts
        identity = IdentityView.all(of: device)
        evidence = (device.evidence ?? []).map(EvidenceView.init)
        hasEvidence = !evidence.isEmpty
        banners = (device.banners ?? []).map(BannerView.init)
        hasBanners = !banners.isEmpty
        bannerNote =
            device.banners == nil
            ? "Not looked up: this collector has no fingerprints of Recog's." : "None that Recog's fingerprints know."
        contradictions = (device.contradictions ?? []).map(EvidenceView.init)
        history = (device.history ?? []).map(ChangeView.init)
        hasHistory = !history.isEmpty
        hasContradictions = !contradictions.isEmpty
        violations = (device.violations ?? []).compactMap(ViolationView.init)
        hasViolations = !violations.isEmpty
        violationNote =
            "\(device.droppedCount) packets blocked"
            + (device.wouldDropCount == 0 ? "" : ", \(device.wouldDropCount) seen in monitor mode")
        self.flows = flows.views
        hasFlows = !flows.views.isEmpty
        flowNote = flows.note
        scoreText = "\(device.score) of 100"
        reasons = (device.deductions ?? []).map { ReasonView($0, showsGateways: false) }
        hasReasons = !reasons.isEmpty
        events = list.map { EventView($0, showsDevice: false) }
        hasEvents = !list.isEmpty
    }
}
