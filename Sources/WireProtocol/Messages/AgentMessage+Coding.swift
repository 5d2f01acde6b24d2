public import NetworkTypes

extension AgentMessage: MessageCoding {
    /// Key 1: the kind; key 2: the body.
    public func encodeFields(_ map: inout CBORMapWriter) {
        switch self {
        case .hello(let hello):
            map.unsigned(1, 1)
            map.map(2) { hello.encodeFields(&$0) }
        case .reports(let batch):
            map.unsigned(1, 2)
            map.item(2) { item in
                // Never cut: a report left out would be acknowledged all the same. Whoever fills a batch counts.
                item.array(count: batch.reports.count)
                for report in batch.reports { item.map { report.encodeFields(&$0) } }
            }
        case .renew(let request):
            map.unsigned(1, 3)
            map.map(2) { request.encodeFields(&$0) }
        case .requestFile(let request):
            map.unsigned(1, 4)
            map.map(2) { request.encodeFields(&$0) }
        }
    }

    /// Key 1: the kind; key 2: the body. A kind that this version does not know is `.unsupported`.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        let start = reader.position
        var kind: UInt64 = 0
        var message: AgentMessage?
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch (key, kind) {
            case (1, _): kind = try reader.readCBORUnsigned()
            case (2, 1): message = .hello(try Hello(parsing: &reader))
            case (2, 2):
                var batch = ReportBatch([])
                for _ in 0..<(try reader.readCBORArray(limit: ReportBatch.maximumCount)) {
                    batch.reports.append(try Report(parsing: &reader))
                }
                message = .reports(batch)
            case (2, 3): message = .renew(try RenewalRequest(parsing: &reader))
            case (2, 4): message = .requestFile(try FileRequest(parsing: &reader))
            case (2, _): throw reader.error(.unsupported)
            default: try reader.skipCBORItem()
            }
        }
        guard let message else { throw DecodeError(.malformed, at: start) }
        self = message
    }

    /// The message that carries reports encoded before (records of the spool), without decoding them.
    ///
    /// Each element must be the result of `Report.encoded()`, and there may be at most `ReportBatch.maximumCount`.
    public static func encodedReports(_ reports: [[UInt8]]) -> [UInt8] {
        CBOREncoder.encodingMap { map in
            map.unsigned(1, 2)
            map.item(2) { item in
                item.array(count: reports.count)
                for report in reports { item.append(encoded: report) }
            }
        }
    }
}
