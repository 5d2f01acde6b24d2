public import NetworkTypes

/// The head of a signed file: an envelope that was not verified yet, and where the file begins behind it.
public struct SignedFile: Hashable, Sendable {
    /// Most bytes before the file.
    public static let maximumEnvelopeBytes = 512
    /// Most bytes of a signed file of a kind.
    public static func maximumBytes(_ kind: FileKind) -> Int { maximumEnvelopeBytes + kind.maximumFileBytes }

    /// What the file is, by its envelope.
    public let kind: FileKind
    /// The envelope.
    public let envelope: SignedEnvelope
    /// Its length in bytes: the file begins there.
    public let envelopeBytes: Int

    /// Parses the envelope at the start of `bytes`, which must be of that kind; what follows is left alone.
    public init(_ kind: FileKind, parsing bytes: Span<UInt8>) throws(FileRefusal) {
        let head = bytes.extracting(first: SignedFile.maximumEnvelopeBytes)
        var reader = ByteReader(head)
        do throws(DecodeError) {
            envelope = try SignedEnvelope(kind.subject, parsing: &reader)
        } catch {
            let detail: ByteString =
                "not a signed \(kind.name) file (byte \(error.offset)); make one with gatehousectl \(kind.name) sign"
            throw FileRefusal(.signature, detail)
        }
        self.kind = kind
        envelopeBytes = reader.position
    }

    /// What the envelope says, once its signature holds. Nothing of the manifest is parsed before.
    public func verified(
        by verify: (_ publicKey: [UInt8], _ message: [UInt8], _ signature: [UInt8]) -> Bool,
        trustedKeys: [[UInt8]]
    ) throws(FileRefusal) -> FileManifest {
        do throws(PolicyRefusal) {
            try envelope.check(by: verify, trustedKeys: trustedKeys)
        } catch {
            throw FileRefusal(error.reason == .unknownKey ? .unknownKey : .signature, error.detail)
        }
        return try unverified()
    }

    /// What the envelope says, whoever signed it: for those who have no keys to trust.
    public func unverified() throws(FileRefusal) -> FileManifest {
        do throws(DecodeError) {
            return try FileManifest(kind, decoding: envelope.payload)
        } catch {
            throw FileRefusal(
                .invalid,
                "the manifest is none that this version understands; sign with a gatehousectl of this version"
            )
        }
    }
}

extension FileKind {
    /// The kind that an envelope says its file is of: what it is to be judged as. Knowledge where it says nothing.
    public init(announcedBy envelope: ByteString) {
        self = .knowledge
        var reader = ByteReader(envelope.bytes.span)
        do throws(DecodeError) {
            _ = try SignedEnvelope(.blocklist, parsing: &reader)
            self = .blocklist
        } catch {}
    }
}

extension FileManifest {
    /// Whether it may take the place of what was seen: of no version below, but for a grant.
    public func checkVersion(seen: UInt64) throws(FileRefusal) {
        if version > seen { return }
        if let rollbackFrom, seen <= rollbackFrom { return }
        throw FileRefusal(
            .version,
            "version \(version) is not above \(seen), the highest seen here; sign it with a higher one, or with a grant"
        )
    }

    /// Whether a file of that length and hash is the one that was signed.
    public func checkFile(bytes count: Int, hash: [UInt8]) throws(FileRefusal) {
        guard UInt64(count) == fileBytes else {
            throw FileRefusal(.damaged, "the file has \(count) bytes, but \(fileBytes) were signed")
        }
        guard hash == fileHash.bytes else {
            throw FileRefusal(.damaged, "the SHA-256 of the file is not the one that was signed")
        }
    }
}
