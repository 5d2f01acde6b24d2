import NetworkTypes
import Policy
public import WireProtocol

extension GatewayIngest {
    /// Keys of the flows that reports name: what has to be loaded.
    public static func flowKeys(of reports: [Report]) -> Set<DeviceFlowKey> {
        var keys: Set<DeviceFlowKey> = []
        for case .flows(let report) in reports.lazy.map(\.body) {
            for flow in report.flows { if let key = DeviceFlowKey(flow) { keys.insert(key) } }
        }
        return keys
    }

    mutating func take(_ report: FlowReport) {
        for flow in report.flows {
            guard let key = DeviceFlowKey(flow), device(key.device) != nil else {
                withGateway { $0.refusedCount += 1 }
                continue
            }
            keep(DeviceFlowRecord(flow, key: key, after: self.flow(key), receivedMilliseconds: receivedMilliseconds))
        }
    }
}

extension DeviceFlowKey {
    /// nil for a name that no policy could have, and that would so spoil a listing for `policy learn`.
    init?(_ flow: FlowReport.Flow) {
        let destination: ByteString
        switch flow.direction {
        case .gateway: destination = "gateway"
        case .device, .internet:
            destination = flow.name.isEmpty ? flow.address.byteString : flow.name
            if !flow.name.isEmpty {
                guard let pattern = NamePattern(flow.name), !pattern.isWildcard, IPAddress(flow.name) == nil else {
                    return nil
                }
            }
        }
        self.init(
            device: DeviceKey(flow.device).byteString.text,
            direction: flow.direction,
            destination: destination.text,
            transport: flow.transport,
            port: flow.port
        )
    }
}

extension DeviceFlowRecord {
    /// A flow as reported now. A gateway counts from its own beginning, and says when that was: what is reported again
    /// counts once, and what it had forgotten is added to.
    init(
        _ flow: FlowReport.Flow,
        key: DeviceFlowKey,
        after known: DeviceFlowRecord?,
        receivedMilliseconds: UInt64
    ) {
        // A clock that is ahead must not keep the flow for ever.
        let last = min(flow.lastMilliseconds, receivedMilliseconds)
        let first = min(flow.firstMilliseconds, last)
        let count = UInt64(0).addingClamped(flow.count)
        self.init(
            key: key,
            address: flow.address.description,
            count: count,
            firstMilliseconds: first,
            lastMilliseconds: last,
            countedSinceMilliseconds: first,
            earlierCount: 0
        )
        guard let known else { return }
        // A first time that moved back is a clock that was put right, not another count.
        let isSameCount = first <= known.countedSinceMilliseconds
        earlierCount = isSameCount ? known.earlierCount : known.count
        self.count = earlierCount.addingClamped(count)
        // An older state of the gateway's disk.
        if isSameCount { self.count = max(self.count, known.count) }
        firstMilliseconds = min(first, known.firstMilliseconds)
        lastMilliseconds = max(last, known.lastMilliseconds)
    }
}
