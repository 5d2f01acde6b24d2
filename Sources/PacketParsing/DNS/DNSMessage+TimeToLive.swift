public import NetworkTypes

extension DNSMessage {
    /// The shortest time to live of all answers, in seconds; nil without answers.
    public var shortestTimeToLiveSeconds: UInt32? { answers.map { $0.timeToLiveSeconds }.min() }

    /// Makes no record live longer than `maximumSeconds`; the OPT record has flags there and is left alone.
    public mutating func limitTimesToLive(toSeconds maximumSeconds: UInt32) {
        DNSMessage.limit(&answers, maximumSeconds)
        DNSMessage.limit(&authorities, maximumSeconds)
        DNSMessage.limit(&additionals, maximumSeconds)
    }

    private static func limit(_ records: inout [DNSRecord], _ maximumSeconds: UInt32) {
        for index in records.indices where records[index].type != .opt {
            records[index].timeToLiveSeconds = Swift.min(records[index].timeToLiveSeconds, maximumSeconds)
        }
    }

    /// Where the times to live stand in a message, in bytes from its start, OPT left out.
    ///
    /// A cache keeps them beside the message and hands out copies with new times without decoding it again.
    public static func timeToLiveOffsets(parsing reader: inout ByteReader) throws(DecodeError) -> [Int] {
        let start = reader.position
        try reader.skip(4)
        let questionCount = Int(try reader.readUInt16())
        var recordCount = Int(try reader.readUInt16())
        recordCount += Int(try reader.readUInt16())
        recordCount += Int(try reader.readUInt16())
        guard questionCount <= maximumQuestions, recordCount <= maximumRecords else {
            throw reader.error(.limitExceeded)
        }
        for _ in 0..<questionCount {
            try DNSName.skip(&reader)
            try reader.skip(4)
        }
        var offsets: [Int] = []
        for _ in 0..<recordCount {
            try DNSName.skip(&reader)
            let type = DNSRecordType(rawValue: try reader.readUInt16())
            try reader.skip(2)
            if type != .opt { offsets.append(reader.position - start) }
            try reader.skip(4)
            try reader.skip(Int(try reader.readUInt16()))
        }
        return offsets
    }
}
