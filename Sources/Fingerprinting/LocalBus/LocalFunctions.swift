public import NetworkTypes

/// What a USB device can do to the gateway that it is plugged into, and not only to what it measures: type, or bring
/// files (base classes of https://www.usb.org/defined-class-codes).
public struct LocalFunctions: Hashable, Sendable {
    /// Bit 0 input, bit 1 storage.
    public let rawValue: UInt8

    /// From bits; none without.
    public init(rawValue: UInt8 = 0) { self.rawValue = rawValue }

    /// Those that signals of a device tell: interfaces of class 03 and 08.
    public init(_ signals: [Signal]) {
        var bits: UInt8 = 0
        for signal in signals where signal.kind == .usbInterface {
            if signal.value.hasPrefix("03/") { bits |= 1 }
            if signal.value.hasPrefix("08/") { bits |= 2 }
        }
        rawValue = bits
    }

    /// A human interface device: a keyboard, or what claims to be one.
    public var input: Bool { rawValue & 1 != 0 }
    /// Mass storage.
    public var storage: Bool { rawValue & 2 != 0 }

    /// For people: `input`, `storage`, `input and storage`; empty for none.
    public var byteString: ByteString {
        if input { return storage ? "input and storage" : "input" }
        return storage ? "storage" : ""
    }
}
