import CollectorCore
import Foundation
import NetworkTypes
import Storage
import TestSupport
import Testing

@testable import CollectorServer

/// Renewal and the limits of a connection, asked for by the Python packages `websockets` and `cryptography`.
@Suite(
    .enabled(if: PeersPython.isPresent, "no python with cbor2 and websockets: set GATEHOUSE_PEERS_PYTHON")
)
struct AgentRenewalTests {
    private static func facts(_ printed: String) throws -> [String: Any] {
        let line = printed.split(separator: "\n").last ?? ""
        return try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    private static func certificate(of key: GatewayKey, _ fixture: ListenerFixture) async throws -> CertificateSummary {
        let now = WallClock.system.nowMilliseconds
        return try #require(try await fixture.store.gateway(key, nowMilliseconds: now)).record.certificate
    }

    private static func renewals(_ fixture: ListenerFixture) async throws -> [AuditEntry] {
        try await fixture.store.auditRecords(tenant: TenantName.standard, before: nil, limit: 100).map(\.entry)
            .filter { $0.action == "gateway.renew" }
    }

    @Test func aCertificateIsIssuedForTheGatewayOfTheConnection() async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            let key = try await fixture.enrol("gate")
            let facts = try Self.facts(try await fixture.peer("renew", as: "gate", port: port))
            #expect(facts["names"] as? [String] == ["spiffe://test.local/gateway/gate"])
            #expect(facts["subject"] as? String == "CN=gate")
            #expect(facts["isOurs"] as? Bool == true)
            // The configuration's two hours, and five minutes of backdating.
            #expect(facts["life"] as? Int == 7500)
            #expect(facts["again"] as? String == AgentSession.RenewalRefusal.tooSoon.words)
            #expect(facts["first"] as? Int == 1000, "the connection with the new certificate takes over")
            let kept = try await Self.certificate(of: key, fixture)
            #expect(kept.serialNumber == facts["serial"] as? String)
            #expect(kept.notAfterSeconds == kept.notBeforeSeconds + 7500)
            let audited = try await Self.renewals(fixture)
            #expect(audited.map(\.actor) == ["gateway:gate"] && audited.map(\.subject) == ["gate"])
            #expect(audited.first?.detail.contains(kept.serialNumber) == true)
            #expect(fixture.figures.value(.renewals) == 1)
            #expect(fixture.figures.value(.renewalsRateLimited) == 1)
        }
    }

    @Test func theCertificateBeforeStaysGood() async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            _ = try await fixture.enrol("gate")
            _ = try await fixture.peer("renew", as: "gate", port: port)
            // `later` shows the certificate of the enrolment.
            #expect(try await fixture.peer("later", as: "gate", port: port) == "{\"credits\": 1024}\n")
        }
    }

    @Test(arguments: [
        ("renew-damaged", "signature"), ("renew-nonsense", "not a DER certificate request"), ("renew-held", "held"),
    ])
    func aRefusalHasItsWords(scenario: String, words: String) async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            let key = try await fixture.enrol("gate")
            let before = try await Self.certificate(of: key, fixture)
            let facts = try Self.facts(try await fixture.peer(scenario, as: "gate", port: port))
            #expect((facts["answer"] as? String)?.contains(words) == true, "\(facts)")
            #expect(try await Self.certificate(of: key, fixture) == before)
            #expect(fixture.figures.value(.renewalsRefused) == 1 && fixture.figures.value(.renewals) == 0)
        }
    }

    @Test(arguments: ["renew-long", "renew-early"])
    func whatTheProtocolDoesNotAllowClosesTheConnection(scenario: String) async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            _ = try await fixture.enrol("gate")
            #expect(try await fixture.peer(scenario, as: "gate", port: port) == "{\"code\": 1008}\n")
            #expect(fixture.figures.value(.renewals) == 0)
        }
    }

    /// The ban is in the store, and its connection not closed yet: the transaction that keeps a certificate sees it.
    @Test func aBanIsSeenByTheRequestThatPassesIt() async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            let key = try await fixture.enrol("gate")
            async let printed = fixture.peer("renew-banned", as: "gate", port: port)
            while await !fixture.registry.isConnected(key) { try await Task.sleep(for: .milliseconds(20)) }
            let ban = BanRecord(actor: "test", reason: "stolen", sinceMilliseconds: 1)
            let entry = AuditEntry(timeMilliseconds: 1, actor: "test", action: "gateway.ban")
            try await fixture.store.ban(key, ban, audit: entry)
            try fixture.write("", to: "go")
            let facts = try Self.facts(try await printed)
            #expect((facts["answer"] as? String)?.contains("banned: stolen") == true, "\(facts)")
            #expect(try await Self.renewals(fixture).isEmpty)
        }
    }

    @Test func aConnectionEndsWithItsCertificate() async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            // Too short to outlast the test, and long enough for a handshake: on a machine that all tests share, the
            // last perhaps.
            for seconds: Int64 in [6, 12, 18] {
                _ = try await fixture.enrol("gate-\(seconds)", lifetimeSeconds: seconds)
                do {
                    let facts = try Self.facts(try await fixture.peer("wait", as: "gate-\(seconds)", port: port))
                    #expect(facts["code"] as? Int == 1008)
                    #expect((facts["reason"] as? String)?.contains("certificate has ended") == true)
                    return
                } catch let late as PeerFailure where late.description.contains("CERTIFICATE_EXPIRED") && seconds < 18 {
                    continue
                }
            }
        }
    }

    @Test func anAgentThatDoesNotReadIsClosed() async throws {
        var limits = AgentLimits()
        limits.maximumUnsentBytes = 1 << 20
        let fixture = try ListenerFixture(limits)
        try await fixture.whileListening { port in
            let key = try await fixture.enrol("gate")
            async let printed = fixture.peer("deaf", as: "gate", port: port)
            while await !fixture.registry.isConnected(key) { try await Task.sleep(for: .milliseconds(20)) }
            // Far more than the limit and what the kernel holds for both ends.
            var pushed = 0
            while fixture.figures.value(.unsentOverLimit) == 0, pushed < 400 {
                pushed += 1
                var policy = PolicyRecord(
                    tenant: key.tenant,
                    hash: "\(pushed)",
                    generation: UInt64(pushed),
                    issuedAtSeconds: 1,
                    notAfterSeconds: 2,
                    keyIdentifier: "",
                    envelope: [UInt8](repeating: 1, count: 512 << 10),
                    actor: "test",
                    storedMilliseconds: 1
                )
                policy.generation = UInt64(pushed)
                let hash = [UInt8(pushed & 0xFF), UInt8(pushed >> 8)]
                _ = await fixture.registry.push(policy, hash: hash, to: [key: 1])
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(fixture.figures.value(.unsentOverLimit) == 1)
            while await fixture.registry.isConnected(key) { try await Task.sleep(for: .milliseconds(20)) }
            try fixture.write("", to: "go")
            _ = try await printed
        }
    }

    @Test func aBanEndsAConnectionThatDoesNotRead() async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            let key = try await fixture.enrol("gate")
            async let printed = fixture.peer("deaf", as: "gate", port: port)
            while await !fixture.registry.isConnected(key) { try await Task.sleep(for: .milliseconds(20)) }
            let push = PolicyRecord(
                tenant: key.tenant,
                hash: "1",
                generation: 1,
                issuedAtSeconds: 1,
                notAfterSeconds: 2,
                keyIdentifier: "",
                envelope: [UInt8](repeating: 1, count: 900 << 10),
                actor: "test",
                storedMilliseconds: 1
            )
            // Below the limit, but more than the kernel takes: the close frame waits behind it.
            for number in 0..<4 { _ = await fixture.registry.push(push, hash: [UInt8(number)], to: [key: 1]) }
            try await fixture.operations.ban(key, reason: "stolen", actor: "test")
            while await fixture.registry.isConnected(key) { try await Task.sleep(for: .milliseconds(20)) }
            #expect(fixture.figures.value(.unsentOverLimit) == 0)
            try fixture.write("", to: "go")
            _ = try await printed
        }
    }

    @Test func theLimitsSayTheCredits() async throws {
        var limits = AgentLimits()
        limits.credits = 7
        let fixture = try ListenerFixture(limits)
        try await fixture.whileListening { port in
            _ = try await fixture.enrol("gate")
            #expect(try await fixture.peer("later", as: "gate", port: port) == "{\"credits\": 7}\n")
        }
    }
}
