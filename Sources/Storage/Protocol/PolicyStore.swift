public import CollectorCore

/// Signed policies and their way through the fleet.
public protocol PolicyStore: Sendable {
    /// Keeps a signed policy. Handing in the same envelope again changes nothing.
    func storePolicy(_ policy: PolicyRecord, audit: AuditEntry) async throws(StoreError)

    /// Policies, highest generation first, without their envelopes.
    func policies(tenant: String, limit: Int) async throws(StoreError) -> [PolicyRecord]

    /// One policy with its envelope; nil where there is none.
    func policy(_ hash: String, tenant: String) async throws(StoreError) -> PolicyRecord?

    /// Makes a policy the target of gateways. Where `gateways` is nil: of all it is meant for that are not banned.
    ///
    /// A gateway that it is not meant for, or that has a target of the same or a higher generation, is left alone;
    /// the outcome says why.
    func assignPolicy(
        _ hash: String,
        tenant: String,
        gateways: [String]?,
        nowMilliseconds: UInt64,
        audit: AuditEntry
    ) async throws(StoreError) -> AssignmentOutcome

    /// A policy was written to a gateway's live connection.
    func recordPush(
        of hash: String,
        to gateway: GatewayKey,
        nowMilliseconds: UInt64
    ) async throws(StoreError)

    /// How far a policy has come on one gateway; nil where it was never assigned to it.
    func assignment(of hash: String, to gateway: GatewayKey) async throws(StoreError) -> PolicyAssignment?

    /// How far a policy has come, by gateway.
    func assignments(policy hash: String, tenant: String) async throws(StoreError) -> [PolicyAssignment]

    /// What was assigned to a gateway, newest first.
    func assignments(of gateway: GatewayKey, limit: Int) async throws(StoreError) -> [PolicyAssignment]
}

/// What became of an assignment.
public struct AssignmentOutcome: Hashable, Sendable {
    /// Gateways that have it as their target now.
    public var assigned: [GatewayKey] = []
    /// Gateways that were left alone, and why, for people.
    public var skipped: [String: String] = [:]

    /// Nothing assigned.
    public init() {}
}
