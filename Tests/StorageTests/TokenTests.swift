import CollectorCore
import Storage
import Testing

@Suite struct TokenTests {
    private struct Failure: Error {}

    private func gateway(_ name: String) -> IssuedCertificate {
        IssuedCertificate(gateway: GatewayRecord(key: GatewayKey(gateway: name), name: name), certificate: [1])
    }

    @Test func exactlyOneOfAHundredRedeemsAToken() async throws {
        let fixture = try StoreFixture()
        try await fixture.store.createToken(StoreFixture.token("t"), audit: StoreFixture.audit("token.create"))
        let results = await withTaskGroup(of: Result<IssuedCertificate, StoreError>.self) { group in
            for number in 0..<100 {
                group.addTask {
                    do throws(StoreError) {
                        return .success(
                            try await fixture.store.redeemToken(
                                StoreFixture.credential("t"),
                                nowMilliseconds: StoreFixture.start
                            ) { _ in gateway("racer-\(number)") }
                        )
                    } catch {
                        return .failure(error)
                    }
                }
            }
            var all: [Result<IssuedCertificate, StoreError>] = []
            for await result in group { all.append(result) }
            return all
        }
        let winners = results.compactMap { try? $0.get() }
        #expect(winners.count == 1)
        #expect(results.filter { $0 == .failure(.tokenRefused(.used)) }.count == 99)
        let gateways = try await fixture.store.gateways(GatewayQuery(nowMilliseconds: StoreFixture.start))
        #expect(gateways.map(\.record.key.gateway) == winners.map(\.gateway.key.gateway))
        let token = try await fixture.store.token("t", tenant: TenantName.standard)
        #expect(token?.redeemedBy == winners.first?.gateway.key.gateway)
        await fixture.finish()
    }

    @Test func aFailedIssueLeavesTheTokenGood() async throws {
        let fixture = try StoreFixture()
        try await fixture.store.createToken(StoreFixture.token("t"), audit: StoreFixture.audit("token.create"))
        await #expect(throws: StoreError.self) {
            try await fixture.store.redeemToken(StoreFixture.credential("t"), nowMilliseconds: StoreFixture.start) {
                _ in throw Failure()
            }
        }
        _ = try await fixture.store.redeemToken(StoreFixture.credential("t"), nowMilliseconds: StoreFixture.start) {
            _ in gateway("second-try")
        }
        await fixture.finish()
    }

    @Test func refusesWithItsReason() async throws {
        let fixture = try StoreFixture()
        let store = fixture.store
        for id in ["expired", "revoked", "good"] {
            try await store.createToken(StoreFixture.token(id), audit: StoreFixture.audit("token.create"))
        }
        try await store.revokeToken(
            "revoked",
            tenant: TenantName.standard,
            nowMilliseconds: StoreFixture.start,
            audit: StoreFixture.audit("token.revoke")
        )
        let cases: [(TokenCredential, UInt64, TokenRefusal)] = [
            (StoreFixture.credential("none"), 0, .unknown),
            (StoreFixture.credential("good", secret: [9]), 0, .wrongSecret),
            (StoreFixture.credential("expired"), 3_600_000, .expired),
            (StoreFixture.credential("revoked"), 0, .revoked),
        ]
        for (credential, later, refusal) in cases {
            await #expect(throws: StoreError.tokenRefused(refusal)) {
                try await store.redeemToken(credential, nowMilliseconds: StoreFixture.start + later) { _ in
                    gateway("never")
                }
            }
        }
        #expect(try await store.gateways(GatewayQuery(nowMilliseconds: StoreFixture.start)).isEmpty)
        await fixture.finish()
    }
}
