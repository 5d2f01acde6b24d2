import AgentCore
import ConfigurationFiles
import Foundation
import NetworkTypes
import SystemIO
import TestSupport
import Testing
import WireProtocol

@testable import AgentProgram

/// 30 days without the collector, with a clock moved by hand: the uplink and the spool as the running agent uses them.
@Suite struct MonthAloneTests {
    private static let dayMilliseconds: UInt64 = 86_400_000
    private static let monthMilliseconds = 30 * dayMilliseconds
    private static let bytes: UInt64 = 1 << 20

    private static func report(_ sequence: UInt64, _ severity: Report.Severity, _ time: UInt64) -> Report {
        var incident = IncidentReport()
        incident.kind = "test"
        incident.summary =
            "number \(sequence), of a length as those of devices have, with a few words more to make it so"
        incident.count = 1
        return Report(
            bootEpoch: 2,
            sequence: sequence,
            severity: severity,
            timeMilliseconds: time,
            body: .incident(incident)
        )
    }

    @Test func theUplinkTriesAllTheTimeAndNeverMoreThanItsBackOffAllows() {
        var uplink = Uplink()
        var random = SystemRandomNumberGenerator()
        var now: UInt64 = 0
        var attempts: [UInt64] = []
        while now < Self.monthMilliseconds {
            let time = AgentTime(wallMilliseconds: now, monotonicMilliseconds: now)
            for action in uplink.handle(.tick, now: time) {
                guard action == .resolve else { continue }
                attempts.append(now)
                _ = uplink.handle(.closed(entropy: random.next()), now: time)
            }
            guard case .waiting(let until) = uplink.state else {
                Issue.record("not waiting: \(uplink.state)")
                return
            }
            #expect(until <= now + Uplink.backoffLimitMilliseconds)
            now = max(until, now + AgentRuntime.tickMilliseconds)
        }
        // On average half the limit apart, and as good at the end as at the beginning.
        let expected = Int(Self.monthMilliseconds / Uplink.backoffLimitMilliseconds * 2)
        #expect((expected / 2...expected * 2).contains(attempts.count), "\(attempts.count)")
        #expect(uplink.disconnectCount == UInt64(attempts.count))
        #expect((attempts.last ?? 0) + 2 * Uplink.backoffLimitMilliseconds > Self.monthMilliseconds)
    }

    @Test func theSpoolKeepsWhatIsSevereAndNewAndTellsTheGap() async throws {
        try await TemporaryDirectory.with { directory in
            let folder = ByteString(utf8: directory.appending(path: "spool").path)
            var spool = try ReportSpool(folder, maximumBytes: Self.bytes, log: Log(level: .error))
            var sequence: UInt64 = 0
            var severities: [UInt64: Report.Severity] = [:]
            // One a minute: figures, now and then something to know, and one a day to act on.
            for minute in 0..<(30 * 1440) as Range<UInt64> {
                sequence += 1
                let severity: Report.Severity =
                    minute % 1440 == 7
                    ? .critical : minute % 60 == 3 ? .warning : minute % 5 == 0 ? .notice : .informational
                severities[sequence] = severity
                spool.append(Self.report(sequence, severity, minute * 60_000))
                #expect(spool.byteCount <= Self.bytes)
                // A power cut in the middle of the month.
                if minute == 15 * 1440 {
                    spool.sync()
                    #expect(spool.gap != nil)
                    // Told at once, as the running agent does: into the spool itself.
                    tell(&sequence, minute, spool, &severities)
                    spool = try ReportSpool(folder, maximumBytes: Self.bytes, log: Log(level: .error))
                }
            }
            tell(&sequence, 30 * 1440, spool, &severities)
            spool.sync()
            #expect(spool.failedCount == 0 && spool.gap == nil)

            var kept: Set<UInt64> = []
            var gaps: [GapReport] = []
            var mark = HighWaterMark()
            while true {
                let records = spool.records(after: mark, limit: 64)
                guard let last = records.last else { break }
                for record in records {
                    #expect(kept.insert(record.mark.sequence).inserted)
                    var reader = ByteReader(record.body.span)
                    if case .gap(let gap) = try Report(parsing: &reader).body { gaps.append(gap) }
                }
                mark = HighWaterMark(bootEpoch: last.mark.bootEpoch, sequence: last.mark.sequence)
            }
            let lost = Set(1...sequence).subtracting(kept)
            #expect(!lost.isEmpty && gaps.count == 2)
            #expect(gaps.reduce(0) { $0 + $1.count } == UInt64(lost.count))
            // All that is severe is there, and nothing of more weight went while something of less was kept from before it.
            #expect(lost.allSatisfy { (severities[$0] ?? .critical) < .warning })
            #expect(kept.contains { severities[$0] == .critical && $0 < 1440 })
            let times = lost.map { ($0 - 1) * 60_000 }
            #expect(gaps.map(\.firstMilliseconds).min() == times.min())
            // The second run's numbers are shifted by the gap that was told.
            #expect((gaps.map(\.lastMilliseconds).max() ?? 0) <= 30 * Self.dayMilliseconds)
            let acknowledged = HighWaterMark(bootEpoch: 2, sequence: sequence)
            spool.forget(upTo: acknowledged)
            #expect(spool.count == 0 && spool.byteCount == 0)
        }
    }

    private func tell(
        _ sequence: inout UInt64,
        _ minute: UInt64,
        _ spool: ReportSpool,
        _ severities: inout [UInt64: Report.Severity]
    ) {
        guard let gap = spool.gap else { return }
        sequence += 1
        severities[sequence] = .warning
        let report = Report(
            bootEpoch: 2,
            sequence: sequence,
            severity: .warning,
            timeMilliseconds: minute * 60_000,
            body: .gap(gap.report)
        )
        spool.append(report, telling: gap.loss)
    }
}
