import NetworkTypes
import SystemIO
import WireProtocol

/// Reports that the collector has not acknowledged.
final class ReportSpool {
    /// One report as it will be sent.
    struct Record {
        let mark: HighWaterMark
        let severity: Report.Severity
        let timeMilliseconds: UInt64
        let bytes: [UInt8]
    }

    private var records: [Record] = []
    private let maximumBytes: UInt64
    private(set) var byteCount: UInt64 = 0
    private let path: ByteString
    private var isDirty = false

    init(_ path: ByteString, maximumBytes: UInt64) throws(Failure) {
        self.path = path
        self.maximumBytes = maximumBytes
    }

    var count: Int { records.count }

    func append(_ record: Record) {
        records.append(record)
        byteCount += UInt64(record.bytes.count)
        isDirty = true
    }

    /// At most `limit` records after `mark`.
    func records(after mark: HighWaterMark, limit: Int) -> [Record] {
        var low = 0
        var high = records.count
        while low < high {
            let middle = (low + high) / 2
            if records[middle].mark <= mark { low = middle + 1 } else { high = middle }
        }
        return Array(records[low..<Swift.min(records.count, low + limit)])
    }

    func forget(upTo mark: HighWaterMark) {
        var count = 0
        while count < records.count, records[count].mark <= mark {
            byteCount -= UInt64(records[count].bytes.count)
            count += 1
        }
        if count > 0 {
            records.removeFirst(count)
            isDirty = true
        }
    }
}
