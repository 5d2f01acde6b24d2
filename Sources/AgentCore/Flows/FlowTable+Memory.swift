public import NetworkTypes
import WireProtocol

// The flows across a restart: an array of maps, deterministic CBOR.
//
//     flow = { ? 1: device (48 bits), ? 2: name, ? 3: transport, ? 4: port, ? 5: direction, ? 6: count,
//              ? 7: first seen (ms), ? 8: last seen (ms), 9: address }      what is zero or empty is left out
extension FlowTable {
    /// Everything, in the order in which it was first seen.
    public func encoded() -> [UInt8] {
        var encoder = CBOREncoder()
        encoder.array(count: flows.count)
        for (key, record) in flows {
            encoder.map { map in
                map.unsigned(1, key.device.rawValue)
                map.text(2, key.name)
                map.unsigned(3, UInt64(key.transport.rawValue))
                map.unsigned(4, UInt64(key.port))
                map.unsigned(5, UInt64(key.direction.rawValue))
                map.unsigned(6, record.count)
                map.unsigned(7, record.firstMilliseconds)
                map.unsigned(8, record.lastMilliseconds)
                map.bytes(9, ByteString(record.address.octets))
            }
        }
        return encoder.encoded
    }

    /// What `encoded` wrote.
    public init(decoding bytes: [UInt8]) throws(DecodeError) {
        self.init()
        var reader = ByteReader(bytes.span)
        for _ in 0..<(try reader.readCBORArray(limit: FlowTable.maximumFlows)) { try readFlow(&reader) }
        try reader.expectEnd()
    }

    private mutating func readFlow(_ reader: inout ByteReader) throws(DecodeError) {
        let start = reader.position
        var device = MACAddress(rawValue: 0)
        var name: ByteString = ""
        var transport: UInt8 = 0
        var port: UInt16 = 0
        var direction: FlowDirection? = .internet
        var address: IPAddress?
        var record = FlowRecord(count: 0, firstMilliseconds: 0, lastMilliseconds: 0, address: IPAddress(v4: 0))
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: device = MACAddress(rawValue: try reader.readCBORUnsigned(limit: 0xFFFF_FFFF_FFFF))
            case 2: name = try reader.readCBORText(limit: DomainName.maximumLength)
            case 3: transport = UInt8(truncatingIfNeeded: try reader.readCBORUnsigned(limit: 255))
            case 4: port = UInt16(truncatingIfNeeded: try reader.readCBORUnsigned(limit: 65535))
            case 5:
                direction = FlowDirection(rawValue: UInt8(truncatingIfNeeded: try reader.readCBORUnsigned(limit: 2)))
            case 6: record.count = try reader.readCBORUnsigned()
            case 7: record.firstMilliseconds = try reader.readCBORUnsigned()
            case 8: record.lastMilliseconds = try reader.readCBORUnsigned()
            case 9: address = IPAddress(octets: try reader.readCBORBytes(limit: 16).bytes)
            default: try reader.skipCBORItem()
            }
        }
        guard let direction, let address else { throw DecodeError(.malformed, at: start) }
        if !name.isEmpty, DomainName(name)?.byteString != name || direction != .internet {
            throw DecodeError(.malformed, at: start)
        }
        record.address = address
        let isNamed = direction == .gateway || !name.isEmpty
        restore(
            FlowKey(
                device: device,
                name: name,
                address: isNamed ? IPAddress(v4: 0) : address,
                transport: TransportProtocol(rawValue: transport),
                port: port,
                direction: direction
            ),
            record
        )
    }
}
