public import NetworkTypes

/// Which questions the gateway may ask the devices that an allowlist holds, and how often.
///
/// No device is asked anything unless its allowlist says so. Whatever is written here, devices of the classes in
/// `passiveOnly` are never asked, and the ports of `ProbeKind.isForbidden` never reached (DESIGN §9).
public struct ProbePolicy: Hashable, Sendable {
    /// Classes that are never asked anything: what they steer is worth more than what they would say.
    public static let passiveOnly: [DeviceClass] = [.plc, .buildingController, .medical]

    /// Which.
    public var kinds: ProbeSet
    /// How long an answer holds before it is asked for again.
    public var everySeconds: UInt32 = 86_400
    /// Most questions to one device within an hour.
    public var exchangesPerHour: UInt32 = 30
    /// Most bytes to and from one device within a day, answers included.
    public var bytesPerDay: UInt32 = 1 << 20

    /// The defaults.
    public init(kinds: ProbeSet) { self.kinds = kinds }
}

/// A set of `ProbeKind`.
public struct ProbeSet: Hashable, Sendable {
    /// One bit a kind: `1 << kind.rawValue`.
    public var rawValue: UInt32

    /// From bits.
    public init(rawValue: UInt32 = 0) { self.rawValue = rawValue }

    /// Every kind there is.
    public static let all = ProbeSet(rawValue: 1 << UInt32(ProbeKind.allCases.count) - 1)

    /// Whether a kind is in it.
    public func contains(_ kind: ProbeKind) -> Bool { rawValue >> UInt32(kind.rawValue) & 1 != 0 }

    /// Adds a kind; false if it was there.
    public mutating func insert(_ kind: ProbeKind) -> Bool {
        defer { rawValue |= 1 << UInt32(kind.rawValue) }
        return !contains(kind)
    }

    /// The names, in the order of the kinds.
    public var names: [ByteString] {
        var names: [ByteString] = []
        for kind in ProbeKind.allCases where contains(kind) { names.append(kind.name) }
        return names
    }
}
