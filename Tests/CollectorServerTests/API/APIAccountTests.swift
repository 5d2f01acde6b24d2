import CollectorAPI
import CollectorCore
import CollectorTestSupport
import Testing

@testable import CollectorServer

/// Logging in: passwords, tokens, limits.
@Suite struct APIAccountTests {
    private func person(_ name: String, mustChange: Bool) throws -> UserRecord {
        UserRecord(
            tenant: TenantName.standard,
            name: name,
            role: .admin,
            passwordHash: try PasswordHash.make("one-time-word"),
            mustChangePassword: mustChange,
            createdMilliseconds: 0
        )
    }

    @Test func aOneTimePasswordNeedsANewOne() async throws {
        let store = MemoryStore()
        store.put(try person("admin", mustChange: true))
        try await LiveCollector.run(store) { collector in
            let client = APIClient(collector)
            var login = LoginRequest(user: "admin", password: "one-time-word")
            let refused = try await client.send("POST", "/api/v1/login", json: login)
            #expect(refused.status == 403)
            #expect(try refused.decoded(Problem.self).word == "password-change-required")
            #expect(refused.header("Content-Type") == "application/problem+json")
            login.newPassword = "short"
            #expect(try await client.send("POST", "/api/v1/login", json: login).status == 422)
            login.newPassword = "a much longer one"
            #expect(try await client.send("POST", "/api/v1/login", json: login).status == 200)
            login.newPassword = nil
            #expect(try await client.send("POST", "/api/v1/login", json: login).status == 401)
            login.password = "a much longer one"
            #expect(try await client.send("POST", "/api/v1/login", json: login).status == 200)
        }
        #expect(store.auditLog.map(\.action).contains("password.change"))
        #expect(store.auditLog.map(\.action).contains("login.failed"))
    }

    @Test func guessingIsSlowedDown() async throws {
        let store = MemoryStore()
        store.put(try person("admin", mustChange: false))
        try await LiveCollector.run(store) { collector in
            let client = APIClient(collector)
            for _ in 0..<LoginLimiter.failuresPerUser {
                let wrong = LoginRequest(user: "admin", password: "wrong")
                #expect(try await client.send("POST", "/api/v1/login", json: wrong).status == 401)
            }
            let right = LoginRequest(user: "admin", password: "one-time-word")
            let answer = try await client.send("POST", "/api/v1/login", json: right)
            #expect(answer.status == 429)
            #expect(try answer.decoded(Problem.self).remedy?.hasPrefix("wait ") == true)
        }
    }

    @Test func aTokenEndsWithItsLogoutAndWithItsUser() async throws {
        let store = MemoryStore()
        try SampleFleet.addPeople(store)
        try await LiveCollector.run(store) { collector in
            let client = try await APIClient.loggedIn(collector, as: "viewer")
            #expect(try await client.get("/api/v1/session").decoded(SessionResource.self).role == "viewer")
            #expect(try await client.send("POST", "/api/v1/logout").status == 204)
            #expect(try await client.get("/api/v1/session").status == 401)

            let second = try await APIClient.loggedIn(collector, as: "operator")
            var gone = try #require(try await store.user("operator"))
            gone.disabledMilliseconds = 1
            store.put(gone)
            #expect(try await second.get("/api/v1/session").status == 401)

            // Who loses a role loses it for the tokens there are.
            let third = try await APIClient.loggedIn(collector, as: "admin")
            let lesser = try #require(try await store.user("admin"))
            store.put(
                UserRecord(
                    tenant: lesser.tenant,
                    name: lesser.name,
                    role: .viewer,
                    passwordHash: lesser.passwordHash,
                    mustChangePassword: false,
                    createdMilliseconds: 0
                )
            )
            #expect(try await third.get("/api/v1/people").status == 403)
        }
    }

    @Test(arguments: [
        "", "Bearer", "Bearer ", "Basic YTpi", "Bearer 0123456789abcdef.", "Bearer x.y",
        "Bearer 0123456789abcdef.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "Bearer " + String(repeating: "a", count: 4000),
    ])
    func aBadTokenIsNobody(_ header: String) async throws {
        try await LiveCollector.run(MemoryStore()) { collector in
            let answer = try await APIClient(collector).send(
                "GET",
                "/api/v1/gateways",
                headers: [("Authorization", header)]
            )
            #expect(answer.status == 401)
            #expect(answer.header("WWW-Authenticate") != nil)
        }
    }

    @Test(arguments: [
        ("application/json", "{", 400), ("application/json", "{}", 400), ("application/json", "[]", 400),
        ("application/json", #"{"user":1,"password":"x"}"#, 400), ("text/plain", "{}", 415),
    ])
    func aBadBodyIsToldSo(_ type: String, _ body: String, _ status: Int) async throws {
        try await LiveCollector.run(MemoryStore()) { collector in
            let client = APIClient(collector)
            let answer = try await client.send("POST", "/api/v1/login", body: Array(body.utf8), type: type)
            #expect(answer.status == status)
            #expect(try answer.decoded(Problem.self).detail.isEmpty == false)
        }
    }

    @Test func aBodyOverTheLimitIsRefused() async throws {
        try await LiveCollector.run(MemoryStore()) { collector in
            let body = [UInt8](repeating: 0x20, count: APIContext.maximumBodyBytes + 1)
            let answer = try await APIClient(collector).send(
                "POST",
                "/api/v1/login",
                body: body,
                type: "application/json"
            )
            #expect(answer.status == 413)
        }
    }

    @Test func storedPasswordsAreReadStrictly() throws {
        let stored = try PasswordHash.make("correct horse battery")
        #expect(PasswordHash.verify("correct horse battery", stored))
        #expect(!PasswordHash.verify("correct horse batter", stored))
        for broken in [
            "", "scrypt", "scrypt$40$8$1$AAAA$AAAA", "scrypt$15$8$1$$", "md5$15$8$1$AAAA$AAAA", stored + "$",
        ] {
            #expect(!PasswordHash.verify("correct horse battery", broken))
        }
        #expect(try PasswordHash.make("correct horse battery") != stored)
    }
}
