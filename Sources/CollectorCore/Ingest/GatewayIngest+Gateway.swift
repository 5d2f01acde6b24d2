import NetworkTypes
public import WireProtocol

extension GatewayIngest {
    mutating func take(_ report: ProofReport, of envelope: Report) {
        let proof = ProofRecord(report, timeMilliseconds: envelope.timeMilliseconds)
        let before = gateway.proof
        withGateway {
            $0.proof = proof
            $0.policy.generation = proof.generation
            $0.policy.hash = proof.policyHash
            if let refusal = $0.policy.refusal, refusal.policyHash == proof.policyHash { $0.policy.refusal = nil }
        }
        let isNews =
            before?.isProved != proof.isProved || before?.generation != proof.generation
            || before?.policyHash != proof.policyHash
        guard isNews else { return }
        if !proof.policyHash.isEmpty {
            advance(
                PolicyProgress(
                    policyHash: proof.policyHash,
                    state: proof.isProved ? .proved : .applied,
                    reason: proof.isProved ? "" : "drift",
                    detail: proof.difference,
                    pushToProofMilliseconds: proof.pushToProofMilliseconds
                )
            )
        }
        append(
            .proof,
            of: envelope,
            summary: proof.isProved
                ? "Generation \(proof.generation) is proved: the kernel holds what was asked"
                : "Generation \(proof.generation) is not proved: \(proof.difference)",
            fields: [
                EventField("generation", String(proof.generation)), EventField("policy", proof.policyHash),
                EventField("proved", String(proof.isProved)), EventField("desired", proof.desiredHash),
                EventField("applied", proof.appliedHash), EventField("kernel", proof.kernelHash),
                EventField("difference", proof.difference),
                EventField("milliseconds", String(proof.pushToProofMilliseconds)),
            ]
        )
    }

    mutating func take(_ report: PolicyRefusalReport, of envelope: Report) {
        let refusal = RefusalRecord(
            policyHash: ReportText.hexadecimal(report.policyHash),
            reason: ReportText.clean(report.reason),
            detail: ReportText.clean(report.detail),
            timeMilliseconds: envelope.timeMilliseconds
        )
        withGateway {
            $0.policy.refusal = refusal
            $0.policy.generation = report.generationInForce
        }
        advance(
            PolicyProgress(
                policyHash: refusal.policyHash,
                state: .refused,
                reason: refusal.reason,
                detail: refusal.detail,
                pushToProofMilliseconds: 0
            )
        )
        append(
            .policyRefused,
            of: envelope,
            summary: "Policy refused (\(refusal.reason)): \(refusal.detail); "
                + "generation \(report.generationInForce) stays in force",
            fields: [
                EventField("policy", refusal.policyHash), EventField("reason", refusal.reason),
                EventField("detail", refusal.detail), EventField("generation", String(report.generationInForce)),
            ]
        )
    }

    mutating func take(_ report: HealthReport, of envelope: Report) {
        var health = HealthRecord()
        health.uptimeSeconds = report.uptimeSeconds
        health.residentKiB = report.residentKiB
        health.timeMilliseconds = envelope.timeMilliseconds
        for counter in report.counters.prefix(IngestLimits.maximumCounters) {
            health.counters[ReportText.clean(counter.name)] = counter.value
        }
        let knowledge = FileSummary(
            version: report.knowledgeVersion,
            hash: ReportText.hexadecimal(report.knowledgeHash)
        )
        let blocklist = FileSummary(
            version: report.blocklistVersion,
            hash: ReportText.hexadecimal(report.blocklistHash)
        )
        withGateway {
            $0.health = health
            $0.blocklist = blocklist
            if !knowledge.hash.isEmpty { $0.knowledge = knowledge }
        }
    }

    mutating func take(_ report: GapReport, of envelope: Report) {
        withGateway { $0.lostReportCount = $0.lostReportCount.addingClamped(report.count) }
        append(
            .gap,
            of: envelope,
            summary: "\(report.count) reports were given up because the spool was full",
            fields: [
                EventField("count", String(report.count)), EventField("severity", report.severity.name),
                EventField("first", String(report.firstMilliseconds)),
                EventField("last", String(report.lastMilliseconds)),
            ]
        )
    }
}

extension ProofRecord {
    init(_ report: ProofReport, timeMilliseconds: UInt64) {
        self.init()
        generation = report.generation
        policyHash = ReportText.hexadecimal(report.policyHash)
        desiredHash = ReportText.hexadecimal(report.desiredHash)
        appliedHash = ReportText.hexadecimal(report.appliedHash)
        kernelHash = ReportText.hexadecimal(report.kernelHash)
        isProved = report.isProved
        difference = ReportText.clean(report.difference)
        pushToProofMilliseconds = report.pushToProofMilliseconds
        self.timeMilliseconds = timeMilliseconds
    }
}

extension Report.Severity {
    /// `warning`
    public var name: String {
        switch self {
        case .informational: return "informational"
        case .notice: return "notice"
        case .warning: return "warning"
        case .critical: return "critical"
        }
    }

    /// The severity of a name; nil where there is none.
    public init?(name: String) {
        guard let match = Report.Severity.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }
}
