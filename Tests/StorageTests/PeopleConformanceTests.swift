import CollectorCore
import Storage
import Testing

/// Enrolment tokens, people, sessions, the audit log, and the store's own life: what every store does.
@Suite struct PeopleConformanceTests {
    private static let now = ConformanceFixture.now
    private static let other = ConformanceFixture.other
    private static let standard = TenantName.standard

    @Test(arguments: StoreKind.allCases)
    func tokensAreListedAndRevoked(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            for (id, created) in [("b", 2), ("a", 2), ("c", 3), ("d", 1)] {
                var token = StoreFixture.token(id)
                token.createdMilliseconds = UInt64(created)
                try await store.createToken(token, audit: fixture.entry("token.create"))
            }
            #expect(try await store.tokens(tenant: Self.standard, limit: 9).map(\.id) == ["c", "a", "b", "d"])
            #expect(try await store.tokens(tenant: Self.standard, limit: 1).map(\.id) == ["c"])
            #expect(try await store.tokens(tenant: Self.other, limit: 9).isEmpty)
            #expect(try await store.token("a", tenant: Self.other) == nil)
            func revoke(_ id: String, tenant: String = TenantName.standard, at now: UInt64 = 7) async throws {
                let audit = fixture.entry("token.revoke")
                try await store.revokeToken(id, tenant: tenant, nowMilliseconds: now, audit: audit)
            }
            try await revoke("a")
            try await revoke("a", at: 8)
            #expect(try await store.token("a", tenant: Self.standard)?.revokedMilliseconds == 7)
            await #expect(throws: StoreError.notFound("token none")) { try await revoke("none") }
            await #expect(throws: StoreError.notFound("token b")) { try await revoke("b", tenant: Self.other) }
            let key = try await fixture.enrol("g")
            let used = "token-\(key.tenant)-g"
            await #expect {
                try await revoke(used)
            } throws: { error in
                guard case StoreError.conflict(let words) = error else { return false }
                return words.hasPrefix("token \(used) was redeemed")
            }
            let token = try await store.token(used, tenant: Self.standard)
            #expect(token?.redeemedBy == "g" && token?.redeemedMilliseconds == Self.now)
            #expect(try await fixture.actions().filter { $0 == "token.revoke" }.count == 1)
        }
    }

    private struct Failure: Error {}

    @Test(arguments: StoreKind.allCases)
    func aTokenIsRedeemedWithItsGatewayOrNotAtAll(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            try await fixture.enrol("taken")
            try await store.createToken(StoreFixture.token("t"), audit: fixture.entry("token.create"))
            func redeem(_ name: String?, secret: [UInt8] = [1, 2, 3]) async throws -> IssuedCertificate {
                let credential = StoreFixture.credential("t", secret: secret)
                return try await store.redeemToken(credential, nowMilliseconds: Self.now) { token in
                    guard let name else { throw Failure() }
                    var record = GatewayRecord(key: GatewayKey(tenant: token.tenant, gateway: name), name: name)
                    record.site = token.site
                    return IssuedCertificate(gateway: record, certificate: [9])
                }
            }
            await #expect(throws: StoreError.abandoned("Failure()")) { try await redeem(nil) }
            await #expect(throws: StoreError.conflict("gateway taken exists already")) { try await redeem("taken") }
            await #expect(throws: StoreError.tokenRefused(.wrongSecret)) { try await redeem("g", secret: [9]) }
            #expect(try await fixture.record(GatewayKey(gateway: "g")) == nil)
            let issued = try await redeem("g")
            #expect(issued.certificate == [9] && issued.gateway.site == "warehouse-1")
            await #expect(throws: StoreError.tokenRefused(.used)) { try await redeem("h") }
            #expect(try await fixture.record(GatewayKey(gateway: "g"))?.site == "warehouse-1")
            #expect(try await fixture.actions().filter { $0 == "gateway.enrol" }.count == 2)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func peopleHaveOneLoginAndLoseTheirSessions(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            for name in ["zoe", "ann"] {
                try await store.createUser(ConformanceFixture.user(name), audit: fixture.entry("user.create"))
            }
            let stranger = ConformanceFixture.user("ann", tenant: Self.other)
            await #expect(throws: StoreError.conflict("the login ann is taken")) {
                try await store.createUser(stranger, audit: fixture.entry("user.create"))
            }
            #expect(try await store.users(tenant: Self.standard).map(\.name) == ["ann", "zoe"])
            #expect(try await store.users(tenant: Self.other).isEmpty)
            await #expect(throws: StoreError.notFound("user ann")) {
                try await store.updateUser(stranger, audit: fixture.entry("user.update"))
            }
            await #expect(throws: StoreError.notFound("user bob")) {
                try await store.updateUser(ConformanceFixture.user("bob"), audit: fixture.entry("user.update"))
            }
            func session(_ secret: UInt8, of user: String) async throws {
                let session = SessionRecord(
                    secretHash: [secret],
                    tenant: Self.standard,
                    user: user,
                    formToken: "f",
                    createdMilliseconds: 1,
                    expiresMilliseconds: 100
                )
                try await store.createSession(session)
            }
            func isThere(_ secret: UInt8, at now: UInt64 = 50) async throws -> Bool {
                try await store.session([secret], nowMilliseconds: now) != nil
            }
            for (secret, user) in [(1, "ann"), (2, "ann"), (3, "zoe")] { try await session(UInt8(secret), of: user) }
            #expect(try await isThere(1))
            #expect(try await !isThere(1, at: 100), "its time is over")
            #expect(try await !isThere(9))
            try await store.endSession([2])
            #expect(try await !isThere(2))
            var ann = ConformanceFixture.user("ann")
            ann.role = .admin
            try await store.updateUser(ann, audit: fixture.entry("user.update"))
            #expect(try await isThere(1), "a new role ends no session")
            ann.passwordHash = "new"
            try await store.updateUser(ann, audit: fixture.entry("password.change"))
            #expect(try await !isThere(1))
            #expect(try await isThere(3), "another's password is no matter")
            #expect(try await store.user("ann") == ann)
            var zoe = ConformanceFixture.user("zoe")
            zoe.disabledMilliseconds = 5
            try await store.updateUser(zoe, audit: fixture.entry("user.disable"))
            #expect(try await !isThere(3))
            try await session(4, of: "zoe")
            #expect(try await store.deleteEndedSessions(nowMilliseconds: 99) == 0)
            #expect(try await store.deleteEndedSessions(nowMilliseconds: 100) == 1)
            #expect(
                try await fixture.actions() == [
                    "user.create", "user.create", "user.update", "password.change", "user.disable",
                ]
            )
        }
    }

    @Test(arguments: StoreKind.allCases)
    func apiTokensAreListedAndRevoked(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            try await store.createUser(ConformanceFixture.user("ann"), audit: fixture.entry("user.create"))
            for (id, created) in [("b", 1), ("a", 1), ("c", 2)] {
                let token = APITokenRecord(
                    id: id,
                    secretHash: [1],
                    tenant: Self.standard,
                    user: "ann",
                    role: .viewer,
                    label: "l",
                    createdMilliseconds: UInt64(created),
                    expiresMilliseconds: 9
                )
                try await store.createAPIToken(token, audit: fixture.entry("api-token.create"))
            }
            #expect(try await store.apiTokens(user: "ann").map(\.id) == ["c", "a", "b"])
            #expect(try await store.apiTokens(user: "bob").isEmpty)
            for now in [5, 6] {
                let audit = fixture.entry("api-token.revoke")
                try await store.revokeAPIToken("a", nowMilliseconds: UInt64(now), audit: audit)
            }
            #expect(try await store.apiToken("a")?.revokedMilliseconds == 5)
            #expect(try await store.apiToken("none") == nil)
            await #expect(throws: StoreError.notFound("API token none")) {
                try await store.revokeAPIToken("none", nowMilliseconds: 1, audit: fixture.entry("x"))
            }
            #expect(try await fixture.actions().filter { $0 == "api-token.revoke" }.count == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theAuditLogIsOneChainThroughAllTenants(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            var last = [UInt8](repeating: 0, count: 32)
            for number in 1...6 {
                let tenant = number % 3 == 0 ? Self.other : Self.standard
                let record = try await store.appendAudit(fixture.entry("act-\(number)", tenant: tenant))
                #expect(record.sequence == UInt64(number) && record.previousHash == last && record.hash.count == 32)
                last = record.hash
            }
            func numbers(_ tenant: String, before: UInt64? = nil, limit: Int = 9) async throws -> [UInt64] {
                try await store.auditRecords(tenant: tenant, before: before, limit: limit).map(\.sequence)
            }
            #expect(try await numbers(Self.standard) == [5, 4, 2, 1])
            #expect(try await numbers(Self.other) == [6, 3])
            #expect(try await numbers(Self.standard, before: 5, limit: 2) == [4, 2])
            #expect(try await store.verifyAudit() == AuditVerification(checkedCount: 6, firstBroken: nil))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func changesAreToldAndEndWithTheStore(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            let changes = store.changes()
            let key = try await fixture.enrol("g")
            try await fixture.policy("aa", generation: 1)
            _ = try await fixture.assign("aa")
            try await fixture.submit(key, [StoreFixture.device(1, 1)])
            try await store.checkHealth()
            await store.close()
            var told: Set<StoreChange> = []
            for await change in changes { told.insert(change) }
            #expect(told.contains(.gateway(key)))
            #expect(told.contains(.policy(tenant: Self.standard, hash: "aa")))

            await #expect(throws: StoreError.closed) { try await store.checkHealth() }
            await #expect(throws: StoreError.closed) { try await fixture.record(key) }
            await #expect(throws: StoreError.closed) { try await fixture.submit(key, []) }
            await #expect(throws: StoreError.closed) { try await store.users(tenant: Self.standard) }
            await #expect(throws: StoreError.closed) { try await store.appendAudit(fixture.entry("x")) }
            await #expect(throws: StoreError.closed) { try await store.unban(key, audit: fixture.entry("x")) }
        }
    }
}
