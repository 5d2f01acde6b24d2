public import NetworkTypes

/// One message of the kernel on its Bluetooth management socket (doc/mgmt-api.txt of BlueZ, "Packet Structures").
///
/// ```
///  0       2                  4                  6
///  | event | controller index | parameter length | parameters …        all little-endian
/// ```
public struct BluetoothManagementEvent: Sendable {
    /// Command Status.
    public static let commandStatus: UInt16 = 0x0002
    /// Device Found.
    public static let deviceFound: UInt16 = 0x0012

    /// The event's code.
    public let code: UInt16
    /// The controller: 0 of `hci0`.
    public let controller: UInt16
    /// Of a Command Status the status, 0 where the command was done.
    public private(set) var status: UInt8 = 0
    /// The device of a Device Found, and what it advertises.
    public private(set) var sighting: Sighting?

    /// A device that was heard.
    public struct Sighting: Hashable, Sendable {
        /// Its address.
        public let address: MACAddress
        /// Whether it keeps the address: a public one, or a random one that is static (Core Specification 5.4, volume 6,
        /// part B, §1.3.2). The others change every few minutes, so that nobody can follow the device.
        public let isLasting: Bool
        /// Whether the address was assigned to its maker.
        public let isPublic: Bool
        /// What it says of itself.
        public let advertisement: BluetoothAdvertisement
    }

    /// Reads one message; what belongs to an event that is not read is passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        code = try reader.readUInt16LittleEndian()
        controller = try reader.readUInt16LittleEndian()
        var parameters = try reader.slice(Int(try reader.readUInt16LittleEndian()))
        guard reader.isAtEnd else { throw reader.error(.trailingBytes) }
        switch code {
        case BluetoothManagementEvent.commandStatus:
            try parameters.skip(2)
            status = try parameters.readUInt8()
        case BluetoothManagementEvent.deviceFound:
            let bytes: [UInt8] = try parameters.readBytes(6).reversed()
            var value: UInt64 = 0
            for byte in bytes { value = value << 8 | UInt64(byte) }
            // 0 BR/EDR, 1 LE public, 2 LE random.
            let type = try parameters.readUInt8()
            // RSSI and flags.
            try parameters.skip(5)
            var data = try parameters.slice(Int(try parameters.readUInt16LittleEndian()))
            sighting = Sighting(
                address: MACAddress(rawValue: value),
                isLasting: type != 2 || bytes[0] >= 0xC0,
                isPublic: type != 2,
                advertisement: try BluetoothAdvertisement(parsing: &data)
            )
        default: break
        }
    }
}
