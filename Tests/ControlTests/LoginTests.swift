import CollectorTestSupport
import Foundation
import TestSupport
import Testing

/// Logging in: passwords from files and standard input, pins, profiles.
@Suite struct LoginTests {
    private func login(
        _ collector: CollectorProcess,
        _ more: [String],
        url: String? = nil,
        pin: String? = nil,
        input: String = "",
        profile: String = "profile"
    ) async throws -> Programs.Outcome {
        let known = try await collector.beginning("CA SHA-256")
        return try await collector.control(
            ["login", "--collector", url ?? collector.url, "--ca-sha256", pin ?? known, "--user", "admin"] + more,
            input: input,
            profile: profile
        )
    }

    @Test func aOneTimePasswordBecomesAProfileForItsOwnerAlone() async throws {
        try await CollectorProcess.serving { collector in
            let oneTime = try await collector.beginning("one-time password")
            try collector.file("old").write(oneTime + "\n")
            try collector.file("new").write(CollectorProcess.password + "\r\nsecond line\n")
            let files = ["--password-file", collector.file("old").path]
            let needed = try await login(collector, files)
            #expect(needed.status == 77 && needed.output == "")
            #expect(needed.errors.contains("is a one-time password; send a new one with it"), "\(needed)")
            #expect(!FileManager.default.fileExists(atPath: collector.file("profile").path))

            let done = try await login(
                collector,
                files + ["--new-password-file", collector.file("new").path],
                profile: "conf/gatehouse/profile"
            )
            #expect(done.status == 0, "\(done)")
            #expect(done.output.wholeMatch(of: #/logged in as admin \(admin\) until \d{4}-.{14}Z\n/#) != nil)
            let profile = collector.file("conf/gatehouse/profile")
            #expect(profile.permissions == 0o600)
            #expect(profile.deletingLastPathComponent().permissions == 0o700)
            let said = done.output + done.errors
            let kept = try #require(
                try JSONSerialization.jsonObject(with: Data(contentsOf: profile)) as? [String: String]
            )
            let token = try #require(kept["token"])
            for secret in [oneTime, CollectorProcess.password, token] { #expect(!said.contains(secret)) }
            #expect(kept["collector"] == collector.url && kept["user"] == "admin")
            // By standard input, and by a file that the environment names.
            #expect(try await login(collector, [], input: CollectorProcess.password + "\n").status == 0)
            let environment = ["GATEHOUSE_PASSWORD_FILE": collector.file("new").path]
            let outcome = try await collector.control(
                [
                    "login", "--collector", "127.0.0.1:\(collector.httpsPort)", "--ca-sha256",
                    try await collector.beginning("CA SHA-256").uppercased(), "--user", "admin",
                ],
                environment: environment
            )
            #expect(outcome.status == 0, "\(outcome)")
        }
    }

    @Test func everyFailureHasItsExitCode() async throws {
        try await CollectorProcess.serving { collector in
            try await collector.logIn()
            let profile = try Data(contentsOf: collector.file("profile"))
            let password = ["--password-file", collector.file("password").path]
            try collector.file("wrong").write("not the password\n")
            try collector.file("empty").write("\n")
            let wrong = try await login(collector, ["--password-file", collector.file("wrong").path])
            #expect(wrong.status == 77)
            #expect(wrong.errors.hasPrefix("gatehousectl: the user or the password is wrong"), "\(wrong)")
            #expect(try await login(collector, ["--password-file", collector.file("empty").path]).status == 65)
            let missing = try await login(collector, ["--password-file", collector.file("none").path])
            #expect(missing.status == 65 && missing.errors.contains("none: No such file or directory"), "\(missing)")
            #expect(try await login(collector, []).status == 65)

            let nobody = try FreePort.take()
            let unreachable = try await login(collector, password, url: "https://127.0.0.1:\(nobody)")
            #expect(unreachable.status == 69)
            #expect(
                unreachable.errors.contains("127.0.0.1 port \(nobody): Connection refused; is the collector running")
            )
            let mistaken = try await login(collector, password, pin: String(repeating: "ab", count: 32))
            #expect(mistaken.status == 69)
            #expect(mistaken.errors.contains("the collector is another one, or the SHA-256"), "\(mistaken)")
            let plain = try await login(collector, password, url: "https://127.0.0.1:\(collector.agentPort)")
            #expect(plain.status == 69, "\(plain)")
            #expect(try await login(collector, password, pin: "abcd").status == 78)
            for url in ["http://127.0.0.1", "https://127.0.0.1:0", "https://a b", "https://user@host"] {
                #expect(try await login(collector, password, url: url).status == 64, "\(url)")
            }
            for outcome in [wrong, unreachable, mistaken, plain, missing] {
                #expect(outcome.errors.filter { $0 == "\n" }.count == 1, "\(outcome)")
                #expect(outcome.output == "")
                #expect(!outcome.errors.contains(CollectorProcess.password))
            }
            #expect(try Data(contentsOf: collector.file("profile")) == profile, "a failed login changed the profile")
        }
    }

    @Test func aCertificateForAnotherNameIsRefused() async throws {
        try await CollectorProcess.serving { collector in
            // The collector's certificate names 127.0.0.1, not every address of the loopback.
            try await collector.logIn()
            let file = ["--password-file", collector.file("password").path]
            let outcome = try await login(collector, file, url: "https://[::ffff:127.0.0.1]:\(collector.httpsPort)")
            #expect(outcome.status == 69, "\(outcome)")
        }
    }

    @Test func theProfileHasToBeThereWholeAndPrivate() async throws {
        try await CollectorProcess.serving { collector in
            let before = try await collector.refused(78, "gateway", "list")
            #expect(before.hasPrefix("\(collector.file("profile").path): no profile; log in first: gatehousectl login"))
            try await collector.logIn()
            #expect(try await collector.done("gateway", "list").hasPrefix("no gateways; make a token"))
            let profile = collector.file("profile")
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: profile.path)
            #expect(try await collector.refused(78, "gateway", "list").contains("others may read it; run chmod 600"))
            let good = try profile.text()
            try profile.write("{}")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: profile.path)
            #expect(try await collector.refused(78, "gateway", "list").contains("not a profile; log in again"))

            try profile.write(good)
            #expect(try await collector.done("logout") == "logged out\n")
            let after = try await collector.refused(77, "gateway", "list")
            #expect(after.contains("log in: gatehousectl login"), "\(after)")
            try await collector.stop()
            #expect(try await collector.refused(69, "gateway", "list").contains("is the collector running"))
        }
    }

    @Test func rolesLimitWhatAProfileMayDo() async throws {
        try await CollectorProcess.serving { collector in
            try await collector.logIn()
            let created = try await collector.control(["user", "create", "eve", "--role", "viewer"])
            #expect(created.status == 0)
            // The one-time password alone is on standard output, so that it can go into a file.
            let oneTime = created.output.trimmingCharacters(in: .newlines)
            #expect(oneTime.count >= 16 && !oneTime.contains(" "))
            #expect(!created.errors.contains(oneTime))
            try collector.file("eve").write(oneTime)
            let files = [
                "--password-file", collector.file("eve").path, "--new-password-file", collector.file("password").path,
            ]
            let pin = try await collector.beginning("CA SHA-256")
            let login = ["login", "--collector", collector.url, "--ca-sha256", pin, "--user", "eve"]
            #expect(try await collector.control(login + files, profile: "eve-profile").status == 0)
            for (arguments, status) in [
                (["gateway", "list"], 0), (["posture"], 0), (["token", "list"], 77), (["user", "list"], 77),
                (["audit", "list"], 77), (["token", "create", "--site", "s"], 77),
            ] {
                let outcome = try await collector.control(arguments, profile: "eve-profile")
                #expect(outcome.status == status, "\(arguments): \(outcome)")
            }
            #expect(try await collector.control(["user", "create", "eve", "--role", "viewer"]).status == 1)
            #expect(try await collector.control(["user", "create", "x y", "--role", "viewer"]).status == 65)
            #expect(try await collector.control(["user", "create", "zoe", "--role", "king"]).status == 65)
            let people = try #require(try await collector.json("user", "list") as? [[String: Any]])
            #expect(people.map { $0["user"] as? String } == ["admin", "eve"])
            #expect(people.allSatisfy { $0["oneTimePassword"] == nil })
        }
    }
}
