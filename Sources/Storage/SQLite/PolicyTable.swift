import CollectorCore
import Foundation
import GRDB

/// Rows of `policies` and `assignments`.
enum PolicyTable {
    static func assignment(_ gateway: GatewayKey, _ hash: String, _ database: Database) throws -> PolicyAssignment? {
        try Row.fetchOne(
            database,
            sql: "SELECT document FROM assignments WHERE tenant = ? AND gateway = ? AND hash = ?",
            arguments: [gateway.tenant, gateway.gateway, hash]
        )?.document(PolicyAssignment.self)
    }

    static func save(_ assignment: PolicyAssignment, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO assignments VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (tenant, gateway, hash) DO UPDATE SET document = excluded.document
                """,
            arguments: [
                assignment.gateway.tenant, assignment.gateway.gateway, assignment.policyHash,
                Int64(clamping: assignment.generation), try Documents.encode(assignment),
            ]
        )
    }

    /// A gateway reported how far a policy has come. Policies that were never assigned from here are left alone.
    static func advance(
        _ step: PolicyProgress,
        gateway: GatewayKey,
        nowMilliseconds: UInt64,
        _ database: Database
    ) throws {
        guard var assignment = try assignment(gateway, step.policyHash, database) else { return }
        assignment.state = step.state
        assignment.reason = step.reason
        assignment.detail = step.detail
        if step.state != .refused, assignment.appliedMilliseconds == 0 {
            assignment.appliedMilliseconds = nowMilliseconds
        }
        if step.state == .proved, assignment.provedMilliseconds == 0 {
            assignment.provedMilliseconds = nowMilliseconds
        }
        if step.pushToProofMilliseconds > 0, assignment.pushToProofMilliseconds == 0 {
            assignment.pushToProofMilliseconds = step.pushToProofMilliseconds
        }
        try save(assignment, database)
    }

    /// A gateway got a new target: what it had before is superseded.
    static func supersede(allOf gateway: GatewayKey, but hash: String, _ database: Database) throws {
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT document FROM assignments WHERE tenant = ? AND gateway = ? AND hash <> ?",
            arguments: [gateway.tenant, gateway.gateway, hash]
        )
        for row in rows {
            var assignment = try row.document(PolicyAssignment.self)
            guard assignment.state != .refused, assignment.state != .superseded else { continue }
            assignment.state = .superseded
            try save(assignment, database)
        }
    }
}
