internal import CollectorAPI

/// The part of a device's page that shows where its connections led, or why nothing of it is known.
struct FlowSection: Sendable {
    /// What who may not read it is told.
    static let notAllowed = "Shown to operators and signers."

    let views: [FlowView]
    let note: String

    /// Without flows.
    init(note: String) {
        views = []
        self.note = note
    }

    /// What the gateway reported of a device; whether it reports such at all.
    init(_ flows: [FlowResource], isReported: Bool) {
        views = flows.map(FlowView.init)
        switch (flows.isEmpty, isReported) {
        case (true, true): note = "None seen yet."
        case (true, false): note = "Not reported by this gateway."
        case (false, true): note = flows.count == DevicePage.flowLimit ? "The first \(flows.count)" : ""
        case (false, false): note = "Not reported any more by this gateway."
        }
    }
}

/// One row of it.
struct FlowView: Sendable {
    let key: String
    let destination: String
    let address: String?
    let port: String
    let count: UInt64
    let first: TimeView
    let last: TimeView

    init(_ flow: FlowResource) {
        key = "flow-\(flow.direction)-\(flow.destination)-\(flow.transport)-\(flow.port)"
        destination = flow.direction == "gateway" ? "the gateway" : flow.destination
        address = flow.destination == flow.address || flow.direction == "gateway" ? nil : flow.address
        port = ["tcp", "udp"].contains(flow.transport) ? "\(flow.port)/\(flow.transport)" : flow.transport
        count = flow.count
        first = TimeView(Timestamp(milliseconds: flow.first))
        last = TimeView(Timestamp(milliseconds: flow.last))
    }
}
