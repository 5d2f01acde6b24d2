/// What lasts about a device, and so names it: its hardware address, or its place and serial number on a local bus.
public struct DeviceKey: Hashable, Sendable {
    /// Most bytes of a key in text form.
    public static let maximumLength = 160

    /// `mac:ac:cc:8e:01:02:03`, `usb:046d:0825:SERIAL@1-1.2`, `bus:i2c-1-0076`
    public let byteString: ByteString

    /// The key of a network device.
    public init(_ address: MACAddress) {
        byteString = ByteString(ByteString("mac:").bytes + address.byteString.bytes)
    }

    /// A key from its text; nil if the kind is not one of `mac:`, `usb:`, `bus:`, the rest is empty, it is longer than
    /// `maximumLength`, has a byte that is not printable ASCII, or a `mac:` key has no valid address.
    public init?(_ text: ByteString) {
        guard text.count <= DeviceKey.maximumLength, text.count > 4 else { return nil }
        for byte in text.bytes where byte <= 0x20 || byte >= 0x7F { return nil }
        if text.hasPrefix("mac:") {
            guard let address = MACAddress(ByteString(Array(text.bytes.dropFirst(4)))) else { return nil }
            self.init(address)
            return
        }
        guard text.hasPrefix("usb:") || text.hasPrefix("bus:") else { return nil }
        self.init(verified: text)
    }

    private init(verified text: ByteString) { byteString = text }

    /// The hardware address, if the key is one.
    public var macAddress: MACAddress? {
        guard byteString.hasPrefix("mac:") else { return nil }
        return MACAddress(ByteString(Array(byteString.bytes.dropFirst(4))))
    }
}

extension DeviceKey: Comparable {
    /// Byte order of the text.
    public static func < (left: DeviceKey, right: DeviceKey) -> Bool { left.byteString < right.byteString }
}

extension DeviceKey: CustomStringConvertible {
    /// The text.
    public var description: String { byteString.text }
}
