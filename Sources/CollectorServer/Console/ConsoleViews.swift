internal import CollectorAPI

/// What every page of somebody who is signed in shows around its content.
struct ChromeView: Sendable {
    let user: String
    let role: String
    let formToken: String
    let isFleet: Bool
}

/// A word with a colour; the word alone says it all.
struct BadgeView: Sendable {
    let text: String
    /// `good`, `warn`, `bad`, `info` or empty.
    let tone: String
}

/// A moment.
struct TimeView: Sendable {
    let iso: String
    let text: String

    init(_ time: Timestamp) {
        iso = time.description
        text = String(time.description.prefix(19)).replacing("T", with: " ")
    }
}

/// A share of a whole as a bar with its figure.
struct BarView: Sendable {
    /// 0...100
    let width: Int
    let tone: String
    let text: String

    /// A score of 100.
    init(score: Int) {
        width = max(0, min(score, 100))
        tone = Tone.ofScore(score)
        text = String(score)
    }

    /// A confidence or weight of 1.
    init(share: Double) {
        width = Int((max(0, min(share, 1)) * 100).rounded())
        tone = ""
        text = "\(width) %"
    }
}

/// A link.
struct LinkView: Sendable {
    let href: String
    let text: String
}

/// A label with a text or a moment.
struct FactView: Sendable {
    let label: String
    let value: String
    let time: TimeView?

    init(_ label: String, _ value: String) {
        self.label = label
        self.value = value
        time = nil
    }

    init(_ label: String, _ time: Timestamp?, otherwise value: String) {
        self.label = label
        self.value = time == nil ? value : ""
        self.time = time.map(TimeView.init)
    }
}

/// Points that a score lost.
struct ReasonView: Sendable {
    let points: Int
    let text: String
    let note: String?

    init(_ deduction: PostureResource.Deduction, showsGateways: Bool) {
        points = deduction.points
        text = deduction.reason.prefix(1).uppercased() + deduction.reason.dropFirst()
        note =
            showsGateways ? "(\(deduction.gateways) gateway\(deduction.gateways == 1 ? "" : "s"), mean points)" : nil
    }
}

/// A notice atop a page.
struct NoticeView: Sendable {
    let tone: String
    let text: String
    let detail: String
}

/// One line of a feed.
struct EventView: Sendable {
    let key: String
    let severity: BadgeView
    let kind: String
    let time: TimeView
    let gateway: LinkView?
    let device: LinkView?
    let summary: String

    init(_ event: EventResource, gatewayNames: [String: String]? = nil, showsDevice: Bool = true) {
        key = "event-\(event.id)"
        severity = Words.severity(event.severity)
        kind = Words.kind(event.kind)
        time = TimeView(event.time)
        gateway = gatewayNames.map {
            LinkView(href: ConsolePath.gateway(event.gateway), text: $0[event.gateway] ?? event.gateway)
        }
        device =
            showsDevice
            ? event.device.map { LinkView(href: ConsolePath.device($0, gateway: event.gateway), text: $0) } : nil
        summary = event.summary
    }
}

/// Colours of figures.
enum Tone {
    static func ofScore(_ score: Int) -> String {
        switch score {
        case 80...: return "good"
        case 50..<80: return "warn"
        default: return "bad"
        }
    }
}
