public import NetworkTypes
public import Policy

/// Recorded flows replayed against a policy: which device would lose what.
public struct FlowPlan: Sendable {
    /// A flow with what becomes of it.
    public struct Entry: Hashable, Sendable {
        /// What was seen.
        public let flow: RecordedFlow
        /// Under the policy.
        public let verdict: FlowVerdict
        /// Under the policy it is compared with; nil where there is none.
        public let before: FlowVerdict?
    }

    /// What would be lost; beside another policy, what that does not lose already. By device, then destination.
    public private(set) var losses: [Entry] = []
    /// What is refused, but by an allowlist that only watches.
    public private(set) var watched: [Entry] = []
    /// What would be regained beside the other policy.
    public private(set) var gains: [Entry] = []
    /// Devices of whose flows nothing but what is always allowed would be left, and there was more.
    public private(set) var cutOff: [ByteString] = []
    /// Flows replayed.
    public let flowCount: Int
    /// Devices whose flows were replayed.
    public let deviceCount: Int

    /// Replays `flows` against `bundle`, and where `old` is given tells the differences only.
    public init(_ flows: [RecordedFlow], bundle: PolicyBundle, against old: PolicyBundle? = nil) {
        var left: [ByteString: Bool] = [:]
        var leftBefore: [ByteString: Bool] = [:]
        for flow in flows {
            let entry = Entry(flow: flow, verdict: bundle.verdict(on: flow), before: old?.verdict(on: flow))
            FlowPlan.tally(entry.verdict, flow, &left)
            if let before = entry.before { FlowPlan.tally(before, flow, &leftBefore) }
            if entry.verdict.loss != nil {
                if entry.before?.loss == nil { losses.append(entry) }
                continue
            }
            if entry.before?.loss != nil { gains.append(entry) }
            if case .watched = entry.verdict.outcome {
                if case .watched? = entry.before?.outcome { continue }
                watched.append(entry)
            }
        }
        flowCount = flows.count
        deviceCount = Set(flows.map(\.device.key)).count
        cutOff = left.filter { !$0.value && leftBefore[$0.key] != false }.map(\.key).sorted()
        losses.sort(by: FlowPlan.isBefore)
        watched.sort(by: FlowPlan.isBefore)
        gains.sort(by: FlowPlan.isBefore)
    }

    private static func tally(_ verdict: FlowVerdict, _ flow: RecordedFlow, _ left: inout [ByteString: Bool]) {
        if case .always = verdict.outcome { return }
        left[flow.device.key, default: false] = left[flow.device.key, default: false] || verdict.loss == nil
    }

    private static func isBefore(_ left: Entry, _ right: Entry) -> Bool {
        let (one, other) = (left.flow, right.flow)
        if one.device.key != other.device.key { return one.device.key < other.device.key }
        if one.destination != other.destination { return one.destination < other.destination }
        return (one.transport.rawValue, one.port) < (other.transport.rawValue, other.port)
    }
}
