/// A Manufacturer Usage Description (RFC 8520): what a maker says its device needs to reach.
public struct MUDFile: Hashable, Sendable {
    /// Most bytes of a file that is read.
    public static let maximumBytes = 1 << 20
    /// Most entries of all its lists together.
    public static let maximumEntries = 4096

    /// Where the maker keeps the file.
    public var url: String
    /// When it was made: an RFC 3339 date and time, as it stands in the file.
    public var lastUpdate: String
    /// Hours after which it is worth asking for a newer one, 1...168.
    public var cacheValidityHours: Int
    /// Whether the maker still maintains the device.
    public var isSupported: Bool
    /// What the device is, in the maker's words.
    public var systemInformation: String?
    /// The maker.
    public var manufacturer: String?
    /// The model.
    public var model: String?
    /// What the device may send, in order.
    public var fromDevice: [AccessList]
    /// What may be sent to the device, in order.
    public var toDevice: [AccessList]
    /// Members of the file that RFC 8520 does not know, with the way to them.
    public var unknownMembers: [String] = []
}

/// One access list of a MUD file.
public struct AccessList: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// What its entries are about.
    public var family: Family
    /// The entries; the first that matches decides.
    public var entries: [AccessEntry]

    /// The kinds of lists (RFC 8519, `acl-type`).
    public enum Family: Hashable, Sendable {
        /// IPv4.
        case v4
        /// IPv6.
        case v6
        /// Anything else, as the file names it.
        case other(String)
    }
}

/// One entry of an access list: what it matches, and what becomes of it.
public struct AccessEntry: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Whom it is about; empty for everybody. All must match.
    public var peers: [Peer] = []
    /// The IP protocol number, where the entry names one or the header of one.
    public var transport: UInt8?
    /// The ports of the peer: first and last of each range; empty for all.
    public var peerPorts: [ClosedRange<UInt16>] = []
    /// Whether the entry restricts the device's own port.
    public var restrictsDevicePort = false
    /// Who opens the connection, where the entry says so (RFC 8520 §8.3, TCP only).
    public var opener: Opener?
    /// What is matched beyond that, by the names of the leaves: it narrows the entry.
    public var otherMatches: [String] = []
    /// Whether packets pass.
    public var isAccepted: Bool

    /// Who is at the other end.
    public enum Peer: Hashable, Sendable {
        /// A name (`ietf-acldns`, RFC 8520 §8.1).
        case name(String)
        /// A prefix, as the file spells it.
        case network(String)
        /// The networks near the device (§8.2, `local-networks`).
        case localNetworks
        /// The controllers that the operator keeps for this device (`my-controller`).
        case ownController
        /// The controllers of a class, named by a URI.
        case controller(String)
        /// Devices of the same maker.
        case sameManufacturer
        /// Devices of a maker, named by the authority of their MUD URL.
        case manufacturer(String)
        /// Devices with this MUD URL.
        case model(String)
    }

    /// Who sends the first packet.
    public enum Opener: Hashable, Sendable {
        /// The device.
        case device
        /// The other end.
        case peer
    }
}
