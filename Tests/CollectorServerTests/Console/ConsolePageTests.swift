import CollectorAPI
import CollectorCore
import CollectorTestSupport
import Foundation
import Testing
import WireProtocol

@testable import CollectorServer

/// The console over the wire: signing in, the three pages, what hostile names do to them.
@Suite struct ConsolePageTests {
    /// Signs in as a browser would; the client then carries the session's cookie.
    static func signIn(_ collector: LiveCollector, as user: String) async throws -> APIClient {
        var client = APIClient(collector)
        let page = try await client.get("/login")
        let cookie = try #require(page.header("Set-Cookie")?.split(separator: ";").first)
        let form = try #require(page.text.firstMatch(of: /name="form" value="([^"]+)"/)?.1)
        client.cookie = String(cookie)
        let answer = try await client.post(
            "/login",
            form: [("form", String(form)), ("user", user), ("password", SampleFleet.password), ("next", "/")]
        )
        #expect(answer.status == 303)
        let session = try #require(answer.header("Set-Cookie"))
        for word in ["__Host-gatehouse=", "HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
            #expect(session.contains(word), "\(session)")
        }
        client.cookie = session.split(separator: ";").first.map(String.init)
        return client
    }

    private let clock = WallClock { SampleFleet.nowMilliseconds }

    @Test func whoIsNotSignedInIsSentToTheSignIn() async throws {
        try await LiveCollector.run(MemoryStore()) { collector in
            let answer = try await APIClient(collector).get("/gateways/g-1")
            #expect(answer.status == 303)
            #expect(answer.header("Location")?.hasPrefix("/login?next=") == true)
        }
    }

    @Test func everyPageHasAStrictPolicy() async throws {
        let store = MemoryStore()
        try SampleFleet.fill(store)
        try await LiveCollector.run(store, clock: clock) { collector in
            let client = try await ConsolePageTests.signIn(collector, as: "operator")
            let pages = [
                "/", "/gateways/gw-3f9a1c20", "/gateways/gw-77b0e4d1/devices/mac:48:ea:63:0c:0d:0e", "/login",
                "/gateways/none", "/assets/app.css", "/api/v1/gateways",
            ]
            for path in pages {
                let answer = try await client.get(path)
                let policy = try #require(answer.header("Content-Security-Policy"))
                #expect(policy.contains("default-src 'none'"))
                #expect(!policy.contains("unsafe"))
                #expect(answer.header("X-Content-Type-Options") == "nosniff")
                // Nothing inline, so that the policy costs nothing.
                #expect(!answer.text.contains("<script>") && !answer.text.contains(" style="), "\(path)")
                #expect(answer.text.firstMatch(of: /\son[a-z]+="/) == nil, "\(path)")
                #expect(!answer.text.contains("{{"), "\(path)")
            }
        }
    }

    @Test func thePagesShowWhatMatters() async throws {
        let store = MemoryStore()
        try SampleFleet.fill(store)
        try await LiveCollector.run(store, clock: clock) { collector in
            let client = try await ConsolePageTests.signIn(collector, as: "operator")
            let fleet = try await client.get("/").text
            for words in ["warehouse-dock", "Silent", "Proved", "Refused", "(Mirai)", "75<small> %"] {
                #expect(fleet.contains(words), "\(words)")
            }
            let gateway = try await client.get("/gateways/gw-77b0e4d1").text
            for words in ["chain forward: rule 4 is missing", "Not proved", "0d4a1185c1b1", "Uniview IPC322"] {
                #expect(gateway.contains(words), "\(words)")
            }
            let camera = try await client.get("/gateways/gw-3f9a1c20/devices/mac:ac:cc:8e:01:02:03").text
            for words in [
                "updates.example.net", "203.0.113.9", "443/tcp", "Not in its allowlist", "Blocked", "_axis-video._tcp",
            ] {
                #expect(camera.contains(words), "\(words)")
            }
            let infected = try await client.get("/gateways/gw-77b0e4d1/devices/mac:48:ea:63:0c:0d:0e").text
            #expect(infected.contains("Release from quarantine"))
            #expect(infected.contains("Router, os Linux 3.x"))
            #expect(try await client.get("/gateways/none").status == 404)
        }
    }

    @Test func emptyPagesSayWhatToDo() async throws {
        let store = MemoryStore()
        try SampleFleet.addPeople(store)
        try await LiveCollector.run(store) { collector in
            let fleet = try await ConsolePageTests.signIn(collector, as: "viewer").get("/").text
            #expect(fleet.contains("No gateway has enrolled yet"))
            #expect(fleet.contains("Nothing to look at"))
        }
    }

    @Test func hostileNamesStayText() async throws {
        let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{title}}"
        let store = MemoryStore()
        try SampleFleet.addPeople(store)
        let key = "usb:046d:0825:<svg/onload=alert(3)>@1-1"
        let gateway = SampleFleet.addGateway(store, "g\"><b>", name: evil, site: evil) {
            $0.agent.kernelRelease = evil
            $0.labels = [evil: evil]
            $0.ban = BanRecord(actor: evil, reason: evil, sinceMilliseconds: 1)
        }
        SampleFleet.addCamera(store, gateway, key: key) {
            ($0.vendor, $0.model, $0.hostname, $0.policy, $0.firmware) = (evil, evil, evil, evil, evil)
            $0.deviceClass = evil
            $0.evidence = [EvidenceRecord(signal: evil, value: evil, says: "vendor=\(evil)", weight: 5)]
            $0.contradictions = $0.evidence
            let names = IdentityChangeRecord.Names(deviceClass: evil, vendor: evil, model: evil)
            $0.history = [
                IdentityChangeRecord(timeMilliseconds: 1, before: names, after: names, evidence: $0.evidence[0])
            ]
            ($0.isQuarantined, $0.quarantineReason) = (true, evil)
        }
        SampleFleet.addViolation(
            store,
            gateway,
            device: key,
            destination: evil,
            name: evil,
            port: 1,
            reason: evil,
            policy: evil
        )
        SampleFleet.addEvent(store, gateway, .incident, device: key, severity: .critical, evil, agoMilliseconds: 1)
        try await LiveCollector.run(store, clock: clock) { collector in
            let client = try await ConsolePageTests.signIn(collector, as: "operator")
            let base = ConsolePath.gateway("g\"><b>")
            for path in ["/", base, ConsolePath.device(key, gateway: "g\"><b>")] {
                let answer = try await client.get(path)
                #expect(answer.status == 200, "\(path)")
                #expect(answer.text.contains("&lt;script&gt;alert(1)"), "\(path)")
                for raw in ["<script>alert", "<img", "<svg/onload", "<b>\"", "\"><b>"] {
                    #expect(!answer.text.contains(raw), "\(raw) in \(path)")
                }
            }
        }
    }

    @Test func formsNeedTheirToken() async throws {
        let store = MemoryStore()
        try SampleFleet.fill(store)
        try await LiveCollector.run(store, clock: clock) { collector in
            let client = try await ConsolePageTests.signIn(collector, as: "operator")
            let device = "/gateways/gw-77b0e4d1/devices/mac:48:ea:63:0c:0d:0e"
            #expect(try await client.post(device + "/release", form: [("form", "guess")]).status == 403)
            #expect(try await client.send("POST", "/api/v1/gateways/gw-77b0e4d1/ban").status == 403)
            #expect(try await client.post("/logout", form: []).status == 403)
            #expect(try await client.get("/").status == 200)
            let page = try await client.get(device).text
            let form = try #require(page.firstMatch(of: /name="form" value="([^"]+)"/)?.1)
            let offline = try await client.post(device + "/release", form: [("form", String(form))])
            #expect(offline.status == 409)
            #expect(offline.text.contains("The gateway is not connected"))
            let header = [("X-Form-Token", String(form))]
            #expect(try await client.send("POST", "/api/v1/gateways/gw-77b0e4d1/ban", headers: header).status == 200)
            let out = try await client.post("/logout", form: [("form", String(form))])
            #expect(out.status == 303)
            #expect(try await client.get("/").status == 303)
        }
    }

    @Test func viewersGetNoButtons() async throws {
        let store = MemoryStore()
        try SampleFleet.fill(store)
        try await LiveCollector.run(store, clock: clock) { collector in
            let client = try await ConsolePageTests.signIn(collector, as: "viewer")
            let device = "/gateways/gw-77b0e4d1/devices/mac:48:ea:63:0c:0d:0e"
            let page = try await client.get(device).text
            #expect(!page.contains("Release from quarantine"))
            let form = try #require(page.firstMatch(of: /name="form" value="([^"]+)"/)?.1)
            #expect(try await client.post(device + "/release", form: [("form", String(form))]).status == 403)
        }
    }

    @Test(arguments: [
        ("/gateways/a", "/gateways/a"), ("//evil.example", "/"), ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("", "/"), ("/a\r\nSet-Cookie: x", "/"),
    ])
    func signInLeadsNowhereElse(_ asked: String, _ taken: String) {
        #expect(ConsolePath.safe(asked) == taken)
    }

    @Test func formsAreDecoded() {
        let form = FormBody("a=1%2B2&b=x+y&c=%zz&d&a=second&e=%C3%A9")
        #expect(form["a"] == "1+2")
        #expect(form["b"] == "x y")
        #expect(form["c"] == "%zz")
        #expect(form["d"] == "")
        #expect(form["e"] == "é")
        #expect(form["f"] == nil)
    }

    /// Keeps a console with the sample fleet up, for looking at it: GATEHOUSE_SHOW_CONSOLE names a file that gets the
    /// address, and whose removal ends it.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["GATEHOUSE_SHOW_CONSOLE"] != nil, "nobody wants to look"))
    func show() async throws {
        let path = try #require(ProcessInfo.processInfo.environment["GATEHOUSE_SHOW_CONSOLE"])
        let store = MemoryStore()
        let now = WallClock.system.nowMilliseconds
        try SampleFleet.fill(store, now: now)
        let empty = MemoryStore()
        try SampleFleet.addPeople(empty)
        try await LiveCollector.run(empty) { second in
            try await LiveCollector.run(store) { collector in
                try "\(collector.url) \(second.url)\n".write(toFile: path, atomically: true, encoding: .utf8)
                while FileManager.default.fileExists(atPath: path) { try await Task.sleep(for: .milliseconds(200)) }
            }
        }
    }
}
