import CollectorCore
import Foundation
import Storage
import TestSupport
import Testing

@testable import CollectorServer

/// The agent channel spoken by the Python package `websockets`, with a client certificate.
@Suite(.enabled(if: PeersPython.isPresent, "no python with cbor2 and websockets: set GATEHOUSE_PEERS_PYTHON"))
struct AgentPeerTests {
    /// A scenario of `Peers/agent.py`, and what it prints (without the line's end).
    struct Scenario: Sendable, CustomTestStringConvertible {
        let name: String
        let expected: String
        var testDescription: String { name }

        init(_ name: String, _ expected: String) {
            self.name = name
            self.expected = expected
        }
    }

    @Test(arguments: [
        Scenario("unmasked", #"{"code": 1002}"#),
        Scenario("huge", #"{"code": 1009}"#),
        Scenario("fragments", #"{"code": 1009}"#),
        Scenario("deep", #"{"code": 1008}"#),
        Scenario("garbage", #"{"code": 1007}"#),
        Scenario("early", #"{"code": 1008}"#),
        Scenario("clone", #"{"second": 0, "first": [2, 0]}"#),
        Scenario("restart", #"{"credits": 1024}"#),
        Scenario("replace", #"{"first": 1000, "credits": 1024}"#),
    ])
    func answers(_ scenario: Scenario) async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            _ = try await fixture.enrol("gate")
            let printed = try await fixture.peer(scenario.name, as: "gate", port: port)
            #expect(printed == scenario.expected + "\n")
        }
    }

    @Test func takesEachReportOnceOverTwoConnections() async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            _ = try await fixture.enrol("gate")
            let printed = try await fixture.peer("reports", as: "gate", port: port)
            let facts = try #require(
                JSONSerialization.jsonObject(with: Data(printed.utf8)) as? [String: Any]
            )
            #expect(facts["again"] as? [String: Int] == ["1": 1, "2": 10])
            #expect((facts["second"] as? [Any])?.last as? [String: Int] == ["1": 1, "2": 12])
            #expect(facts["subprotocol"] as? String == "gatehouse.v1")
            var query = EventQuery()
            query.kinds = [.incident]
            #expect(try await fixture.store.events(query).map(\.sequence) == (1...12).reversed())
            #expect(fixture.figures.value(.reportsDuplicate) == 10)
        }
    }

    @Test func aCloneIsHeldWithAnIncident() async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            let key = try await fixture.enrol("gate")
            _ = try await fixture.peer("clone", as: "gate", port: port)
            let found = try await fixture.store.gateway(key, nowMilliseconds: WallClock.system.nowMilliseconds)
            #expect(found?.record.hold != nil)
            let events = try await fixture.store.events(EventQuery(gateway: "gate"))
            #expect(events.contains { $0.kind == .incident && $0.value(of: "kind") == "clone" })
        }
    }

    @Test func aPushReachesTheLiveConnectionAndABanClosesIt() async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            let key = try await fixture.enrol("gate")
            async let printed = fixture.peer("wait", as: "gate", port: port)
            while await !fixture.registry.isConnected(key) { try await Task.sleep(for: .milliseconds(20)) }
            let hash = String(repeating: "ab", count: 32)
            let policy = PolicyRecord(
                tenant: key.tenant,
                hash: hash,
                generation: 3,
                issuedAtSeconds: 1,
                notAfterSeconds: 2,
                keyIdentifier: "",
                envelope: [1, 2, 3],
                actor: "test",
                storedMilliseconds: 1
            )
            let entry = AuditEntry(timeMilliseconds: 1, actor: "test", action: "test")
            try await fixture.store.storePolicy(policy, audit: entry)
            let outcome = try await fixture.operations.pushPolicy(
                hash,
                tenant: key.tenant,
                gateways: nil,
                actor: "test"
            )
            #expect(outcome.assigned == [key])
            let again = try await fixture.operations.pushPolicy(
                hash,
                tenant: key.tenant,
                gateways: ["gate", "none"],
                actor: "test"
            )
            #expect(again.skipped.keys.sorted() == ["none"])
            #expect(try await fixture.store.assignments(of: key, limit: 9).map(\.state) == [.pushed])
            try await fixture.operations.ban(key, reason: "stolen", actor: "test")
            let lines = try await printed.split(separator: "\n")
            #expect(lines.last == #"{"kinds": [3], "code": 1008, "reason": "gateway gate is banned: stolen"}"#)
            let refused = try await fixture.peer("refused", as: "gate", port: port)
            #expect(refused == "{\"code\": 1008}\n")
        }
    }
}
