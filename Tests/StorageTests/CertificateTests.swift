import CollectorCore
import Storage
import Testing

@Suite struct CertificateTests {
    private static var renewed: CertificateSummary {
        var certificate = CertificateSummary()
        certificate.serialNumber = "2a"
        certificate.notBeforeSeconds = 5
        certificate.notAfterSeconds = 6
        return certificate
    }

    private static func certificate(_ fixture: StoreFixture) async throws -> CertificateSummary? {
        try await fixture.store.gateway(StoreFixture.gateway, nowMilliseconds: StoreFixture.start)?.record.certificate
    }

    private static func audited(_ fixture: StoreFixture) async throws -> [String] {
        try await fixture.store.auditRecords(tenant: TenantName.standard, before: nil, limit: 9).map(\.entry.action)
    }

    @Test func aRenewedCertificateIsKeptAndAudited() async throws {
        let fixture = try StoreFixture()
        let key = try await fixture.enrol()
        try await fixture.store.recordCertificate(Self.renewed, of: key, audit: StoreFixture.audit("gateway.renew"))
        #expect(try await Self.certificate(fixture) == Self.renewed)
        #expect(try await Self.audited(fixture).first == "gateway.renew")
        await fixture.finish()
    }

    @Test(arguments: [true, false])
    func aBannedOrHeldGatewayGetsNone(isBan: Bool) async throws {
        let fixture = try StoreFixture()
        let key = try await fixture.enrol()
        let before = try await Self.certificate(fixture)
        if isBan {
            let ban = BanRecord(actor: "t", reason: "stolen", sinceMilliseconds: 1)
            try await fixture.store.ban(key, ban, audit: StoreFixture.audit("gateway.ban"))
        } else {
            try await fixture.store.hold(key, HoldRecord(reason: "two hosts", sinceMilliseconds: 1))
        }
        let error = await #expect(throws: StoreError.self) {
            try await fixture.store.recordCertificate(
                Self.renewed,
                of: key,
                audit: StoreFixture.audit("gateway.renew")
            )
        }
        guard case .conflict(let words) = error else {
            Issue.record("not a conflict: \(String(describing: error))")
            return
        }
        #expect(words.contains(isBan ? "banned: stolen" : "held: two hosts"))
        #expect(try await Self.certificate(fixture) == before)
        #expect(try await !Self.audited(fixture).contains("gateway.renew"))
        await fixture.finish()
    }
}
