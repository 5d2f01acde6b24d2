public import NetworkTypes
import WireProtocol

// The flows across a restart: an array of what is one flow of a report, deterministic CBOR.
extension FlowTable {
    /// Everything, in the order in which it was first seen.
    public func encoded() -> [UInt8] {
        var encoder = CBOREncoder()
        encoder.array(count: flows.count)
        for (key, record) in flows { encoder.map { FlowReport.Flow(key, record).encodeFields(&$0) } }
        return encoder.encoded
    }

    /// What `encoded` wrote.
    public init(decoding bytes: [UInt8]) throws(DecodeError) {
        self.init()
        var reader = ByteReader(bytes.span)
        for _ in 0..<(try reader.readCBORArray(limit: FlowTable.maximumFlows)) {
            let flow = try FlowReport.Flow(parsing: &reader)
            restore(FlowKey(flow), FlowRecord(flow))
        }
        try reader.expectEnd()
    }
}

extension FlowReport.Flow {
    init(_ key: FlowKey, _ record: FlowRecord) {
        self.init()
        device = key.device
        name = key.name
        address = record.address
        transport = key.transport
        port = key.port
        direction = key.direction
        count = record.count
        firstMilliseconds = record.firstMilliseconds
        lastMilliseconds = record.lastMilliseconds
    }
}

extension FlowKey {
    fileprivate init(_ flow: FlowReport.Flow) {
        let isNamed = flow.direction == .gateway || !flow.name.isEmpty
        self.init(
            device: flow.device,
            name: flow.name,
            address: isNamed ? IPAddress(v4: 0) : flow.address,
            transport: flow.transport,
            port: flow.port,
            direction: flow.direction
        )
    }
}

extension FlowRecord {
    fileprivate init(_ flow: FlowReport.Flow) {
        self.init(
            count: flow.count,
            firstMilliseconds: flow.firstMilliseconds,
            lastMilliseconds: flow.lastMilliseconds,
            address: flow.address
        )
    }
}
