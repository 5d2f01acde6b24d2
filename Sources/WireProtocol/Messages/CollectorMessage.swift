public import NetworkTypes

/// What the collector says to an agent: one binary WebSocket message each.
public enum CollectorMessage: Hashable, Sendable {
    /// Answers `Hello`.
    case welcome(Welcome)
    /// Reports up to a mark are committed.
    case acknowledge(Acknowledgement)
    /// A signed policy.
    case policy(PolicyPush)
    /// Lets a device out of quarantine.
    case release(DeviceRelease)
    /// Answers `RenewalRequest`.
    case certificate(RenewalAnswer)
    /// A knowledge file or blocklists that the gateway should have.
    case offerFile(FileOffer)
    /// A part of it.
    case fileChunk(FileChunk)
}

/// What the collector holds, and how much may be sent.
public struct Welcome: Hashable, Sendable {
    /// The protocol both will speak.
    public var protocolVersion: UInt64 = 0
    /// The collector's wall clock, milliseconds since 1970.
    public var timeMilliseconds: UInt64 = 0
    /// Every report up to this mark is committed; (0, 0) where there is none.
    public var highWater = HighWaterMark()
    /// How many reports may be sent before the next acknowledgement.
    public var credits: UInt64 = 0
    /// Whether reports of kind `flows` are taken: a collector that does not know them ends the connection at the first.
    public var takesFlows = false

    /// All fields at their zero.
    public init() {}
}

/// The last report that is committed; earlier boot epochs are committed whole.
public struct HighWaterMark: Hashable, Sendable {
    /// Boot epoch.
    public var bootEpoch: UInt64
    /// Sequence number within it.
    public var sequence: UInt64

    /// A mark; (0, 0) for none.
    public init(bootEpoch: UInt64 = 0, sequence: UInt64 = 0) {
        self.bootEpoch = bootEpoch
        self.sequence = sequence
    }
}

/// Reports up to a mark are on disk: the agent may forget them.
public struct Acknowledgement: Hashable, Sendable {
    /// The mark.
    public var highWater = HighWaterMark()
    /// Credits from now on, replacing those before.
    public var credits: UInt64 = 0

    /// All fields at their zero.
    public init() {}
}

/// A signed policy, as the operator signed it.
public struct PolicyPush: Hashable, Sendable {
    /// COSE_Sign1 (RFC 9052).
    public var envelope: ByteString = ""
    /// When an operator pushed it, milliseconds since 1970; 0 from a collector that does not say. A gateway that put this
    /// policy back after a trial tries it again only where this is later.
    public var orderedMilliseconds: UInt64 = 0

    /// All fields at their zero.
    public init() {}
}

/// An operator lets a device out of quarantine.
public struct DeviceRelease: Hashable, Sendable {
    /// The device's key.
    public var device: ByteString = ""

    /// All fields at their zero.
    public init() {}
}

extension HighWaterMark: Comparable {
    /// Boot epoch first, then sequence.
    public static func < (left: HighWaterMark, right: HighWaterMark) -> Bool {
        left.bootEpoch != right.bootEpoch ? left.bootEpoch < right.bootEpoch : left.sequence < right.sequence
    }
}
