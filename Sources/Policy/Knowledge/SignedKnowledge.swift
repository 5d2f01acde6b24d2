import NetworkTypes

/// The head of a signed knowledge file: an envelope that was not verified yet, and where the file begins behind it.
public struct SignedKnowledge: Hashable, Sendable {
    /// Most bytes before the file.
    public static let maximumEnvelopeBytes = 512
    /// Most bytes of a signed file.
    public static let maximumBytes = maximumEnvelopeBytes + KnowledgeManifest.maximumFileBytes

    /// The envelope.
    public let envelope: SignedEnvelope
    /// Its length in bytes: the file begins there.
    public let envelopeBytes: Int

    /// Parses the envelope at the start of `bytes`; what follows is left alone.
    public init(parsing bytes: Span<UInt8>) throws(KnowledgeRefusal) {
        let head = bytes.extracting(first: SignedKnowledge.maximumEnvelopeBytes)
        var reader = ByteReader(head)
        do throws(DecodeError) {
            envelope = try SignedEnvelope(.knowledge, parsing: &reader)
        } catch {
            var detail: ByteString = "not a signed knowledge file (byte "
            detail.append(decimal: error.offset)
            detail.append("); make one with gatehousectl knowledge sign")
            throw KnowledgeRefusal(.signature, detail)
        }
        envelopeBytes = reader.position
    }

    /// What the envelope says, once its signature holds. Nothing of the manifest is parsed before.
    public func verified(
        by verify: (_ publicKey: [UInt8], _ message: [UInt8], _ signature: [UInt8]) -> Bool,
        trustedKeys: [[UInt8]]
    ) throws(KnowledgeRefusal) -> KnowledgeManifest {
        do throws(PolicyRefusal) {
            try envelope.check(by: verify, trustedKeys: trustedKeys)
        } catch {
            throw KnowledgeRefusal(error.reason == .unknownKey ? .unknownKey : .signature, error.detail)
        }
        return try unverified()
    }

    /// What the envelope says, whoever signed it: for those who have no keys to trust.
    public func unverified() throws(KnowledgeRefusal) -> KnowledgeManifest {
        do throws(DecodeError) {
            return try KnowledgeManifest(decoding: envelope.payload)
        } catch {
            throw KnowledgeRefusal(
                .invalid,
                "the manifest is none that this version understands; sign with a gatehousectl of this version"
            )
        }
    }
}

extension KnowledgeManifest {
    /// Whether it may take the place of what was seen: of no version below, but for a grant.
    public func checkVersion(seen: UInt64) throws(KnowledgeRefusal) {
        if version > seen { return }
        if let rollbackFrom, seen <= rollbackFrom { return }
        throw KnowledgeRefusal(
            .version,
            "version \(version) is not above \(seen), the highest seen here; sign it with a higher one, or with a grant"
        )
    }

    /// Whether a file of that length and hash is the one that was signed.
    public func checkFile(bytes count: Int, hash: [UInt8]) throws(KnowledgeRefusal) {
        guard UInt64(count) == fileBytes else {
            throw KnowledgeRefusal(.damaged, "the file has \(count) bytes, but \(fileBytes) were signed")
        }
        guard hash == fileHash.bytes else {
            throw KnowledgeRefusal(.damaged, "the SHA-256 of the file is not the one that was signed")
        }
    }
}
