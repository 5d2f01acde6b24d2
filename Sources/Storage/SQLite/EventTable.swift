import CollectorCore
import Foundation
import GRDB
import WireProtocol

/// Rows of `events`.
enum EventTable {
    static func append(_ event: EventRecord, _ database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO events (tenant, gateway, boot_epoch, sequence, kind, device, severity, time, received,
                    summary, fields) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            event.gateway.tenant, event.gateway.gateway, Int64(clamping: event.bootEpoch),
            Int64(clamping: event.sequence), event.kind.rawValue, event.device, Int64(event.severity.rawValue),
            Int64(clamping: event.timeMilliseconds), Int64(clamping: event.receivedMilliseconds), event.summary,
            try Documents.encode(event.fields),
        ])
    }

    static func record(_ row: Row) throws -> EventRecord {
        let fields: Data = row["fields"]
        let kind: String = row["kind"]
        guard let eventKind = EventKind(rawValue: kind) else { throw StoreError.failed("unknown event kind \(kind)") }
        return EventRecord(
            id: row.unsigned("id"),
            gateway: GatewayKey(tenant: row["tenant"], gateway: row["gateway"]),
            bootEpoch: row.unsigned("boot_epoch"),
            sequence: row.unsigned("sequence"),
            kind: eventKind,
            device: row["device"],
            severity: Report.Severity(rawValue: UInt8(clamping: row.unsigned("severity"))) ?? .informational,
            timeMilliseconds: row.unsigned("time"),
            receivedMilliseconds: row.unsigned("received"),
            summary: row["summary"],
            fields: try Documents.decode([EventField].self, fields)
        )
    }
}
