extension DNSMessage {
    /// Most bytes over UDP where the asker sent no OPT record (RFC 1035 §4.2.1).
    public static let minimumPayloadLength = 512

    /// The OPT record (RFC 6891), if there is one.
    public var extensionRecord: DNSRecord? { additionals.first { $0.type == .opt } }

    /// How many bytes the sender takes over UDP: what its OPT record says, never below 512.
    public var payloadLength: Int {
        guard let record = extensionRecord else { return DNSMessage.minimumPayloadLength }
        return Swift.max(Int(record.recordClass.rawValue), DNSMessage.minimumPayloadLength)
    }

    /// The DO bit: the asker wants DNSSEC records (RFC 3225).
    public var wantsDNSSEC: Bool { (extensionRecord?.timeToLiveSeconds ?? 0) & 0x8000 != 0 }

    /// An OPT record without options that offers `payloadLength` bytes over UDP.
    public static func extensionRecord(payloadLength: UInt16, wantsDNSSEC: Bool = false) -> DNSRecord {
        DNSRecord(
            name: .root,
            type: .opt,
            recordClass: DNSClass(rawValue: payloadLength),
            timeToLiveSeconds: wantsDNSSEC ? 0x8000 : 0,
            data: .raw([])
        )
    }
}
