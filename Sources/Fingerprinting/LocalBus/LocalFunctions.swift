public import NetworkTypes

/// What a USB device can do to the gateway that it is plugged into, and not only to what it measures: type, or bring
/// files (base classes of https://www.usb.org/defined-class-codes).
public struct LocalFunctions: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// From bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A human interface device, class 03: a keyboard, or what claims to be one.
    public static let input = LocalFunctions(rawValue: 1)
    /// Mass storage, class 08.
    public static let storage = LocalFunctions(rawValue: 2)

    /// Of an interface as `SignalKind.usbInterface` has it: `03/01/01`.
    public init(interface: ByteString) {
        if interface.hasPrefix("03/") {
            self = .input
        } else if interface.hasPrefix("08/") {
            self = .storage
        } else {
            self = []
        }
    }

    /// For people: `input`, `storage`, `input and storage`; empty for none.
    public var byteString: ByteString {
        switch rawValue & 3 {
        case 0: return ""
        case 1: return "input"
        case 2: return "storage"
        default: return "input and storage"
        }
    }
}
