public import WireProtocol

/// Why a batch of reports cannot be what an agent meant to send; its connection is closed.
public enum IngestFault: Hashable, Sendable {
    /// More than `ReportBatch.maximumCount`.
    case tooMany
    /// Not in ascending order of (boot epoch, sequence), or a sequence of 0.
    case notAscending
    /// A boot epoch or a sequence above `IngestLimits.maximumNumber`.
    case tooGreat
    /// A boot epoch later than the one the agent said it is in.
    case fromTheFuture
    /// Far more than the credits it was given.
    case withoutCredit

    /// For people.
    public var words: String {
        switch self {
        case .tooMany: return "too many reports in one batch"
        case .notAscending: return "reports not in ascending order"
        case .tooGreat: return "reports with a number that is too great"
        case .fromTheFuture: return "reports of a boot epoch that has not begun"
        case .withoutCredit: return "more reports than credits"
        }
    }

    /// What is wrong with a batch of an agent in `bootEpoch`, or nil.
    public static func of(_ reports: [Report], bootEpoch: UInt64) -> IngestFault? {
        if reports.count > ReportBatch.maximumCount { return .tooMany }
        var previous = HighWaterMark()
        for report in reports {
            let mark = HighWaterMark(bootEpoch: report.bootEpoch, sequence: report.sequence)
            guard report.sequence > 0, mark.isAfter(previous) else { return .notAscending }
            guard max(report.bootEpoch, report.sequence) <= IngestLimits.maximumNumber else { return .tooGreat }
            guard report.bootEpoch <= bootEpoch else { return .fromTheFuture }
            previous = mark
        }
        return nil
    }
}

extension HighWaterMark {
    /// Whether this mark is later than `other`.
    public func isAfter(_ other: HighWaterMark) -> Bool {
        bootEpoch != other.bootEpoch ? bootEpoch > other.bootEpoch : sequence > other.sequence
    }
}
