import CollectorCore
import Logging
import NIOCore
import NetworkTypes
import Storage
import WireProtocol

// What a connection asks of the registry and the store; the answers come back to its event loop.
extension AgentConnection {
    func admit(_ hello: Hello) {
        guard let eventLoop = context?.eventLoop, let handle else { return }
        var agent = AgentSummary()
        agent.version = ReportText.clean(hello.agentVersion)
        agent.architecture = ReportText.clean(hello.architecture)
        agent.kernelRelease = ReportText.clean(hello.kernelRelease)
        agent.hostname = ReportText.clean(hello.hostname)
        agent.protocolVersion = hello.protocolVersion
        agent.bootEpoch = hello.bootEpoch
        agent.instance = ReportText.hexadecimal(hello.instance)
        agent.remoteAddress = remoteAddress
        if hello.reportsFlows { agent.reportsFlows = true }
        var record = ConnectionRecord(
            gateway: gateway,
            agent: agent,
            generation: hello.generation,
            policyHash: ReportText.hexadecimal(hello.policyHash),
            nowMilliseconds: services.clock.nowMilliseconds
        )
        record.knowledge = FileSummary(
            version: hello.knowledgeVersion,
            hash: ReportText.hexadecimal(hello.knowledgeHash)
        )
        record.blocklist = FileSummary(
            version: hello.blocklistVersion ?? 0,
            hash: ReportText.hexadecimal(hello.blocklistHash)
        )
        self.record = record
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let services = self.services
        Task { [record] in
            let outcome = await services.registry.admit(handle, record)
            eventLoop.execute { bound.value.settle(outcome, record, handle) }
        }
    }

    private func settle(_ outcome: AgentRegistry.Outcome, _ record: ConnectionRecord, _ handle: AgentHandle) {
        guard !session.isClosed, context != nil else {
            // It went while the registry was asked.
            let services = self.services
            Task { await services.registry.remove(handle, record, reason: "the connection broke") }
            return
        }
        let now = services.clock.nowMilliseconds
        switch outcome {
        case .admitted(let gateway, let policy):
            carryOut(session.admitted(gateway, nowMilliseconds: now))
            if let policy { push(policy.record, orderedMilliseconds: policy.orderedMilliseconds) }
            let services = self.services
            Task { await services.registry.offerFiles(to: record.gateway) }
        case .held(let gateway):
            carryOut(session.held(gateway, nowMilliseconds: now))
        case .refused(let reason):
            carryOut(session.close(reason))
        }
    }

    private func push(_ policy: PolicyRecord, orderedMilliseconds: UInt64) {
        guard let hash = Hexadecimal.decode(ByteString(utf8: policy.hash)) else { return }
        carryOut(
            session.push(envelope: policy.envelope, hash: hash, orderedMilliseconds: orderedMilliseconds)
        )
        services.figures.add(.policiesPushed)
        let services = self.services
        let gateway = self.gateway
        Task {
            do {
                try await services.store.recordPush(
                    of: policy.hash,
                    to: gateway,
                    nowMilliseconds: services.clock.nowMilliseconds
                )
            } catch {
                services.log.error("cannot record the push of \(policy.hash) to \(gateway.gateway): \(error)")
            }
        }
    }

    func submit(_ reports: [Report]) {
        guard let eventLoop = context?.eventLoop else { return }
        services.figures.add(.reportBatches)
        let submission = IngestSubmission(
            gateway: gateway,
            reports: reports,
            receivedMilliseconds: services.clock.nowMilliseconds
        )
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let services = self.services
        // A second batch of this connection may come before the first is committed, and must not pass it.
        let before = lastSubmission
        lastSubmission = Task {
            // What follows a batch that was not committed must not be: the high-water mark would cover the hole.
            if let before, await !before.value { return false }
            do {
                let outcome = try await services.store.ingest(submission)
                services.figures.add(.reportsAccepted, UInt64(outcome.acceptedCount))
                services.figures.add(.reportsDuplicate, UInt64(outcome.duplicateCount))
                eventLoop.execute { bound.value.carryOut(bound.value.session.committed(outcome)) }
                return true
            } catch {
                services.log.error("cannot commit reports of gateway \(submission.gateway.gateway): \(error)")
                let reason: AgentSession.CloseReason = (error as? StoreError) == .busy ? .tryAgainLater : .failed
                eventLoop.execute { bound.value.carryOut(bound.value.session.close(reason)) }
                return false
            }
        }
    }
}
