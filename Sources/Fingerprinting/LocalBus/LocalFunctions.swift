public import NetworkTypes

/// What a USB device can do to the gateway that it is plugged into, and not only to what it measures: type, or bring
/// files (base classes of https://www.usb.org/defined-class-codes).
public struct LocalFunctions: Hashable, Sendable {
    /// A human interface device, class 03: a keyboard, or what claims to be one.
    public var input = false
    /// Mass storage, class 08.
    public var storage = false

    /// Neither.
    public init() {}

    /// Those that signals of a device tell.
    public init(_ signals: [Signal]) {
        for signal in signals where signal.kind == .usbInterface { add(interface: signal.value) }
    }

    /// Whether there is none.
    public var isEmpty: Bool { !input && !storage }

    /// Adds an interface as `SignalKind.usbInterface` has it: `03/01/01`.
    public mutating func add(interface: ByteString) {
        if interface.hasPrefix("03/") { input = true }
        if interface.hasPrefix("08/") { storage = true }
    }

    /// Adds those of `other`.
    public mutating func formUnion(_ other: LocalFunctions) {
        input = input || other.input
        storage = storage || other.storage
    }

    /// Those that `other` has not.
    public func subtracting(_ other: LocalFunctions) -> LocalFunctions {
        var rest = LocalFunctions()
        rest.input = input && !other.input
        rest.storage = storage && !other.storage
        return rest
    }

    /// For people: `input`, `storage`, `input and storage`; empty for none.
    public var byteString: ByteString {
        if input { return storage ? "input and storage" : "input" }
        return storage ? "storage" : ""
    }
}
