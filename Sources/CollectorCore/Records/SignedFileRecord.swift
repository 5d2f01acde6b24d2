import NetworkTypes
public import Policy

/// A signed file that an operator handed in. Of each kind, the one handed in last is what every gateway of the tenant
/// should have.
public struct SignedFileRecord: Hashable, Sendable, Codable {
    /// The tenant it belongs to.
    public var tenant: String
    /// What it is. No part of the document that is stored: the table has a column for it.
    public var kind = FileKind.knowledge
    /// SHA-256 of the file, lower-case hexadecimal digits: its name.
    public var hash: String
    /// What it was signed as.
    public var version: UInt64
    /// When it was signed, seconds since 1970.
    public var issuedAtSeconds: UInt64
    /// Which key signed it, lower-case hexadecimal digits of the COSE `kid`.
    public var keyIdentifier: String
    /// A rollback grant: it may take the place of versions up to this one.
    public var rollbackFrom: UInt64?
    /// Bytes of the file.
    public var fileBytes: UInt64
    /// COSE_Sign1 around the manifest.
    public var envelope: [UInt8]
    /// The file; empty in listings.
    public var file: [UInt8]
    /// Who handed it in.
    public var actor: String
    /// When, milliseconds since 1970.
    public var storedMilliseconds: UInt64

    private enum CodingKeys: String, CodingKey {
        case tenant, hash, version, issuedAtSeconds, keyIdentifier, rollbackFrom, fileBytes, envelope, file, actor
        case storedMilliseconds
    }

    /// A file.
    public init(
        tenant: String,
        kind: FileKind,
        hash: String,
        version: UInt64,
        issuedAtSeconds: UInt64,
        keyIdentifier: String,
        rollbackFrom: UInt64?,
        envelope: [UInt8],
        file: [UInt8],
        actor: String,
        storedMilliseconds: UInt64
    ) {
        self.tenant = tenant
        self.kind = kind
        self.hash = hash
        self.version = version
        self.issuedAtSeconds = issuedAtSeconds
        self.keyIdentifier = keyIdentifier
        self.rollbackFrom = rollbackFrom
        self.fileBytes = UInt64(file.count)
        self.envelope = envelope
        self.file = file
        self.actor = actor
        self.storedMilliseconds = storedMilliseconds
    }

    /// Why it cannot follow `before`, for people; nil where it can. The agents would refuse it all the same.
    public func fault(after before: SignedFileRecord) -> String? {
        if version > before.version { return nil }
        if let rollbackFrom, before.version <= rollbackFrom { return nil }
        return
            "\(kind.name.text) of version \(before.version) was pushed already; sign it with a higher version, or with a "
            + "rollback grant"
    }
}

/// The file of a kind that a gateway says it uses.
public struct FileSummary: Hashable, Sendable, Codable {
    /// What the operator signed it as; 0 where nobody did.
    public var version: UInt64
    /// SHA-256 of the file, lower-case hexadecimal digits; empty where there is none, or the agent
    /// is too old to say.
    public var hash: String

    /// What it says.
    public init(version: UInt64, hash: String) {
        self.version = version
        self.hash = hash
    }
}
