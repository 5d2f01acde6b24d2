import CollectorCore
import NetworkTypes
import Policy
import Storage
import Synchronization
import WireProtocol

/// A store in memory, into which a test puts what it wants: gateways in any state, devices with hostile names. It passes
/// the conformance suite of `StorageTests` like the stores on disk.
public final class MemoryStore: CollectorStore {
    struct State {
        var gateways: [GatewayKey: GatewayRecord] = [:]
        var devices: [GatewayKey: [String: DeviceRecord]] = [:]
        var events: [EventRecord] = []
        var flows: [GatewayKey: [DeviceFlowKey: DeviceFlowRecord]] = [:]
        var policies: [String: PolicyRecord] = [:]
        var files: [FileKind: [String: [SignedFileRecord]]] = [:]
        var assignments: [PolicyAssignment] = []
        var tokens: [String: TokenRecord] = [:]
        var users: [String: UserRecord] = [:]
        var sessions: [[UInt8]: SessionRecord] = [:]
        var apiTokens: [String: APITokenRecord] = [:]
        var audit: [AuditRecord] = []
        var violations: [GatewayKey: [ViolationHour: ViolationCount]] = [:]
        var ownEvents: [GatewayKey: UInt64] = [:]
        var listeners: [AsyncStream<StoreChange>.Continuation] = []
        var isBroken = false
        var isClosed = false
    }

    let state = Mutex(State())

    /// An empty store.
    public init() {}

    // MARK: What tests put in and look at

    /// Puts a gateway in, in place of one of its key.
    public func put(_ gateway: GatewayRecord) {
        state.withLock { $0.gateways[gateway.key] = gateway }
        publish(.gateway(gateway.key))
    }

    /// Puts a device in, in place of one of its key.
    public func put(_ device: DeviceRecord) {
        state.withLock { $0.devices[device.gateway, default: [:]][device.key] = device }
        publish(.device(device.gateway, device: device.key))
    }

    /// Puts a flow in, in place of one of its key.
    public func put(_ flow: DeviceFlowRecord, of gateway: GatewayKey) {
        state.withLock { $0.flows[gateway, default: [:]][flow.key] = flow }
        publish(.device(gateway, device: flow.key.device))
    }

    /// Adds an event and gives it its identifier.
    public func add(_ event: EventRecord) {
        let id = state.withLock { MemoryStore.append(event, &$0) }
        publish(.events(event.gateway, upTo: id))
    }

    @discardableResult
    static func append(_ event: EventRecord, _ state: inout State) -> UInt64 {
        var event = event
        event.id = UInt64(state.events.count + 1)
        state.events.append(event)
        return event.id
    }

    /// Adds an event of the collector's own.
    static func appendOwn(
        _ kind: EventKind,
        of key: GatewayKey,
        _ severity: Report.Severity,
        at now: UInt64,
        _ summary: String,
        _ state: inout State,
        fields: [EventField] = []
    ) {
        state.ownEvents[key, default: 0] += 1
        append(
            EventRecord(
                gateway: key,
                bootEpoch: 0,
                sequence: state.ownEvents[key] ?? 0,
                kind: kind,
                severity: severity,
                timeMilliseconds: now,
                receivedMilliseconds: now,
                summary: summary,
                fields: fields
            ),
            &state
        )
    }

    static func pageSize(_ limit: Int) -> Int { min(max(limit, 0), StoreLimits.maximumPageSize) }

    func checkOpen() throws(StoreError) {
        if state.withLock({ $0.isClosed }) { throw .closed }
    }

    /// Puts a person in.
    public func put(_ user: UserRecord) { state.withLock { $0.users[user.name] = user } }

    /// Puts an assignment in.
    public func add(_ assignment: PolicyAssignment) { state.withLock { $0.assignments.append(assignment) } }

    /// Everything in the audit log.
    public var auditLog: [AuditEntry] { state.withLock { $0.audit.map(\.entry) } }

    /// Whether the health check fails.
    public func setBroken(_ isBroken: Bool) { state.withLock { $0.isBroken = isBroken } }

    /// Tells those who listen of a change.
    public func publish(_ change: StoreChange) {
        for listener in state.withLock({ $0.listeners }) { listener.yield(change) }
    }

    // MARK: CollectorStore

    public func changes() -> AsyncStream<StoreChange> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: StoreChange.self,
            bufferingPolicy: .bufferingNewest(1024)
        )
        state.withLock { $0.listeners.append(continuation) }
        return stream
    }

    public func close() async {
        state.withLock { $0.isClosed = true }
        for listener in state.withLock({ $0.listeners }) { listener.finish() }
    }

    public func checkHealth() async throws(StoreError) {
        try checkOpen()
        if state.withLock({ $0.isBroken }) { throw .failed("the disk is gone") }
    }

    @discardableResult
    public func appendAudit(_ entry: AuditEntry) async throws(StoreError) -> AuditRecord {
        try checkOpen()
        return state.withLock { MemoryStore.append(entry, &$0) }
    }

    @discardableResult
    static func append(_ entry: AuditEntry, _ state: inout State) -> AuditRecord {
        let sequence = UInt64(state.audit.count + 1)
        let previous = state.audit.last?.hash ?? [UInt8](repeating: 0, count: 32)
        let message = AuditRecord.message(sequence: sequence, entry: entry, previousHash: previous)
        let record = AuditRecord(
            sequence: sequence,
            entry: entry,
            previousHash: previous,
            hash: SHA256.hash(message)
        )
        state.audit.append(record)
        return record
    }

    public func auditRecords(tenant: String, before: UInt64?, limit: Int) async throws(StoreError) -> [AuditRecord] {
        try checkOpen()
        return state.withLock { state in
            Array(
                state.audit.reversed().filter { $0.entry.tenant == tenant && $0.sequence < before ?? .max }
                    .prefix(MemoryStore.pageSize(limit))
            )
        }
    }

    public func verifyAudit() async throws(StoreError) -> AuditVerification {
        try checkOpen()
        return AuditVerification(checkedCount: UInt64(auditLog.count), firstBroken: nil)
    }
}
