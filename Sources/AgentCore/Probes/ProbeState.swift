import NetworkTypes
import Policy

/// What was asked of one device, and what may be asked next.
public struct ProbeState: Sendable {
    /// The last of each question.
    public internal(set) var records: [ProbeRecord] = []
    /// Whether an exchange is under way.
    var isBusy = false
    /// Monotonic; nothing is sent before.
    var notBeforeMilliseconds: UInt64 = 0
    /// The hour and the day that are being counted, monotonic, and what was used of each.
    var hourStartMilliseconds: UInt64 = 0
    var exchangesThisHour: UInt32 = 0
    var dayStartMilliseconds: UInt64 = 0
    var bytesToday: UInt64 = 0
    /// Where the device wants to be asked, from its answers to the searches.
    var upnpLocation: ProbeLocation?
    var onvifLocation: ProbeLocation?

    /// Nothing asked.
    public init() {}

    /// The last time a question was put.
    public func record(of step: ProbeStep) -> ProbeRecord? { records.first { $0.step == step } }

    /// Replaces what was known of a question.
    mutating func note(_ record: ProbeRecord) {
        for index in records.indices where records[index].step == record.step {
            var record = record
            let misses = records[index].misses
            record.misses = record.outcome == .answered ? 0 : Swift.min(misses + 1, ProbeLimits.maximumMisses)
            records[index] = record
            return
        }
        var record = record
        record.misses = record.outcome == .answered ? 0 : 1
        records.append(record)
    }

    /// Whether the device showed that it does not want to be asked.
    func isLeftAlone(nowSeconds: UInt64) -> Bool {
        for record in records where record.outcome == .reset || record.outcome == .refused {
            if nowSeconds < record.atSeconds + ProbeLimits.leftAloneSeconds { return true }
        }
        return false
    }

    /// Where a question goes to, if it may be put now.
    func location(of step: ProbeStep, policy: ProbePolicy, jitter: UInt64, nowSeconds: UInt64) -> ProbeLocation? {
        let every = UInt64(policy.everySeconds)
        for record in records where record.step.kind == step.kind && record.outcome == .closed {
            if nowSeconds < record.atSeconds + every * ProbeLimits.closedFactor { return nil }
        }
        if let last = record(of: step) {
            // The third time and later, every 8 times `every`.
            let wait = last.outcome == .answered ? every : every << UInt64(last.misses)
            if nowSeconds < last.atSeconds + wait + jitter % (every / 8 + 1) { return nil }
        }
        if let before = step.prerequisite {
            guard let record = record(of: before), record.outcome == .answered, nowSeconds < record.atSeconds + every
            else {
                return nil
            }
        }
        if let port = step.port { return ProbeLocation(port: port) }
        return step.kind == .upnp ? upnpLocation : onvifLocation
    }

    /// Begins the hour and the day anew where they are over; how many bytes are left of the day, 0 where the hour is used
    /// up.
    mutating func remainingBytes(_ policy: ProbePolicy, nowMilliseconds: UInt64) -> UInt64 {
        if exchangesThisHour == 0 || nowMilliseconds >= hourStartMilliseconds + 3_600_000 {
            hourStartMilliseconds = nowMilliseconds
            exchangesThisHour = 0
        }
        if bytesToday == 0 || nowMilliseconds >= dayStartMilliseconds + 86_400_000 {
            dayStartMilliseconds = nowMilliseconds
            bytesToday = 0
        }
        guard exchangesThisHour < policy.exchangesPerHour, bytesToday < UInt64(policy.bytesPerDay) else { return 0 }
        return UInt64(policy.bytesPerDay) - bytesToday
    }
}

extension ProbeLocation {
    /// A port of the table.
    init(port: UInt16) {
        self.port = port
        path = "/"
    }
}
