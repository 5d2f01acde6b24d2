import NetworkTypes
public import WireProtocol

/// One gateway's part of a transaction: takes reports, changes the rows that were loaded, and collects what to write.
///
/// Storage loads the gateway and the devices that the reports name, lets every report pass `take`, and writes what
/// came out. The decision is here, and so is the same for every database.
public struct GatewayIngest: Sendable {
    /// The gateway's row, changed by what was taken.
    public private(set) var gateway: GatewayRecord
    /// How many devices the gateway has.
    public private(set) var deviceCount: UInt64
    /// Rows to write, by device key.
    public private(set) var changedDevices: [String: DeviceRecord] = [:]
    /// Events to append, in order.
    public private(set) var events: [EventRecord] = []
    /// Packets to add up, by device and hour.
    public private(set) var violations: [ViolationHour: ViolationCount] = [:]
    /// What became of policies, in order.
    public private(set) var progress: [PolicyProgress] = []
    /// Flows to write, by key.
    public private(set) var changedFlows: [DeviceFlowKey: DeviceFlowRecord] = [:]
    /// How many flows the gateway has.
    public private(set) var flowCount: UInt64
    /// Reports that were taken.
    public private(set) var acceptedCount = 0
    /// Reports that were there before.
    public private(set) var duplicateCount = 0

    private var devices: [String: DeviceRecord]
    private var flows: [DeviceFlowKey: DeviceFlowRecord]
    /// When the reports came, milliseconds since 1970.
    public let receivedMilliseconds: UInt64

    /// Begins with the rows as they are. `devices` holds those of `deviceKeys` that exist, `flows` those of `flowKeys`;
    /// `flowCount` may be left out where no report names a flow.
    public init(
        gateway: GatewayRecord,
        devices: [String: DeviceRecord],
        deviceCount: UInt64,
        flows: [DeviceFlowKey: DeviceFlowRecord] = [:],
        flowCount: UInt64 = 0,
        receivedMilliseconds: UInt64
    ) {
        self.gateway = gateway
        self.devices = devices
        self.deviceCount = deviceCount
        self.flows = flows
        self.flowCount = flowCount
        self.receivedMilliseconds = receivedMilliseconds
        self.gateway.lastSeenMilliseconds = max(gateway.lastSeenMilliseconds, receivedMilliseconds)
    }

    /// Keys of the devices that reports name: what has to be loaded.
    public static func deviceKeys(of reports: [Report]) -> Set<String> {
        var keys: Set<String> = []
        for report in reports {
            switch report.body {
            case .device(let device): keys.insert(ReportText.clean(device.key))
            case .violation(let violation): keys.insert(ReportText.clean(violation.device))
            case .quarantine(let quarantine): keys.insert(ReportText.clean(quarantine.device))
            case .flows(let report): for flow in report.flows { keys.insert(DeviceKey(flow.device).byteString.text) }
            case .incident, .proof, .policyRefused, .health, .gap: break
            }
        }
        return keys
    }

    /// Takes one report, or counts it as a duplicate where the high-water mark covers it.
    public mutating func take(_ report: Report) {
        let mark = HighWaterMark(bootEpoch: report.bootEpoch, sequence: report.sequence)
        guard mark.isAfter(gateway.highWater) else {
            duplicateCount += 1
            return
        }
        gateway.highWater = mark
        acceptedCount += 1
        switch report.body {
        case .device(let device): take(device, of: report)
        case .violation(let violation): take(violation, of: report)
        case .quarantine(let quarantine): take(quarantine, of: report)
        case .incident(let incident): take(incident, of: report)
        case .proof(let proof): take(proof, of: report)
        case .policyRefused(let refusal): take(refusal, of: report)
        case .health(let health): take(health, of: report)
        case .gap(let gap): take(gap, of: report)
        case .flows(let flows): take(flows)
        }
    }

    /// Flows that the store is to forget once the changed ones are written, those seen longest ago first; they count as
    /// forgotten in the gateway's row. Ask once, after the last report and before the gateway is written.
    public mutating func takeExcessFlows() -> UInt64 {
        let limit = IngestLimits.maximumFlowsPerGateway
        guard flowCount > limit else { return 0 }
        let excess = flowCount - limit
        flowCount = limit
        gateway.forgottenFlowCount = (gateway.forgottenFlowCount ?? 0).addingClamped(excess)
        return excess
    }

    /// What to answer once it is committed.
    public var outcome: IngestOutcome {
        IngestOutcome(highWater: gateway.highWater, acceptedCount: acceptedCount, duplicateCount: duplicateCount)
    }

    mutating func append(
        _ kind: EventKind,
        of report: Report,
        device: String = "",
        summary: String,
        fields: [EventField]
    ) {
        events.append(
            EventRecord(
                gateway: gateway.key,
                bootEpoch: report.bootEpoch,
                sequence: report.sequence,
                kind: kind,
                device: device,
                severity: report.severity,
                timeMilliseconds: report.timeMilliseconds,
                receivedMilliseconds: receivedMilliseconds,
                summary: summary,
                fields: fields
            )
        )
    }

    func device(_ key: String) -> DeviceRecord? { devices[key] }

    func flow(_ key: DeviceFlowKey) -> DeviceFlowRecord? { flows[key] }

    mutating func keep(_ flow: DeviceFlowRecord) {
        if flows.updateValue(flow, forKey: flow.key) == nil { flowCount += 1 }
        changedFlows[flow.key] = flow
    }

    /// Keeps a device's row for writing; false where the gateway has too many devices already.
    mutating func keep(_ device: DeviceRecord) -> Bool {
        if devices[device.key] == nil {
            guard deviceCount < IngestLimits.maximumDevicesPerGateway else { return false }
            deviceCount += 1
        }
        devices[device.key] = device
        changedDevices[device.key] = device
        return true
    }

    mutating func count(_ violation: ViolationReport, device: String) {
        let hour = ViolationHour(device: device, hour: receivedMilliseconds / 3_600_000)
        var count = violations[hour] ?? ViolationCount()
        if violation.wasDropped {
            count.dropped = count.dropped.addingClamped(violation.count)
        } else {
            count.wouldDrop = count.wouldDrop.addingClamped(violation.count)
        }
        violations[hour] = count
    }

    mutating func advance(_ step: PolicyProgress) { progress.append(step) }

    mutating func withGateway(_ change: (inout GatewayRecord) -> Void) { change(&gateway) }
}

/// A device's row of the hourly counts.
public struct ViolationHour: Hashable, Sendable {
    /// The device's key.
    public let device: String
    /// Hours since 1970 by the collector's clock.
    public let hour: UInt64
}

/// Packets of one device in one hour.
public struct ViolationCount: Hashable, Sendable {
    /// Dropped.
    public var dropped: UInt64 = 0
    /// Not dropped, because of monitor mode.
    public var wouldDrop: UInt64 = 0
}

/// A step of a policy on one gateway.
public struct PolicyProgress: Hashable, Sendable {
    /// SHA-256 of the envelope, lower-case hexadecimal digits.
    public let policyHash: String
    /// `applied`, `proved` or `refused`.
    public let state: PolicyAssignment.State
    /// Why, where it was refused or is not proved.
    public let reason: String
    /// For people.
    public let detail: String
    /// From the agent's receipt to the proof; 0 where not measured.
    public let pushToProofMilliseconds: UInt64
}

extension UInt64 {
    /// The sum, or the greatest number that a database column holds.
    func addingClamped(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? UInt64(Int64.max) : Swift.min(sum, UInt64(Int64.max))
    }
}
