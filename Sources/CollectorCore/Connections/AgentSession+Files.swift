import NetworkTypes
import Policy
import WireProtocol

extension AgentSession {
    /// How far a connection is with a file.
    struct FileDelivery: Hashable, Sendable {
        let target: FileTarget
        var sentBytes = 0
    }

    /// A file is what the gateway should have. It is offered once on each connection, to an agent that understands offers
    /// of its kind and does not use it already.
    public mutating func offer(_ target: FileTarget) -> [Action] {
        guard isOpen, let held = heldHashes[target.kind] else { return [] }
        // The same file, signed again by another key, is another offer.
        if let delivery = deliveries[target.kind] {
            guard delivery.target.envelope != target.envelope else { return [] }
        } else {
            guard held != target.fileHash else { return [] }
        }
        deliveries[target.kind] = FileDelivery(target: target)
        return [.send(.offerFile(target.offer))]
    }

    /// What the agent holds of each kind that it understands, by its first message: SHA-256 of the file, empty for none.
    static func heldHashes(_ hello: Hello) -> [FileKind: ByteString] {
        var held: [FileKind: ByteString] = [:]
        if hello.protocolVersion >= ProtocolVersion.knowledge { held[.knowledge] = hello.knowledgeHash }
        if hello.blocklistVersion != nil { held[.blocklist] = hello.blocklistHash }
        return held
    }

    /// The agent asks for a part. Parts go out in the order of the file and each one once: an agent that lost one has to
    /// connect anew.
    mutating func receive(_ request: FileRequest) -> [Action] {
        // A request may pass a newer offer on the way, also one of the same file.
        guard let (kind, delivery) = deliveries.first(where: { $0.value.target.fileHash == request.file }),
            delivery.sentBytes > 0 || request.offset == 0
        else { return [] }
        guard request.offset == UInt64(delivery.sentBytes), delivery.sentBytes < delivery.target.file.count else {
            return close(.policyViolation("a part of the \(kind.name.text) file that is not its next"))
        }
        let chunk = delivery.target.chunk(at: delivery.sentBytes)
        deliveries[kind]?.sentBytes += chunk.bytes.count
        return [.send(.fileChunk(chunk))]
    }
}
