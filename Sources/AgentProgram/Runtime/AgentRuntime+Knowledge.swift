import AgentCore
import NetworkTypes
import Policy
import SystemIO
import TLS
import WireProtocol

// Knowledge files that the operator signed: offered over the uplink, fetched to the disk, used from there.
extension AgentRuntime {
    /// Takes up what was pushed last, where it is still whole and its key still trusted.
    func restoreKnowledge() {
        guard FileSystem.exists(state.knowledge) else { return }
        do throws(KnowledgeRefusal) {
            use(try KnowledgeFile.openSigned(state.knowledge, trustedKeys: trustedKeys))
        } catch {
            log.error("\(state.knowledge) is not used: \(error.detail); \(knowledge.path) is")
            say(error, of: "on the disk")
        }
    }

    private func use(_ knowledge: KnowledgeInUse) {
        self.knowledge = knowledge
        carryOut(agent.adopt(knowledge: knowledge.base, now: now))
    }

    /// What a version must be above.
    private var highestKnowledgeSeen: UInt64 {
        do throws(SystemError) {
            let seen = Swift.max(knowledge.version, try state.highestKnowledge.read() ?? 0)
            // A file that was lost, or whose key is trusted again, may come once more.
            return knowledge.version == 0 && seen > 0 ? seen - 1 : seen
        } catch {
            // A damaged counter must not let an old file in.
            log.error(error.byteString)
            return UInt64.max
        }
    }

    /// The collector offers a file.
    func consider(_ offer: KnowledgeOffer) {
        endKnowledgeTransfer()
        do throws(KnowledgeRefusal) {
            guard
                let manifest = try knowledgeOffers.consider(
                    offer,
                    held: knowledge.hash,
                    seen: highestKnowledgeSeen,
                    trustedKeys: trustedKeys,
                    verify: Ed25519.verify
                )
            else { return }
            do throws(SystemError) {
                let file = try FileReplacement(of: state.knowledge, mode: 0o600)
                try file.write(offer.envelope.bytes)
                knowledgeReplacement = file
            } catch {
                throw KnowledgeRefusal(.storage, error.byteString)
            }
            let transfer = KnowledgeTransfer(manifest, envelope: offer.envelope, now: now)
            knowledgeTransfer = transfer
            connection?.send(AgentMessage.requestKnowledge(transfer.request).encoded())
        } catch {
            refuse(offer.envelope, error)
        }
    }

    /// A part of it came.
    func take(_ chunk: KnowledgeChunk) {
        guard var transfer = knowledgeTransfer, let file = knowledgeReplacement else { return }
        do throws(KnowledgeRefusal) {
            guard try transfer.take(chunk, now: now) else { return }
            do throws(SystemError) { try file.write(chunk.bytes.bytes) } catch {
                throw KnowledgeRefusal(.storage, error.byteString)
            }
            knowledgeTransfer = transfer
            if transfer.isComplete {
                try finish(transfer, file)
                endKnowledgeTransfer()
            } else {
                connection?.send(AgentMessage.requestKnowledge(transfer.request).encoded())
            }
        } catch {
            refuse(transfer.envelope, error)
        }
    }

    /// Judges the file as it lies on the disk, and puts it into use.
    private func finish(_ transfer: KnowledgeTransfer, _ file: FileReplacement) throws(KnowledgeRefusal) {
        var new = try KnowledgeFile.openSigned(file.temporaryPath, trustedKeys: trustedKeys)
        new.path = state.knowledge
        do throws(SystemError) { try file.commit() } catch { throw KnowledgeRefusal(.storage, error.byteString) }
        // It is in its place; that its number is not written down is no reason against it.
        do throws(SystemError) { _ = try state.highestKnowledge.raise(to: new.version) } catch {
            log.error(error.byteString)
        }
        use(new)
        log.info("knowledge of version \(new.version) is in use")
        reportHealth(now)
    }

    /// Gives up what the collector does not go on with.
    func watchKnowledgeTransfer(_ now: AgentTime) {
        guard let transfer = knowledgeTransfer, transfer.isOverdue(now: now) else { return }
        giveUpKnowledgeTransfer("the collector sent no further part of the file")
    }

    /// What was being fetched does not arrive.
    func giveUpKnowledgeTransfer(_ why: ByteString) {
        guard let transfer = knowledgeTransfer else { return }
        refuse(transfer.envelope, KnowledgeRefusal(.transfer, why))
    }

    /// Lets go what has come of a file.
    func endKnowledgeTransfer() {
        knowledgeTransfer = nil
        knowledgeReplacement = nil
    }

    private func refuse(_ envelope: ByteString, _ refusal: KnowledgeRefusal) {
        let offered = knowledgeTransfer?.manifest.version
        endKnowledgeTransfer()
        knowledgeOffers.refuse(envelope, refusal)
        say(refusal, of: offered.map { "of version \($0)" } ?? "that was offered")
    }

    private func say(_ refusal: KnowledgeRefusal, of which: ByteString) {
        counters.knowledgeRefused += 1
        var incident = IncidentReport()
        incident.kind = "knowledge"
        incident.summary = "knowledge \(which) refused (\(refusal.reason.name)): \(refusal.detail)"
        incident.count = 1
        log.warning(incident.summary)
        report(.warning, .incident(incident))
    }
}
