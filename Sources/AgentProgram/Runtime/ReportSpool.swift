import NetworkTypes
import SystemIO
import WireProtocol

/// Reports that the collector has not acknowledged, on the disk: an outage or a power cut loses nothing silently.
final class ReportSpool {
    /// Most bytes of reports read for one message.
    static let readBytes = ProtocolVersion.maximumMessageBytes / 2

    private let store: SpoolStore
    private let log: Log
    /// Times that something could not be written.
    private(set) var failedCount: UInt64 = 0
    /// Why the last report was not written; empty where it was.
    private(set) var problem: ByteString = ""
    private var isSynced = true

    init(_ directory: ByteString, maximumBytes: UInt64, log: Log) throws(Failure) {
        self.log = log
        do throws(SystemError) {
            store = try SpoolStore(directory: directory, maximumBytes: maximumBytes)
        } catch {
            throw Failure(error)
        }
        if store.recoveredBytesLost > 0 {
            log.warning("the spool lost \(store.recoveredBytesLost) torn bytes")
        }
    }

    var count: UInt64 { store.count }
    var byteCount: UInt64 { store.bytes }
    /// The boot epoch of the newest report; a new one must be above it.
    var lastEpoch: UInt64 { store.lastMark.bootEpoch }

    /// Takes a report; it is safe after `sync`.
    func append(_ report: Report) {
        let record = ReportSpool.record(report)
        do throws(SystemError) { note(try store.append(record)) } catch { fail(error) }
    }

    /// Takes the report of what was given up until now. It stays to be told where there is no room for the report.
    func append(_ report: Report, telling loss: SpoolLoss) {
        let record = ReportSpool.record(report)
        do throws(SystemError) { note(try store.append(record, telling: loss)) } catch { fail(error) }
    }

    /// Counts a report as given up that no collector would take.
    func lose(_ report: Report) { store.lose(ReportSpool.record(report)) }

    private func note(_ isKept: Bool) {
        isSynced = false
        // A spool that has all it may have is none: see `gap`.
        problem = store.isOutOfSpace ? "no room for reports in \(store.directory)" : ""
        if !isKept, store.isOutOfSpace { failedCount += 1 }
    }

    private static func record(_ report: Report) -> SpoolRecord {
        SpoolRecord(
            mark: SpoolRecord.Mark(bootEpoch: report.bootEpoch, sequence: report.sequence),
            severity: report.severity.rawValue,
            timeMilliseconds: report.timeMilliseconds,
            body: report.encoded()
        )
    }

    /// Keeps room for a full disk.
    func keepReserve() { store.keepReserve() }

    /// Makes what was appended last through a power cut. Reports are sent only after it.
    func sync() {
        guard !isSynced else { return }
        isSynced = true
        do throws(SystemError) { try store.sync() } catch { fail(error) }
    }

    /// The oldest reports after `mark`.
    func records(after mark: HighWaterMark, limit: Int) -> [SpoolRecord] {
        sync()
        do throws(SystemError) {
            return try store.read(
                after: SpoolRecord.Mark(bootEpoch: mark.bootEpoch, sequence: mark.sequence),
                count: limit,
                maximumBytes: ReportSpool.readBytes
            )
        } catch {
            fail(error)
            return []
        }
    }

    /// The collector has everything up to `mark`.
    func forget(upTo mark: HighWaterMark) {
        do throws(SystemError) {
            try store.forget(upTo: SpoolRecord.Mark(bootEpoch: mark.bootEpoch, sequence: mark.sequence))
        } catch {
            fail(error)
        }
    }

    /// What was given up and is not told yet, for want of room or of a disk.
    var gap: (report: GapReport, loss: SpoolLoss)? {
        guard let loss = store.unreportedLoss else { return nil }
        var gap = GapReport()
        gap.count = loss.count
        gap.severity = Report.Severity(rawValue: loss.severity) ?? .informational
        gap.firstMilliseconds = loss.firstMilliseconds
        gap.lastMilliseconds = loss.lastMilliseconds
        return (gap, loss)
    }

    private func fail(_ error: SystemError) {
        failedCount += 1
        // A failing disk fails with every report; one line is enough to act on.
        if problem.isEmpty { log.error("a report was not written: \(error.byteString)") }
        problem = error.byteString
    }
}
