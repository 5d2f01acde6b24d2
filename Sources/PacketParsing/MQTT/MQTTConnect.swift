public import NetworkTypes

/// An MQTT CONNECT packet (MQTT 3.1.1 §3.1, MQTT 5 §3.1).
///
/// ```
/// 0x10 | remaining length (1-4) | name (2 + n) | level (1) | flags (1) | keep alive (2) | [properties] | client id (2 + n)
/// ```
public struct MQTTConnect: Hashable, Sendable {
    /// 3 for MQTT 3.1, 4 for 3.1.1, 5 for 5.
    public let level: UInt8
    /// Who connects; may be empty.
    public let clientIdentifier: ByteString

    /// A packet as far as the client identifier; what follows is left in the reader.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        guard try reader.readUInt8() == 0x10 else { throw reader.error(.unsupported) }
        _ = try MQTTConnect.variableInteger(&reader)
        let nameLength = try reader.readUInt16()
        guard nameLength == 4 || nameLength == 6 else { throw reader.error(.unsupported) }
        let name = ByteString(try reader.readBytes(Int(nameLength)))
        guard name == "MQTT" || name == "MQIsdp" else { throw reader.error(.unsupported) }
        // The highest bit marks a bridge (mosquitto).
        level = try reader.readUInt8() & 0x7F
        guard level >= 3, level <= 5 else { throw reader.error(.unsupported) }
        try reader.skip(3)
        if level == 5 { try reader.skip(try MQTTConnect.variableInteger(&reader)) }
        let length = Int(try reader.readUInt16())
        clientIdentifier = ByteString(try reader.readBytes(length))
    }

    /// MQTT 5 §1.5.5
    private static func variableInteger(_ reader: inout ByteReader) throws(DecodeError) -> Int {
        var value = 0
        for shift in 0..<4 {
            let byte = try reader.readUInt8()
            value |= Int(byte & 0x7F) << (shift * 7)
            if byte & 0x80 == 0 { return value }
        }
        throw reader.error(.malformed)
    }
}
