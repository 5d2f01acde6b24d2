/// A signed policy that an operator handed in.
public struct PolicyRecord: Hashable, Sendable, Codable {
    /// The tenant it belongs to.
    public var tenant: String
    /// SHA-256 of the envelope, lower-case hexadecimal digits: its name.
    public var hash: String
    /// The generation inside.
    public var generation: UInt64
    /// When it was signed, seconds since 1970.
    public var issuedAtSeconds: UInt64
    /// After this no gateway takes it, seconds since 1970.
    public var notAfterSeconds: UInt64
    /// Which key signed it, lower-case hexadecimal digits of the COSE `kid`.
    public var keyIdentifier: String
    /// Gateways it is meant for; empty for all.
    public var targetGateways: [String]
    /// Sites it is meant for, `*` as a wildcard at the end; empty for all.
    public var targetSites: [String]
    /// Names of its allowlists, in order.
    public var allowlists: [String]
    /// COSE_Sign1, exactly as it was handed in; empty in listings.
    public var envelope: [UInt8]
    /// Who handed it in.
    public var actor: String
    /// When, milliseconds since 1970.
    public var storedMilliseconds: UInt64

    /// A policy.
    public init(
        tenant: String,
        hash: String,
        generation: UInt64,
        issuedAtSeconds: UInt64,
        notAfterSeconds: UInt64,
        keyIdentifier: String,
        targetGateways: [String] = [],
        targetSites: [String] = [],
        allowlists: [String] = [],
        envelope: [UInt8],
        actor: String,
        storedMilliseconds: UInt64
    ) {
        self.tenant = tenant
        self.hash = hash
        self.generation = generation
        self.issuedAtSeconds = issuedAtSeconds
        self.notAfterSeconds = notAfterSeconds
        self.keyIdentifier = keyIdentifier
        self.targetGateways = targetGateways
        self.targetSites = targetSites
        self.allowlists = allowlists
        self.envelope = envelope
        self.actor = actor
        self.storedMilliseconds = storedMilliseconds
    }

    /// Whether it is meant for a gateway: both lists must match, an empty one matches all.
    public func isMeant(for gateway: String, site: String) -> Bool {
        (targetGateways.isEmpty || targetGateways.contains(gateway))
            && (targetSites.isEmpty || targetSites.contains { PolicyRecord.matches(site, pattern: $0) })
    }

    /// `*` stands for any ending.
    static func matches(_ site: String, pattern: String) -> Bool {
        pattern.hasSuffix("*") ? site.hasPrefix(pattern.dropLast()) : site == pattern
    }
}
