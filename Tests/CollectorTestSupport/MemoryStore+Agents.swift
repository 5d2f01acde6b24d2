import CollectorCore
import Storage
import Synchronization
import WireProtocol

// What agents write: decided by the same pure code as on disk.
extension MemoryStore {
    public func recordConnection(_ connection: ConnectionRecord) async throws(StoreError) -> GatewayRecord {
        let key = connection.gateway
        let now = connection.nowMilliseconds
        try change(key, nil) { record, state in
            record.agent = connection.agent
            record.connectedSinceMilliseconds = now
            record.lastSeenMilliseconds = max(record.lastSeenMilliseconds, now)
            record.isSilent = false
            record.policy.generation = connection.generation
            record.policy.hash = connection.policyHash
            MemoryStore.appendOwn(.connection, of: key, .informational, at: now, "Connected", &state)
        }
        guard let record = state.withLock({ $0.gateways[key] }) else { throw .notFound("gateway \(key.gateway)") }
        return record
    }

    public func recordDisconnection(
        of gateway: GatewayKey,
        instance: String,
        reason: String,
        nowMilliseconds: UInt64
    ) async throws(StoreError) {
        try change(gateway, nil) { record, state in
            guard record.agent.instance == instance, record.connectedSinceMilliseconds != nil else { return }
            record.connectedSinceMilliseconds = nil
            record.lastSeenMilliseconds = max(record.lastSeenMilliseconds, nowMilliseconds)
            let words = "Disconnected: \(reason)"
            MemoryStore.appendOwn(.connection, of: gateway, .informational, at: nowMilliseconds, words, &state)
        }
    }

    public func ingest(_ submission: IngestSubmission) async throws(StoreError) -> IngestOutcome {
        try checkOpen()
        let key = submission.gateway
        let outcome: IngestOutcome? = state.withLock { state in
            guard let gateway = state.gateways[key] else { return nil }
            let devices = state.devices[key] ?? [:]
            let named = GatewayIngest.deviceKeys(of: submission.reports)
            let flows = state.flows[key] ?? [:]
            var ingest = GatewayIngest(
                gateway: gateway,
                devices: devices.filter { named.contains($0.key) },
                deviceCount: UInt64(devices.count),
                flows: flows,
                flowCount: UInt64(flows.count),
                receivedMilliseconds: submission.receivedMilliseconds
            )
            for report in submission.reports { ingest.take(report) }
            let excessFlows = ingest.takeExcessFlows()
            state.gateways[key] = ingest.gateway
            state.devices[key] = devices.merging(ingest.changedDevices) { $1 }
            let merged = flows.merging(ingest.changedFlows) { $1 }.values
            let kept = merged.sorted { $0.lastMilliseconds < $1.lastMilliseconds }.dropFirst(Int(excessFlows))
            state.flows[key] = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0) })
            state.violations[key] = (state.violations[key] ?? [:]).merging(ingest.violations) { before, more in
                var sum = before
                sum.dropped += more.dropped
                sum.wouldDrop += more.wouldDrop
                return sum
            }
            for step in ingest.progress { MemoryStore.advance(step, key, submission.receivedMilliseconds, &state) }
            for event in ingest.events { MemoryStore.append(event, &state) }
            return ingest.outcome
        }
        guard let outcome else { throw .notFound("gateway \(key.gateway)") }
        publish(.gateway(key))
        return outcome
    }

    private static func advance(_ step: PolicyProgress, _ key: GatewayKey, _ now: UInt64, _ state: inout State) {
        guard let index = state.assignments.firstIndex(where: { $0.gateway == key && $0.policyHash == step.policyHash })
        else { return }
        var assignment = state.assignments[index]
        (assignment.state, assignment.reason, assignment.detail) = (step.state, step.reason, step.detail)
        if step.state != .refused, assignment.appliedMilliseconds == 0 { assignment.appliedMilliseconds = now }
        if step.state == .proved, assignment.provedMilliseconds == 0 { assignment.provedMilliseconds = now }
        if assignment.pushToProofMilliseconds == 0 {
            assignment.pushToProofMilliseconds = step.pushToProofMilliseconds
        }
        state.assignments[index] = assignment
    }

    public func recordSigns(of gateways: [GatewayKey], nowMilliseconds: UInt64) async throws(StoreError) {
        try checkOpen()
        state.withLock { state in
            for key in gateways {
                guard var record = state.gateways[key] else { continue }
                record.lastSeenMilliseconds = max(record.lastSeenMilliseconds, nowMilliseconds)
                state.gateways[key] = record
            }
        }
    }

    public func markSilent(
        beforeMilliseconds: UInt64,
        nowMilliseconds: UInt64
    ) async throws(StoreError) -> [GatewayKey] {
        try checkOpen()
        let keys = state.withLock { state in
            let silent = state.gateways.values.filter {
                !$0.isSilent && $0.connectedSinceMilliseconds == nil && $0.lastSeenMilliseconds > 0
                    && $0.lastSeenMilliseconds < beforeMilliseconds && $0.ban == nil
            }.map(\.key).sorted()
            for key in silent {
                state.gateways[key]?.isSilent = true
                MemoryStore.appendOwn(.silence, of: key, .warning, at: nowMilliseconds, "Nothing was heard", &state)
            }
            return silent
        }
        for key in keys { publish(.gateway(key)) }
        return keys
    }

    public func resetConnections() async throws(StoreError) {
        try checkOpen()
        state.withLock { state in
            for key in state.gateways.keys { state.gateways[key]?.connectedSinceMilliseconds = nil }
        }
        publish(.everything)
    }

    public func redeemToken(
        _ credential: TokenCredential,
        nowMilliseconds: UInt64,
        issue: @escaping @Sendable (TokenRecord) throws -> IssuedCertificate
    ) async throws(StoreError) -> IssuedCertificate {
        try checkOpen()
        let result: Result<IssuedCertificate, StoreError> = state.withLock { state in
            let found = state.tokens[credential.id]
            if let why = TokenRules.refusal(of: credential, for: found, nowMilliseconds: nowMilliseconds) {
                return .failure(.tokenRefused(why))
            }
            guard var token = found else { return .failure(.tokenRefused(.unknown)) }
            let issued: IssuedCertificate
            do { issued = try issue(token) } catch { return .failure(.abandoned("\(error)")) }
            let key = issued.gateway.key
            guard state.gateways[key] == nil else {
                return .failure(.conflict("gateway \(key.gateway) exists already"))
            }
            token.redeemedMilliseconds = nowMilliseconds
            token.redeemedBy = key.gateway
            state.tokens[token.id] = token
            state.gateways[key] = issued.gateway
            MemoryStore.appendOwn(.lifecycle, of: key, .notice, at: nowMilliseconds, "Enrolled", &state)
            let audit = AuditEntry(
                tenant: token.tenant,
                timeMilliseconds: nowMilliseconds,
                actor: "token:\(token.id)",
                action: "gateway.enrol",
                subject: key.gateway
            )
            MemoryStore.append(audit, &state)
            return .success(issued)
        }
        let issued = try result.get()
        publish(.gateway(issued.gateway.key))
        return issued
    }
}
