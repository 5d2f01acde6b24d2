import CollectorAPI
import CollectorCore
import CollectorTestSupport
import Foundation
import NetworkTypes
import Policy
import TLS
import Testing

@testable import CollectorServer
@testable import gatehousectl

/// Gateways, devices, events, tokens, policies, posture, figures: over the wire.
@Suite struct APIFleetTests {
    private func filled() throws -> MemoryStore {
        let store = MemoryStore()
        try SampleFleet.fill(store)
        return store
    }

    private let clock = WallClock { SampleFleet.nowMilliseconds }

    @Test func gatewaysComeInPages() async throws {
        try await LiveCollector.run(try filled(), clock: clock) { collector in
            let client = try await APIClient.loggedIn(collector, as: "viewer")
            let first = try await client.get("/api/v1/gateways?limit=3").decoded(Page<GatewayResource>.self)
            #expect(first.items.count == 3)
            let next = try #require(first.next)
            let second = try await client.get("/api/v1/gateways?limit=3&cursor=\(next)").decoded(
                Page<GatewayResource>.self
            )
            #expect(second.items.count == 1)
            #expect(second.next == nil)
            let states = Dictionary(
                (first.items + second.items).map { ($0.name, [$0.state, $0.policy.state]) },
                uniquingKeysWith: { first, _ in first }
            )
            #expect(states["warehouse-dock"] == ["connected", "proved"])
            #expect(states["warehouse-gate"] == ["connected", "applied"])
            #expect(states["clinic-3-east"]?.first == "silent")
            #expect(states["office-berlin"] == ["connected", "refused"])
            for query in ["limit=0", "limit=501", "limit=x"] {
                #expect(try await client.get("/api/v1/gateways?\(query)").status == 400)
            }
            #expect(try await client.get("/api/v1/gateways/none").status == 404)
        }
    }

    @Test func aDeviceShowsItsEvidenceAndWhatItTried() async throws {
        try await LiveCollector.run(try filled(), clock: clock) { collector in
            let client = try await APIClient.loggedIn(collector, as: "viewer")
            let path = "/api/v1/gateways/gw-3f9a1c20/devices/mac%3Aac%3Acc%3A8e%3A01%3A02%3A03"
            let device = try await client.get(path).decoded(DeviceResource.self)
            #expect(device.class == "ip-camera")
            #expect(device.confidence.vendor == 0.99)
            #expect(device.evidence?.first?.says == ["class": "ip-camera", "vendor": "Axis"])
            #expect(device.history?.map(\.evidence.signal) == ["knowledge", "mdns.service"], "the newest first")
            #expect(device.history?.last?.before.class == "unknown" && device.history?.last?.after.class == "ip-camera")
            #expect(device.history?.first?.before.model == nil && device.history?.first?.after.model == "M3045-V")
            #expect(device.violations?.count == 2)
            let blocked = try #require(device.violations?.last?.violation)
            #expect(blocked.destinationName == "updates.example.net")
            #expect(blocked.port == 443)
            #expect(blocked.reason == "not-allowed")
            let quarantined = try await client.get("/api/v1/devices?quarantined=true").decoded(
                Page<DeviceResource>.self
            )
            #expect(quarantined.items.map(\.key) == ["mac:48:ea:63:0c:0d:0e"])
            #expect(quarantined.items.first?.evidence == nil && quarantined.items.first?.history == nil)
            let page = try await client.get("/api/v1/devices?limit=2").decoded(Page<DeviceResource>.self)
            let rest = try await client.get(
                "/api/v1/devices?limit=2&cursor=\(CollectorClient.encoded(try #require(page.next)))"
            ).decoded(Page<DeviceResource>.self)
            #expect(Set(page.items.map(\.key)).isDisjoint(with: rest.items.map(\.key)))
        }
    }

    @Test func eventsAreFilteredAndPaged() async throws {
        try await LiveCollector.run(try filled(), clock: clock) { collector in
            let client = try await APIClient.loggedIn(collector, as: "viewer")
            let critical = try await client.get("/api/v1/events?severity=critical").decoded(Page<EventResource>.self)
            #expect(Set(critical.items.map(\.kind)) == ["incident", "quarantine"])
            let two = try await client.get("/api/v1/events?kind=incident&kind=violation&limit=2")
                .decoded(Page<EventResource>.self)
            #expect(two.items.count == 2)
            #expect(two.items[0].id > two.items[1].id)
            let more = try await client.get("/api/v1/events?kind=incident&kind=violation&cursor=\(two.next ?? "")")
                .decoded(Page<EventResource>.self)
            #expect(more.items.allSatisfy { $0.id < two.items[1].id })
            for query in ["kind=nonsense", "severity=bad", "since=yesterday", "cursor=x"] {
                #expect(try await client.get("/api/v1/events?\(query)").status == 400, "\(query)")
            }
        }
    }

    @Test func tokensAreMadeOnceAndRevoked() async throws {
        let store = try filled()
        try await LiveCollector.run(store, clock: clock) { collector in
            let client = try await APIClient.loggedIn(collector, as: "operator")
            let made = try await client.send(
                "POST",
                "/api/v1/tokens",
                json: EnrolmentTokenRequest(site: "clinic-3", label: "east", expiresInSeconds: 60)
            )
            #expect(made.status == 201)
            let token = try made.decoded(EnrolmentTokenResource.self)
            let secret = try #require(token.secret)
            #expect(TokenCredential.split(secret)?.id == token.id)
            #expect(token.caSHA256 == collector.caSHA256)
            let listed = try await client.get("/api/v1/tokens").decoded(Page<EnrolmentTokenResource>.self)
            #expect(listed.items.first?.secret == nil)
            #expect(listed.items.first?.state == "open")
            #expect(try await client.send("DELETE", "/api/v1/tokens/\(token.id)").status == 204)
            let again = try await client.get("/api/v1/tokens").decoded(Page<EnrolmentTokenResource>.self)
            #expect(again.items.first?.state == "revoked")
            #expect(try await client.send("DELETE", "/api/v1/tokens/0000000000000000").status == 404)
            for bad in [EnrolmentTokenRequest(site: ""), .init(site: "a\nb"), .init(site: "a", expiresInSeconds: 0)] {
                #expect(try await client.send("POST", "/api/v1/tokens", json: bad).status == 400)
            }
        }
        #expect(store.auditLog.map(\.action).suffix(2) == ["token.create", "token.revoke"])
    }

    @Test func aBanIsKeptAndAudited() async throws {
        let store = try filled()
        try await LiveCollector.run(store, clock: clock) { collector in
            let client = try await APIClient.loggedIn(collector, as: "operator")
            let path = "/api/v1/gateways/gw-3f9a1c20"
            let banned = try await client.send("POST", path + "/ban", json: ReasonRequest(reason: "stolen"))
            #expect(try banned.decoded(GatewayResource.self).state == "banned")
            #expect(try await client.get(path).decoded(GatewayResource.self).stateReason == "stolen")
            #expect(try await client.send("POST", path + "/unban").status == 200)
            let release = path + "/devices/mac%3Aac%3Acc%3A8e%3A01%3A02%3A03/release"
            #expect(try await client.send("POST", release).status == 409)
        }
        #expect(
            store.auditLog.contains { $0.action == "gateway.ban" && $0.actor == "operator" && $0.detail == "stolen" }
        )
    }

    static func envelope(generation: UInt64, change: (inout PolicyBundle) -> Void = { _ in }) throws -> [UInt8] {
        let key = try Ed25519SigningKey.generate()
        var bundle = PolicyBundle()
        bundle.generation = generation
        bundle.issuedAtSeconds = SampleFleet.nowMilliseconds / 1000
        bundle.notAfterSeconds = bundle.issuedAtSeconds + 86_400
        bundle.allowlists = [Allowlist(name: "cameras")]
        change(&bundle)
        let payload = bundle.encoded()
        let keyID = PolicyEnvelope.keyID(of: key.publicKey)
        let signature = try key.sign(PolicyEnvelope.toBeSigned(payload: payload, keyID: keyID))
        return PolicyEnvelope(payload: payload, keyID: keyID, signature: signature).encoded()
    }

    @Test func policiesAreCheckedAndAssigned() async throws {
        try await LiveCollector.run(try filled(), clock: clock) { collector in
            let client = try await APIClient.loggedIn(collector, as: "signer")
            let bytes = try APIFleetTests.envelope(generation: 8)
            func push(_ bytes: [UInt8], _ query: String = "") async throws -> APIClient.Answer {
                try await client.send("POST", "/api/v1/policies\(query)", body: bytes, type: "application/cose")
            }
            let answer = try await push(bytes, "?gateway=gw-3f9a1c20")
            #expect(answer.status == 202)
            let pushed = try answer.decoded(PolicyPushResponse.self)
            #expect(pushed.waiting == ["gw-3f9a1c20"])
            #expect(pushed.policy.allowlists == ["cameras"])
            let hash = pushed.policy.hash
            #expect(hash == Hexadecimal.encode(Cryptography.sha256(bytes)).text)
            #expect(try await client.get("/api/v1/policies/\(hash)/envelope").body == bytes)
            let status = try await client.get("/api/v1/policies/\(hash)/status").decoded(
                Page<PolicyStatusResource>.self
            )
            #expect(status.items.map(\.state) == ["waiting"])
            let lower = try await push(try APIFleetTests.envelope(generation: 3))
            #expect(try lower.decoded(PolicyPushResponse.self).skipped.count == 4)

            var broken = bytes
            broken.removeLast()
            #expect(try await push(broken).status == 422)
            #expect(try await push([]).status == 422)
            #expect(try await push(bytes, "?gateway=nobody").status == 404)
            let invalid = try APIFleetTests.envelope(generation: 9) {
                $0.baseline.blockedPrefixes = [IPPrefix("0.0.0.0/0")].compactMap { $0 }
            }
            let refused = try await push(invalid)
            #expect(refused.status == 422)
            #expect(try refused.decoded(Problem.self).errors?.first?.contains("cut the gateway off") == true)
            let old = try APIFleetTests.envelope(generation: 9) {
                $0.issuedAtSeconds = 1; $0.notAfterSeconds = 2
            }
            #expect(try await push(old).status == 422)
        }
    }

    @Test func postureAddsUp() async throws {
        try await LiveCollector.run(try filled(), clock: clock) { collector in
            let client = try await APIClient.loggedIn(collector, as: "viewer")
            let fleet = try await client.get("/api/v1/posture").decoded(PostureResource.self)
            #expect(fleet.gateways == 4)
            #expect(fleet.provedGateways == 3)
            #expect(fleet.provedShare == 0.75)
            #expect(fleet.devices == 4)
            #expect(fleet.quarantinedDevices == 1)
            #expect(fleet.recentIncidents == 2)
            let site = try await client.get("/api/v1/posture/sites/warehouse-hamburg").decoded(PostureResource.self)
            #expect(site.gateways == 2)
            let gateway = try await client.get("/api/v1/posture/gateways/gw-77b0e4d1").decoded(PostureResource.self)
            #expect(gateway.score ?? 100 < site.score ?? 0)
            #expect(try await client.get("/api/v1/posture/sites/nowhere").status == 404)
        }
    }

    @Test func monitoringNeedsNoLogin() async throws {
        let store = try filled()
        try await LiveCollector.run(store, clock: clock) { collector in
            let client = APIClient(collector)
            #expect(try await client.get("/healthz").text == "ok\n")
            #expect(try await client.get("/readyz").status == 200)
            let metrics = try await client.get("/metrics")
            #expect(metrics.text.contains("\ngatehouse_gateways 4\n"))
            #expect(!metrics.text.contains("warehouse"))
            for line in metrics.text.split(separator: "\n") where !line.hasPrefix("#") {
                #expect(Double(line.split(separator: " ").last ?? "") != nil, "\(line)")
            }
            store.setBroken(true)
            #expect(try await client.get("/readyz").status == 503)
            #expect(try await client.get("/healthz").status == 200)
            #expect(try await client.get("/nothing/here").status == 404)
        }
    }

    @Test func anotherTenantSeesNothing() async throws {
        let store = try filled()
        store.put(
            UserRecord(
                tenant: "other",
                name: "stranger",
                role: .admin,
                passwordHash: try PasswordHash.make(SampleFleet.password),
                mustChangePassword: false,
                createdMilliseconds: 0
            )
        )
        try await LiveCollector.run(store, clock: clock) { collector in
            let client = try await APIClient.loggedIn(collector, as: "stranger")
            #expect(try await client.get("/api/v1/gateways").decoded(Page<GatewayResource>.self).items.isEmpty)
            #expect(try await client.get("/api/v1/events").decoded(Page<EventResource>.self).items.isEmpty)
            #expect(try await client.get("/api/v1/gateways/gw-3f9a1c20").status == 404)
            #expect(try await client.send("POST", "/api/v1/gateways/gw-3f9a1c20/ban").status == 404)
        }
    }
}
