internal import CollectorAPI
internal import CollectorCore

extension GatewayResource {
    /// A gateway as it stands at `nowMilliseconds`.
    init(_ overview: GatewayOverview, assignments: [PolicyAssignment] = [], nowMilliseconds: UInt64) {
        let record = overview.record
        let score = Posture.score(overview, nowMilliseconds: nowMilliseconds)
        self.init(
            id: record.key.gateway,
            name: record.agent.hostname.isEmpty ? record.name : record.agent.hostname,
            site: record.site,
            state: GatewayResource.state(of: record),
            enrolled: Timestamp(milliseconds: record.enrolledMilliseconds),
            policy: PolicyStatusResource(record, assignments: assignments),
            score: score.map { Int($0.points) }
        )
        if !record.name.isEmpty { name = record.name }
        if name.isEmpty { name = record.key.gateway }
        hostname = record.agent.hostname
        labels = record.labels
        stateReason = record.ban?.reason ?? record.hold?.reason
        agentVersion = record.agent.version
        architecture = record.agent.architecture
        kernelRelease = record.agent.kernelRelease
        if record.lastSeenMilliseconds > 0 { lastSeen = Timestamp(milliseconds: record.lastSeenMilliseconds) }
        if record.certificate.notAfterSeconds > 0 {
            certificateExpires = Timestamp(milliseconds: record.certificate.notAfterSeconds * 1000)
        }
        deviceCount = Int(clamping: overview.devices.total)
        quarantinedCount = Int(clamping: overview.devices.quarantined)
        if let knowledge = record.knowledge, !knowledge.hash.isEmpty {
            knowledgeVersion = knowledge.version
            knowledgeHash = knowledge.hash
        }
        reportsFlows = record.agent.reportsFlows ?? false
        forgottenFlows = record.forgottenFlowCount
        if let blocklist = record.blocklist, !blocklist.hash.isEmpty {
            blocklistVersion = blocklist.version
            blocklistHash = blocklist.hash
        }
        residentKiB = record.health?.residentKiB ?? 0
        deductions = score?.deductions.map {
            PostureResource.Deduction(points: Int($0.points), reason: $0.reason, gateways: 1)
        }
    }

    /// The word for how a gateway stands.
    static func state(of record: GatewayRecord) -> String {
        if record.ban != nil { return "banned" }
        if record.hold != nil { return "held" }
        if record.lastSeenMilliseconds == 0 { return "never-connected" }
        if record.connectedSinceMilliseconds != nil { return record.isSilent ? "silent" : "connected" }
        return record.isSilent ? "silent" : "disconnected"
    }
}

extension PolicyStatusResource {
    /// How far a gateway is with its target policy; times come from the assignment, where it is among those given.
    init(_ record: GatewayRecord, assignments: [PolicyAssignment]) {
        self.init(gateway: record.key.gateway)
        let policy = record.policy
        pushedGeneration = policy.targetGeneration
        pushedHash = policy.targetHash
        generation = policy.generation
        policyHash = policy.hash
        if let proof = record.proof {
            desiredHash = proof.desiredHash
            appliedHash = proof.appliedHash
            kernelHash = proof.kernelHash
            if proof.timeMilliseconds > 0 { checked = Timestamp(milliseconds: proof.timeMilliseconds) }
            if !proof.difference.isEmpty { detail = proof.difference }
        }
        state = PolicyStatusResource.state(of: record)
        if let refusal = policy.refusal, state == "refused" || refusal.policyHash == policy.targetHash {
            reason = refusal.reason
            detail = refusal.detail
        }
        if let assignment = assignments.first(where: { $0.policyHash == policy.targetHash }) { take(assignment) }
    }

    /// A gateway's way with one policy, which need not be its target any more.
    init(_ assignment: PolicyAssignment, record: GatewayRecord?) {
        if let record, record.policy.targetHash == assignment.policyHash {
            self.init(record, assignments: [assignment])
        } else {
            self.init(gateway: assignment.gateway.gateway)
            pushedGeneration = assignment.generation
            pushedHash = assignment.policyHash
            take(assignment)
        }
        state = assignment.state.rawValue
        if !assignment.reason.isEmpty { reason = assignment.reason }
        if !assignment.detail.isEmpty { detail = assignment.detail }
    }

    private mutating func take(_ assignment: PolicyAssignment) {
        func time(_ milliseconds: UInt64) -> Timestamp? {
            milliseconds == 0 ? nil : Timestamp(milliseconds: milliseconds)
        }
        pushed = time(assignment.pushedMilliseconds) ?? time(assignment.assignedMilliseconds)
        applied = time(assignment.appliedMilliseconds)
        proved = time(assignment.provedMilliseconds)
        if assignment.pushToProofMilliseconds > 0 { pushToProofMilliseconds = assignment.pushToProofMilliseconds }
        state = assignment.state.rawValue
    }

    private static func state(of record: GatewayRecord) -> String {
        let policy = record.policy
        if policy.targetHash.isEmpty && policy.generation == 0 { return "none" }
        if let refusal = policy.refusal, refusal.policyHash == policy.targetHash { return "refused" }
        if !policy.targetHash.isEmpty, policy.hash != policy.targetHash { return "waiting" }
        return Posture.isProved(record) ? "proved" : "applied"
    }
}
