import CollectorCore
import Foundation
import GRDB
import WireProtocol

/// The reports of several gateways in one transaction.
enum IngestTransaction {
    typealias Outcomes = [Result<IngestOutcome, StoreError>]

    static func run(_ submissions: [IngestSubmission], _ database: Database) throws -> (Outcomes, [StoreChange]) {
        var outcomes: Outcomes = []
        var changes: [StoreChange] = []
        for submission in submissions {
            guard let row = try GatewayTable.fetch(submission.gateway, database) else {
                outcomes.append(.failure(.notFound("gateway \(submission.gateway.gateway)")))
                continue
            }
            let keys = GatewayIngest.deviceKeys(of: submission.reports)
            let flows = GatewayIngest.flowKeys(of: submission.reports)
            var ingest = GatewayIngest(
                gateway: row.record,
                devices: try DeviceTable.fetch(keys, of: submission.gateway, database),
                deviceCount: row.deviceCount,
                flows: try FlowTable.fetch(flows, of: submission.gateway, database),
                flowCount: flows.isEmpty ? 0 : try FlowTable.count(of: submission.gateway, database),
                receivedMilliseconds: submission.receivedMilliseconds
            )
            for report in submission.reports { ingest.take(report) }
            try write(&ingest, database, &changes)
            outcomes.append(.success(ingest.outcome))
        }
        return (outcomes, changes)
    }

    private static func write(
        _ ingest: inout GatewayIngest,
        _ database: Database,
        _ changes: inout [StoreChange]
    ) throws {
        let key = ingest.gateway.key
        let excessFlows = ingest.takeExcessFlows()
        try GatewayTable.update(ingest.gateway, deviceCount: ingest.deviceCount, database)
        for device in ingest.changedDevices.values {
            try DeviceTable.save(device, database)
            changes.append(.device(key, device: device.key))
        }
        for flow in ingest.changedFlows.values { try FlowTable.save(flow, of: key, database) }
        if excessFlows > 0 { try FlowTable.forgetOldest(excessFlows, of: key, database) }
        for device in Set(ingest.changedFlows.keys.map(\.device)) { changes.append(.device(key, device: device)) }
        for (hour, count) in ingest.violations { try DeviceTable.add(count, hour, key, database) }
        for step in ingest.progress {
            try PolicyTable.advance(step, gateway: key, nowMilliseconds: ingest.receivedMilliseconds, database)
            changes.append(.policy(tenant: key.tenant, hash: step.policyHash))
        }
        for event in ingest.events { try EventTable.append(event, database) }
        if !ingest.events.isEmpty { changes.append(.events(key, upTo: UInt64(clamping: database.lastInsertedRowID))) }
        changes.append(.gateway(key))
    }
}
