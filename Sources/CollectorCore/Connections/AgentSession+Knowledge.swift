import NetworkTypes
import WireProtocol

extension AgentSession {
    /// How far a connection is with a knowledge file.
    struct KnowledgeDelivery: Hashable, Sendable {
        let target: KnowledgeTarget
        var sentBytes = 0
    }

    /// A knowledge file is what the gateway should have. It is offered once on each connection, to an agent that
    /// understands offers and does not use it already.
    public mutating func offer(_ target: KnowledgeTarget) -> [Action] {
        guard isOpen, peerVersion >= ProtocolVersion.knowledge else { return [] }
        // The same file, signed again by another key, is another offer.
        if let delivery {
            guard delivery.target.envelope != target.envelope else { return [] }
        } else {
            guard knowledgeHash != target.fileHash else { return [] }
        }
        delivery = KnowledgeDelivery(target: target)
        return [.send(.offerKnowledge(target.offer))]
    }

    /// The agent asks for a part. Parts go out in the order of the file and each one once: an agent that lost one has to
    /// connect anew.
    mutating func receive(_ request: KnowledgeRequest) -> [Action] {
        // A request may pass a newer offer on the way, also one of the same file.
        guard let delivery, delivery.target.fileHash == request.file, delivery.sentBytes > 0 || request.offset == 0
        else { return [] }
        guard request.offset == UInt64(delivery.sentBytes), delivery.sentBytes < delivery.target.file.count else {
            return close(.policyViolation("a part of the knowledge file that is not its next"))
        }
        let chunk = delivery.target.chunk(at: delivery.sentBytes)
        self.delivery?.sentBytes += chunk.bytes.count
        return [.send(.knowledge(chunk))]
    }
}
