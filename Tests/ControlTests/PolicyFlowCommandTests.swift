import CollectorTestSupport
import Foundation
import TestSupport
import Testing

/// `policy learn|plan`.
@Suite struct PolicyFlowCommandTests {
    private static func line(
        _ destination: String,
        _ port: Int = 443,
        device: String = "mac:ac:cc:8e:01:02:03",
        class deviceClass: String = "ip-camera",
        hours: Int = 2
    ) -> String {
        let first = 1_764_000_000_000
        return """
            {"device":"\(device)","site":"lab","class":"\(deviceClass)","vendor":"Axis","model":null,"confidence":{"class":0.98,\
            "vendor":0.95,"model":0},"direction":"internet","destination":"\(destination)","address":"203.0.113.6",\
            "transport":"tcp","port":\(port),"count":12,"first":\(first),"last":\(first + hours * 3_600_000)}

            """
    }

    private func run(_ arguments: [String], in directory: URL) async throws -> Programs.Outcome {
        try await Programs.run(
            Programs.path("gatehousectl"),
            arguments,
            in: directory,
            environment: ["GATEHOUSE_PROFILE": directory.appending(path: "none").path]
        )
    }

    @Test func whatIsLearnedIsValidAndLosesNothing() async throws {
        try await TemporaryDirectory.with { directory in
            let names = (1...5).map { Self.line("n\($0).vendor.com") }.joined()
            try directory.appending(path: "one.json").write(names + Self.line("cloud.other.com", 8_883))
            try directory.appending(path: "two.json").write(Self.line("once.other.com", hours: 0))
            try directory.appending(path: "suffixes.dat").write("com\n")
            let learned = try await run(
                [
                    "policy", "learn", "one.json", "two.json", "--public-suffixes", "suffixes.dat", "-o",
                    "learned.yaml",
                ],
                in: directory
            )
            #expect(learned.status == 0, "\(learned)")
            #expect(learned.output == "learned.yaml: 1 allowlists, 2 rules\n")
            let yaml = try directory.appending(path: "learned.yaml").text()
            #expect(yaml.contains("  - { to: \"*.vendor.com\", ports: [443/tcp] }\n"))
            #expect(yaml.contains("#   once.other.com 443/tcp: seen too short: 12 connections of 1 device"))
            let validated = try await run(["policy", "validate", "learned.yaml"], in: directory)
            #expect(validated.status == 0, "\(validated)")

            let good = try await run(["policy", "plan", "learned.yaml", "--flows", "one.json"], in: directory)
            #expect(good.status == 0 && good.output.contains("nothing would be lost"), "\(good)")
            let lost = try await run(
                ["policy", "plan", "learned.yaml", "--flows", "one.json", "two.json", "-o", "json"],
                in: directory
            )
            #expect(lost.status == 2, "\(lost)")
            let plan = try #require(
                try JSONSerialization.jsonObject(with: Data(lost.output.utf8)) as? [String: Any]
            )
            let items = plan["lost"] as? [[String: Any]] ?? []
            #expect(items.count == 1 && plan["flows"] as? Int == 7 && plan["devices"] as? Int == 1)
            #expect(items.first?["destination"] as? String == "once.other.com")
            #expect(items.first?["allowlist"] as? String == "learned-ip-camera-axis")
            #expect(items.first?["reason"] as? String == "not-allowed")
            let same = try await run(
                [
                    "policy", "plan", "learned.yaml", "--against", "learned.yaml", "--flows", "one.json", "two.json",
                ],
                in: directory
            )
            #expect(same.status == 0 && same.output.contains("nothing would change"), "\(same)")
        }
    }

    @Test func flowsCanComeFromStandardInputAndBeChosen() async throws {
        try await TemporaryDirectory.with { directory in
            let flows =
                Self.line("a.vendor.com")
                + Self.line("b.vendor.com", device: "mac:ac:cc:8e:01:02:04", class: "thermostat")
            try directory.appending(path: "all.json").write(flows)
            let learned = try await run(
                ["policy", "learn", "all.json", "--class", "thermostat", "--wildcard-names", "0", "--monitor"],
                in: directory
            )
            #expect(learned.status == 0 && learned.output.contains("name: \"learned-thermostat-axis\""), "\(learned)")
            #expect(learned.output.contains("mode: monitor") && !learned.output.contains("a.vendor.com"))
            let none = try await run(["policy", "learn", "all.json", "--site", "elsewhere*"], in: directory)
            #expect(none.status == 65 && none.errors.contains("none of the 2 flows"), "\(none)")
        }
    }

    @Test func whatCannotBeReadOrLearnedIsTold() async throws {
        try await TemporaryDirectory.with { directory in
            try directory.appending(path: "bad.json").write(Self.line("a.vendor.com") + "{\n")
            let bad = try await run(["policy", "learn", "bad.json"], in: directory)
            #expect(bad.status == 65 && bad.errors.contains("bad.json:2: is no JSON object"), "\(bad)")
            try directory.appending(path: "unknown.json").write(Self.line("a.vendor.com", class: "unknown"))
            let unknown = try await run(["policy", "learn", "unknown.json"], in: directory)
            #expect(unknown.status == 2 && unknown.output.isEmpty, "\(unknown)")
            #expect(unknown.errors.contains("mac:ac:cc:8e:01:02:03: not known well enough what it is"), "\(unknown)")
            try directory.appending(path: "empty.json").write("\n")
            let empty = try await run(["policy", "learn", "empty.json"], in: directory)
            #expect(empty.status == 65 && empty.errors.contains("gatehouse-agent flows -o json"), "\(empty)")
        }
    }
}
