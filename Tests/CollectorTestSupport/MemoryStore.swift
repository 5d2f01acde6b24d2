import CollectorCore
import Storage
import Synchronization
import WireProtocol

/// A store in memory, into which a test puts what it wants: gateways in any state, devices with hostile names. What
/// agents write (`ingest` and the like) it does not do; the stores on disk have a suite of their own for that.
public final class MemoryStore: CollectorStore {
    struct State {
        var gateways: [GatewayKey: GatewayRecord] = [:]
        var devices: [GatewayKey: [String: DeviceRecord]] = [:]
        var events: [EventRecord] = []
        var policies: [String: PolicyRecord] = [:]
        var assignments: [PolicyAssignment] = []
        var tokens: [String: TokenRecord] = [:]
        var users: [String: UserRecord] = [:]
        var sessions: [[UInt8]: SessionRecord] = [:]
        var apiTokens: [String: APITokenRecord] = [:]
        var audit: [AuditRecord] = []
        var listeners: [AsyncStream<StoreChange>.Continuation] = []
        var isBroken = false
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

    /// Adds an event and gives it its identifier.
    public func add(_ event: EventRecord) {
        let id = state.withLock { state in
            var event = event
            event.id = UInt64(state.events.count + 1)
            state.events.append(event)
            return event.id
        }
        publish(.events(event.gateway, upTo: id))
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
        for listener in state.withLock({ $0.listeners }) { listener.finish() }
    }

    public func checkHealth() async throws(StoreError) {
        if state.withLock({ $0.isBroken }) { throw .failed("the disk is gone") }
    }

    @discardableResult
    public func appendAudit(_ entry: AuditEntry) async throws(StoreError) -> AuditRecord { audit(entry) }

    @discardableResult
    func audit(_ entry: AuditEntry) -> AuditRecord {
        state.withLock { state in
            let record = AuditRecord(
                sequence: UInt64(state.audit.count + 1),
                entry: entry,
                previousHash: [],
                hash: []
            )
            state.audit.append(record)
            return record
        }
    }

    public func auditRecords(tenant: String, before: UInt64?, limit: Int) async throws(StoreError) -> [AuditRecord] {
        state.withLock { state in
            Array(
                state.audit.reversed().filter { $0.entry.tenant == tenant && $0.sequence < before ?? .max }.prefix(
                    limit
                )
            )
        }
    }

    public func verifyAudit() async throws(StoreError) -> AuditVerification {
        AuditVerification(checkedCount: UInt64(auditLog.count), firstBroken: nil)
    }
}
