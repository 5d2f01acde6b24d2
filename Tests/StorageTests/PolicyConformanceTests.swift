import CollectorCore
import NetworkTypes
import Storage
import Testing
import WireProtocol

/// Policies and their way through the fleet: what every store does.
@Suite struct PolicyConformanceTests {
    private static let other = ConformanceFixture.other

    @Test(arguments: StoreKind.allCases)
    func policiesAreKeptOnceAndListedWithoutEnvelopes(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            for (hash, generation) in [("aa", 1), ("cc", 3), ("bb", 3), ("dd", 2)] {
                try await fixture.policy(hash, generation: UInt64(generation))
            }
            try await fixture.policy("aa", generation: 9)
            #expect(try await fixture.actions() == Array(repeating: "policy.store", count: 4))
            let listed = try await store.policies(tenant: TenantName.standard, limit: 3)
            #expect(listed.map(\.hash) == ["bb", "cc", "dd"] && listed.allSatisfy { $0.envelope.isEmpty })
            let whole = try #require(try await store.policy("aa", tenant: TenantName.standard))
            #expect(whole.generation == 1 && whole.envelope == Array("aa".utf8) && whole.allowlists == ["cameras"])
            #expect(try await store.policy("aa", tenant: Self.other) == nil)
            #expect(try await store.policies(tenant: Self.other, limit: 9).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aPolicyBecomesTheTargetOfWhomItIsMeantFor(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            for (name, site) in [("a", "x-1"), ("b", "y"), ("c", "x-2"), ("d", "x-3")] {
                try await fixture.enrol(name, site: site)
            }
            try await fixture.enrol("a", site: "x-1", tenant: Self.other)
            let ban = BanRecord(actor: "", reason: "stolen", sinceMilliseconds: 0)
            try await store.ban(GatewayKey(gateway: "d"), ban, audit: fixture.entry("gateway.ban"))
            try await fixture.policy("p2", generation: 2, sites: ["x-*"])

            let all = try await fixture.assign("p2")
            #expect(all.assigned.map(\.gateway) == ["a", "c"])
            #expect(Set(all.skipped.keys) == ["b", "d"])
            #expect(all.skipped["b"]?.contains("not meant for it") == true)
            #expect(all.skipped["d"]?.contains("banned") == true)
            #expect(try await fixture.record(GatewayKey(gateway: "a"))?.policy.targetHash == "p2")
            #expect(try await fixture.record(GatewayKey(tenant: Self.other, gateway: "a"))?.policy.targetHash == "")
            let again = try await fixture.assign("p2", to: ["a", "none"])
            #expect(again.assigned.map(\.gateway) == ["a"] && again.skipped.keys.sorted() == ["none"])

            try await fixture.policy("p1", generation: 1)
            let lower = try await fixture.assign("p1", to: ["a", "b"])
            #expect(lower.assigned.map(\.gateway) == ["b"])
            #expect(lower.skipped["a"]?.contains("generation 2 already") == true)
            try await fixture.policy("q2", generation: 2)
            let same = try await fixture.assign("q2", to: ["a"])
            #expect(same.assigned.isEmpty, "two policies of one generation")

            try await fixture.policy("p3", generation: 3)
            _ = try await fixture.assign("p3")
            let own = try await store.assignments(of: GatewayKey(gateway: "a"), limit: 9)
            #expect(own.map(\.policyHash) == ["p3", "p2"] && own.map(\.state) == [.waiting, .superseded])
            let fleet = try await store.assignments(policy: "p3", tenant: TenantName.standard)
            #expect(fleet.map(\.gateway.gateway) == ["a", "b", "c"])
            #expect(try await store.assignments(policy: "p3", tenant: Self.other).isEmpty)
            await #expect(throws: StoreError.notFound("policy none")) { try await fixture.assign("none") }
            await #expect(throws: StoreError.notFound("policy p3")) {
                try await fixture.assign("p3", tenant: Self.other)
            }
            #expect(try await fixture.actions().filter { $0 == "policy.push" }.count == 5)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aPolicyIsFollowedToItsProofOrRefusal(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            let key = try await fixture.enrol("g")
            try await fixture.policy("70", generation: 4)
            _ = try await fixture.assign("70")
            func assignment() async throws -> PolicyAssignment {
                try #require(try await store.assignments(of: key, limit: 1).first)
            }
            try await store.recordPush(of: "70", to: key, nowMilliseconds: 11)
            try await store.recordPush(of: "none", to: key, nowMilliseconds: 11)
            let pushed = try await assignment()
            #expect(pushed.state == .pushed && pushed.pushedMilliseconds == 11)

            func proof(_ sequence: UInt64, isProved: Bool, milliseconds: UInt64 = 0) -> Report {
                var proof = ProofReport()
                (proof.generation, proof.policyHash, proof.isProved) = (4, ByteString([0x70]), isProved)
                (proof.pushToProofMilliseconds, proof.difference) = (milliseconds, isProved ? "" : "rule 1")
                return StoreFixture.report(1, sequence, .proof(proof))
            }
            try await fixture.submit(key, [proof(1, isProved: false)], at: 20)
            let applied = try await assignment()
            #expect(applied.state == .applied && applied.detail == "rule 1")
            try await fixture.submit(key, [proof(2, isProved: true, milliseconds: 90)], at: 30)
            try await fixture.submit(key, [proof(3, isProved: false)], at: 40)
            try await fixture.submit(key, [proof(4, isProved: true)], at: 50)
            let proved = try await assignment()
            #expect(proved.state == .proved && proved.reason == "" && proved.appliedMilliseconds == 20)
            #expect(proved.provedMilliseconds == 30 && proved.pushToProofMilliseconds == 90)
            try await store.recordPush(of: "70", to: key, nowMilliseconds: 60)
            #expect(try await assignment().state == .proved, "a push again does not undo a proof")

            var refusal = PolicyRefusalReport()
            (refusal.policyHash, refusal.reason) = (ByteString([0x70]), "expired")
            try await fixture.submit(key, [StoreFixture.report(1, 5, .policyRefused(refusal))], at: 70)
            let refused = try await assignment()
            #expect(refused.state == .refused && refused.reason == "expired")
            let again = try await fixture.assign("70", to: ["g"])
            #expect(again.assigned == [key])
            let anew = try await assignment()
            #expect(anew.state == .waiting && anew.reason == "" && anew.pushedMilliseconds == 0)
            #expect(try await store.assignment(of: "70", to: key) == anew)
            #expect(try await store.assignment(of: "71", to: key) == nil)
            let record = try await store.gateway(key, nowMilliseconds: 71)?.record
            #expect(record?.policy.refusal == nil, "of the push before")
            // Of a policy that never went out from here nothing is kept.
            refusal.policyHash = ByteString([0x99])
            try await fixture.submit(key, [StoreFixture.report(1, 6, .policyRefused(refusal))], at: 80)
            #expect(try await store.assignments(of: key, limit: 9).count == 1)
        }
    }
}
