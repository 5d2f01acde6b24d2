import CollectorCore
import Storage
import Synchronization

extension MemoryStore {
    public func flows(_ query: FlowQuery) async throws(StoreError) -> [DeviceFlowRecord] {
        try checkOpen()
        return state.withLock { state in
            (state.flows[query.gateway] ?? [:]).values.filter { flow in
                (query.device == nil || flow.key.device == query.device) && (query.after.map { flow.key > $0 } ?? true)
            }
            .sorted { $0.key < $1.key }.prefix(MemoryStore.pageSize(query.limit)).map { $0 }
        }
    }

    public func forgetFlows(beforeMilliseconds: UInt64) async throws(StoreError) -> Int {
        try checkOpen()
        return state.withLock { state in
            var count = 0
            for (key, flows) in state.flows {
                let kept = flows.filter { $0.value.lastMilliseconds >= beforeMilliseconds }
                count += flows.count - kept.count
                state.flows[key] = kept
            }
            return count
        }
    }
}
