public import NetworkTypes

extension FlowReport: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        guard !flows.isEmpty else { return }
        map.item(1) { item in
            let count = Swift.min(flows.count, FlowReport.maximumFlowCount)
            item.array(count: count)
            for flow in flows[..<count] { item.map { flow.encodeFields(&$0) } }
        }
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1:
                for _ in 0..<(try reader.readCBORArray(limit: FlowReport.maximumFlowCount)) {
                    flows.append(try Flow(parsing: &reader))
                }
            default: try reader.skipCBORItem()
            }
        }
    }
}

extension FlowReport.Flow: MessageCoding {
    /// Keys as in PROTOCOL.md.
    public func encodeFields(_ map: inout CBORMapWriter) {
        map.unsigned(1, device.rawValue)
        map.text(2, name)
        map.unsigned(3, UInt64(transport.rawValue))
        map.unsigned(4, UInt64(port))
        map.unsigned(5, UInt64(direction.rawValue))
        map.unsigned(6, count)
        map.unsigned(7, firstMilliseconds)
        map.unsigned(8, lastMilliseconds)
        map.item(9) { $0.bytes(address.octets) }
    }

    /// Keys as in PROTOCOL.md; unknown ones are passed over. The address must be there; a name must be one, in the form in
    /// which names are compared, and only flows beyond the gateway have one.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        let start = reader.position
        var (isWhole, code) = (false, FlowDirection.internet.rawValue)
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: device = MACAddress(rawValue: try reader.readCBORUnsigned(limit: 0xFFFF_FFFF_FFFF))
            case 2: name = try reader.readCBORText(limit: DomainName.maximumLength)
            case 3:
                let number = try reader.readCBORUnsigned(limit: 0xFF)
                transport = TransportProtocol(rawValue: UInt8(truncatingIfNeeded: number))
            case 4: port = UInt16(truncatingIfNeeded: try reader.readCBORUnsigned(limit: 0xFFFF))
            case 5: code = UInt8(truncatingIfNeeded: try reader.readCBORUnsigned(limit: 0xFF))
            case 6: count = try reader.readCBORUnsigned()
            case 7: firstMilliseconds = try reader.readCBORUnsigned()
            case 8: lastMilliseconds = try reader.readCBORUnsigned()
            case 9:
                address = try reader.readMessageAddress()
                isWhole = true
            default: try reader.skipCBORItem()
            }
        }
        guard isWhole, let direction = FlowDirection(rawValue: code),
            name.isEmpty || (direction == .internet && DomainName(name)?.byteString == name)
        else { throw DecodeError(.malformed, at: start) }
        self.direction = direction
    }
}
