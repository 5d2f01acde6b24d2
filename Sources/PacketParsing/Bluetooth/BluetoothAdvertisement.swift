public import NetworkTypes

/// What a Bluetooth device advertises: the structures of EIR and advertising data (Core Specification 5.4, volume 3, part
/// C, §8 and §11; the numbers are those of the Assigned Numbers, §2.3).
public struct BluetoothAdvertisement: Hashable, Sendable {
    /// Most statements kept of one advertisement.
    public static let statementLimit = 32
    /// Bytes of a manufacturer's data that are kept: the beginning says what kind of data it is, the rest changes.
    public static let manufacturerBytes = 6

    /// One thing that is advertised.
    public struct Statement: Hashable, Sendable {
        /// What it is.
        public let kind: Kind
        /// As `Kind` says.
        public let value: ByteString
    }

    /// Kinds of statements.
    public enum Kind: UInt8, Hashable, Sendable {
        /// The local name, whole or shortened.
        case name
        /// A service that is offered: `fe95`, `b42e1f6e-ade7-11e4-89d3-123b93f75cba`.
        case service
        /// A service that data is sent of, in the same form.
        case serviceData
        /// The company's identifier, four hexadecimal digits, and the first bytes of its data: `004c:0215a4`.
        case manufacturer
        /// Category and subcategory of the appearance, decimal: `15/1` a keyboard.
        case appearance
        /// Major class of the class of device, two hexadecimal digits: `02` a phone.
        case majorClass
    }

    /// What was advertised, in its order, each thing once.
    public private(set) var statements: [Statement] = []

    /// Reads up to the end, or to the first structure of length 0, after which there are only zeros (§11).
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        while !reader.isAtEnd {
            let length = Int(try reader.readUInt8())
            if length == 0 {
                try reader.skip(reader.remaining)
                return
            }
            var data = try reader.slice(length)
            let type = try data.readUInt8()
            // Bytes of the UUIDs, for the kinds that have such.
            var size = 0
            let kind: Kind
            switch type {
            case 0x02...0x07:
                kind = .service
                size = type < 0x04 ? 2 : type < 0x06 ? 4 : 16
            case 0x16, 0x20, 0x21:
                kind = .serviceData
                size = type == 0x16 ? 2 : type == 0x20 ? 4 : 16
            case 0x08, 0x09: kind = .name
            case 0x0D: kind = .majorClass
            case 0x19: kind = .appearance
            case 0xFF: kind = .manufacturer
            default: continue
            }
            repeat {
                if kind == .service, data.isAtEnd { break }
                let value = try BluetoothAdvertisement.value(kind, size, &data)
                add(Statement(kind: kind, value: value))
            } while kind == .service
        }
    }

    private mutating func add(_ statement: Statement) {
        guard !statement.value.isEmpty, statements.count < BluetoothAdvertisement.statementLimit,
            !statements.contains(statement)
        else { return }
        statements.append(statement)
    }

    private static func value(_ kind: Kind, _ size: Int, _ data: inout ByteReader) throws(DecodeError) -> ByteString {
        var text = ByteString()
        switch kind {
        case .name: return ByteString(data)
        case .service, .serviceData: return service(try data.readBytes(size))
        case .majorClass:
            try data.skip(1)
            text.append(hexadecimal: UInt16(try data.readUInt8() & 0x1F), digits: 2)
        case .appearance:
            let value = try data.readUInt16LittleEndian()
            text = "\(value >> 6)/\(value & 0x3F)"
        case .manufacturer:
            text.append(hexadecimal: try data.readUInt16LittleEndian(), digits: 4)
            text.append(byte: 0x3A)
            let kept = min(data.remaining, BluetoothAdvertisement.manufacturerBytes)
            text.append(Hexadecimal.encode(try data.readBytes(kept)))
        }
        return text
    }

    /// What the UUIDs have in common to which the Bluetooth SIG assigned short numbers (volume 3, part B, §2.5.1).
    private static let base: ByteString = "-0000-1000-8000-00805f9b34fb"

    /// A UUID of 2, 4 or 16 bytes, the last first: in its short form where it has one.
    private static func service(_ bytes: [UInt8]) -> ByteString {
        var text = ByteString()
        var index = bytes.count
        while index > 0 {
            index -= 1
            text.append(hexadecimal: UInt16(bytes[index]), digits: 2)
            if bytes.count == 16, index == 12 || index == 10 || index == 8 || index == 6 { text.append(byte: 0x2D) }
        }
        if text.hasSuffix(base) { text.bytes.removeLast(base.count) }
        if text.count == 8, text.hasPrefix("0000") { text.bytes.removeFirst(4) }
        return text
    }
}
