import NetworkTypes
public import WireProtocol

// What the collector is told, where the configuration says so: each flow once it is there, and while it goes on again each
// hour. It is told anew after a restart: the collector takes the counts for those it has, so that changes nothing there,
// and mends what was lost on the way.
extension FlowTable {
    /// The shortest time between two reports.
    public static let reportMilliseconds: UInt64 = 30_000
    /// The shortest time between two reports of one flow.
    public static let repeatMilliseconds: UInt64 = 3_600_000

    /// Flows that the collector has not heard of, or not lately; they count as reported from now on. At most
    /// `FlowReport.maximumFlowCount`, beginning where the last report ended: a device that is everywhere keeps those of
    /// others waiting, not out. nil where there is nothing to tell.
    public mutating func takeReport(wallMilliseconds: UInt64) -> FlowReport? {
        var report = FlowReport()
        for _ in 0..<flows.count {
            guard report.flows.count < FlowReport.maximumFlowCount else { break }
            if reportCursor >= flows.count { reportCursor = 0 }
            let key = flows.keys[reportCursor]
            var record = flows.values[reportCursor]
            reportCursor += 1
            let reported = record.reportedMilliseconds
            let wentOn = record.lastMilliseconds > reported
            guard reported == 0 || (wentOn && wallMilliseconds >= reported + FlowTable.repeatMilliseconds) else {
                continue
            }
            record.reportedMilliseconds = Swift.max(1, wallMilliseconds)
            flows[key] = record
            report.flows.append(FlowReport.Flow(key, record))
        }
        return report.flows.isEmpty ? nil : report
    }
}
