import CollectorAPI
import CollectorCore
import CollectorTestSupport
import Foundation
import Storage
import TestSupport
import Testing

@testable import CollectorServer
@testable import gatehousectl

/// Every resource of the API over the store on disk, held against the shapes that the API documents.
@Suite struct APIOverSQLiteTests {
    private let clock = WallClock { SampleFleet.nowMilliseconds }

    private func withStore(_ body: @escaping @Sendable (SQLiteStore) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let store = try SQLiteStore(path: directory.appending(path: "store.sqlite").path)
            let hash = try PasswordHash.make(SampleFleet.password)
            for role in UserRole.allCases {
                let user = UserRecord(
                    tenant: TenantName.standard,
                    name: role.rawValue,
                    role: role,
                    passwordHash: hash,
                    mustChangePassword: false,
                    createdMilliseconds: SampleFleet.nowMilliseconds
                )
                try await store.createUser(
                    user,
                    audit: AuditEntry(timeMilliseconds: 1, actor: "sample", action: "user.create")
                )
            }
            try await SampleFleet.report(to: store, now: SampleFleet.nowMilliseconds)
            try await body(store)
            await store.close()
        }
    }

    private static func shapes() throws -> DocumentedShapes {
        let document = try JSONSerialization.jsonObject(with: Data(OpenAPIDocument.text.utf8)) as? [String: Any]
        return DocumentedShapes(try #require(document))
    }

    private static func object(_ answer: APIClient.Answer) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any], "\(answer.text)")
    }

    @Test(
        arguments: [
            ("gateways", "Gateway", 2), ("devices", "Device", 2), ("events?limit=3", "Event", 3),
            ("tokens", "EnrolmentToken", 2), ("audit", "AuditLine", 9), ("people", "Person", 4),
            ("policy-status", "PolicyStatus", 2), ("policies", "Policy", 0),
            ("gateways/dock-00000001", "Gateway", nil), ("posture", "Posture", nil), ("session", "Session", nil),
            ("gateways/dock-00000001/devices/mac%3Aac%3Acc%3A8e%3A01%3A02%3A03", "Device", nil),
            ("gateways/dock-00000001/flows", "Flow", 3),
            ("gateways/dock-00000001/devices/mac%3Aac%3Acc%3A8e%3A01%3A02%3A03/flows", "Flow", 2),
            ("posture/gateways/dock-00000001", "Posture", nil), ("posture/sites/warehouse-1", "Posture", nil),
        ] as [(String, String, Int?)]
    )
    func everyResourceIsAsDocumented(_ path: String, _ shape: String, _ count: Int?) async throws {
        let clock = self.clock
        try await withStore { store in
            try await LiveCollector.run(store, clock: clock) { collector in
                let client = try await APIClient.loggedIn(collector, as: "admin")
                let answer = try await client.get("/api/v1/\(path)")
                #expect(answer.status == 200, "\(answer.text)")
                let object = try Self.object(answer)
                guard let count else {
                    #expect(try Self.shapes().faults(of: object, as: shape) == [])
                    return
                }
                let items = try #require(object["items"] as? [[String: Any]])
                #expect(items.count == count)
                for item in items { #expect(try Self.shapes().faults(of: item, as: shape) == []) }
            }
        }
    }

    @Test func whatIsDoneIsKept() async throws {
        let clock = self.clock
        try await withStore { store in
            try await LiveCollector.run(store, clock: clock) { collector in
                let client = try await APIClient.loggedIn(collector, as: "admin")
                let gateway = "/api/v1/gateways/\(SampleFleet.dock.gateway)"
                let reason = ReasonRequest(reason: "stolen")
                #expect(try await client.send("POST", gateway + "/ban", json: reason).status == 200)
                #expect(try await client.get(gateway).decoded(GatewayResource.self).state == "banned")
                #expect(try await client.send("POST", gateway + "/unban").status == 200)
                #expect(try await client.send("POST", gateway + "/end-hold").status == 200)

                let wanted = EnrolmentTokenRequest(site: "s", expiresInSeconds: 60)
                let token = try await client.send("POST", "/api/v1/tokens", json: wanted)
                let id = try token.decoded(EnrolmentTokenResource.self).id
                #expect(try await client.send("DELETE", "/api/v1/tokens/\(id)").status == 204)
                let used = "/api/v1/tokens/\(SampleFleet.dock.gateway)-token"
                #expect(try await client.send("DELETE", used).status == 409)

                let person = PersonRequest(user: "new", role: "viewer")
                #expect(try await client.send("POST", "/api/v1/people", json: person).status == 201)
                #expect(try await client.send("POST", "/api/v1/people", json: person).status == 409)

                let bytes = try APIFleetTests.envelope(generation: 1)
                let pushed = try await client.send("POST", "/api/v1/policies", body: bytes, type: "application/cose")
                #expect(pushed.status == 202)
                let answer = try pushed.decoded(PolicyPushResponse.self)
                #expect(answer.waiting == [SampleFleet.clinic.gateway, SampleFleet.dock.gateway])
                let policy = "/api/v1/policies/\(answer.policy.hash)"
                #expect(try await client.get(policy).decoded(PolicyResource.self).bytes == bytes.count)
                #expect(try await client.get(policy + "/envelope").body == bytes)
                let status = try await client.get(policy + "/status").decoded(Page<PolicyStatusResource>.self)
                #expect(status.items.map(\.state) == ["waiting", "waiting"])
                #expect(try await client.send("POST", "/api/v1/logout").status == 204)
                #expect(try await client.get("/api/v1/session").status == 401)
            }
            let actions = try await store.auditRecords(tenant: TenantName.standard, before: nil, limit: 100)
                .map(\.entry.action)
            for action in [
                "gateway.ban", "gateway.unban", "gateway.release", "token.create", "token.revoke", "user.create",
                "policy.store", "policy.push", "api-token.create", "api-token.revoke",
            ] { #expect(actions.contains(action), "\(action)") }
            #expect(try await store.verifyAudit().firstBroken == nil)
        }
    }

    @Test func pagesJoinWithoutHolesOrDoubles() async throws {
        let clock = self.clock
        try await withStore { store in
            try await LiveCollector.run(store, clock: clock) { collector in
                let client = try await APIClient.loggedIn(collector, as: "admin")
                for (path, key) in [("events", "id"), ("gateways", "id"), ("devices", "key"), ("audit", "sequence")] {
                    func all(_ limit: Int) async throws -> [String] {
                        var found: [String] = []
                        var cursor = ""
                        repeat {
                            let page = try Self.object(try await client.get("/api/v1/\(path)?limit=\(limit)\(cursor)"))
                            let items = page["items"] as? [[String: Any]] ?? []
                            found += items.map { "\($0[key] ?? "")" }
                            cursor = (page["next"] as? String).map { "&cursor=" + CollectorClient.encoded($0) } ?? ""
                        } while !cursor.isEmpty
                        return found
                    }
                    let whole = try await all(500)
                    #expect(whole.count >= 2 && Set(whole).count == whole.count, "\(path)")
                    for limit in [1, 2, 3] { #expect(try await all(limit) == whole, "\(path) by \(limit)") }
                }
            }
        }
    }
}
