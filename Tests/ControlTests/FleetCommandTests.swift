import CollectorCore
import CollectorTestSupport
import Foundation
import TestSupport
import Testing

/// `gateway`, `device`, `posture`, `incident`, `audit`.
@Suite struct FleetCommandTests {
    @Test func gatewaysAreListedAndShown() async throws {
        try await Control.withFleet { collector in
            let shapes = try await Control.shapes(collector)
            let gateways = try #require(try await collector.json("gateway", "list") as? [[String: Any]])
            #expect(gateways.map { $0["id"] as? String } == [SampleFleet.clinic.gateway, SampleFleet.dock.gateway])
            for gateway in gateways { #expect(shapes.faults(of: gateway, as: "Gateway") == []) }
            let one = try await collector.json("gateway", "list", "--site", "clinic") as? [[String: Any]]
            #expect(one?.map { $0["state"] as? String } == ["never-connected"])

            let table = try PrintedTable(try await collector.done("gateway", "list"))
            #expect(
                table.headings == [
                    "ID", "NAME", "SITE", "STATE", "DEVICES", "POLICY", "GENERATION", "SCORE", "LAST SEEN",
                ]
            )
            let dock = try #require(table.rows.last)
            #expect(dock["NAME"] == "warehouse dock" && dock["STATE"] == "disconnected" && dock["DEVICES"] == "2")
            #expect(dock["LAST SEEN"]?.wholeMatch(of: #/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/#) != nil)
            #expect(table.rows.first?["LAST SEEN"] == "never")

            let shown = try await collector.json("gateway", "show", SampleFleet.dock.gateway)
            #expect(shapes.faults(of: shown, as: "Gateway") == [])
            #expect((shown as? [String: Any])?["residentKiB"] as? Int == 6412)
            let words = try await collector.done("gateway", "show", SampleFleet.dock.gateway)
            for line in ["agent:", "0.1.0 arm64, kernel 6.1.0-28-arm64", "6412 KiB", "2, 1 in quarantine"] {
                #expect(words.contains(line), "\(line): \(words)")
            }
            #expect(try await collector.refused(1, "gateway", "show", "none").contains("gateway none does not exist"))
            #expect(try await collector.control(["gateway", "show"]).status == 64)
        }
    }

    @Test func aBanEndsTheLiveConnectionAtOnceAndKeepsTheGatewayOut() async throws {
        try await CollectorProcess.serving { collector in
            try await collector.logIn()
            let id = try await enrol(collector)
            func connect() async throws -> RunningProgram {
                var agent = AgentByHand()
                agent.addHello()
                return try await agent.connect(
                    to: collector.agentPort,
                    as: "gate",
                    authority: "authority.pem",
                    in: collector.directory
                )
            }
            let live = try await connect()
            try await live.wait(for: "a welcome") { try AgentByHand.Transcript(live).welcome != nil }
            let before = try #require(try await collector.json("gateway", "show", id) as? [String: Any])
            #expect(before["state"] as? String == "connected")

            let banned = try await collector.done("gateway", "ban", id, "--reason", "stolen from the van")
            #expect(banned == "gateway \(id) is banned\n")
            try await live.wait(withinSeconds: 10)
            let end = try AgentByHand.Transcript(live)
            #expect(end.closeCode == 1008 && end.closeWords == "gateway \(id) is banned: stolen from the van")
            let again = try await connect()
            try await again.wait()
            #expect(try AgentByHand.Transcript(again).closeCode == 1008)
            #expect(try AgentByHand.Transcript(again).welcome == nil)
            let shown = try #require(try await collector.json("gateway", "show", id) as? [String: Any])
            #expect(shown["state"] as? String == "banned" && shown["stateReason"] as? String == "stolen from the van")
            #expect(shown["score"] == nil)
            #expect(try await collector.done("audit", "list").contains("gateway.ban"))

            #expect(try await collector.done("gateway", "unban", id) == "gateway \(id) may connect again\n")
            let third = try await connect()
            try await third.wait(for: "a welcome") { try AgentByHand.Transcript(third).welcome != nil }
            for verb in ["ban", "unban", "end-hold"] {
                #expect(try await collector.refused(1, "gateway", verb, "none").contains("does not exist"))
            }
        }
    }

    /// Enrols a gateway with a token of `token create`: `gate.pem`, `gate.key`, `authority.pem`. Returns its identifier.
    private func enrol(_ collector: CollectorProcess) async throws -> String {
        let token = try await collector.control(["token", "create", "--site", "s", "--label", "gate"]).output
        return try await AgentByHand.enrol(token: token, as: "gate", with: collector)
    }

    @Test func devicesAreListedAndShown() async throws {
        try await Control.withFleet { collector in
            let shapes = try await Control.shapes(collector)
            let devices = try #require(try await collector.json("device", "list") as? [[String: Any]])
            #expect(devices.map { $0["key"] as? String } == [SampleFleet.sensorKey, SampleFleet.cameraKey])
            for device in devices { #expect(shapes.faults(of: device, as: "Device") == []) }
            for (arguments, keys) in [
                (["--quarantined"], [SampleFleet.sensorKey]), (["--class", "ip-camera"], [SampleFleet.cameraKey]),
                (["--gateway", SampleFleet.clinic.gateway], []),
            ] {
                let outcome = try await collector.control(["device", "list", "-o", "json"] + arguments)
                let found = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]]
                #expect(found?.map { $0["key"] as? String } == keys, "\(arguments)")
            }
            let table = try PrintedTable(try await collector.done("device", "list"))
            #expect(
                table.headings == [
                    "KEY", "GATEWAY", "CLASS", "VENDOR", "MODEL", "ADDRESSES", "ALLOWLIST", "DROPPED", "STATE",
                ]
            )
            #expect(table.rows.map { $0["STATE"] } == ["quarantined", "ok"])
            #expect(table.rows.last?["DROPPED"] == "12" && table.rows.last?["ADDRESSES"] == "10.20.0.14")

            let shown = try await collector.json("device", "show", SampleFleet.cameraKey)
            #expect(shapes.faults(of: shown, as: "Device") == [])
            let words = try await collector.done(
                "device",
                "show",
                SampleFleet.cameraKey,
                "--gateway",
                SampleFleet.dock.gateway
            )
            for part in [
                "ip-camera (98 %)", "90 %  mdns.service  _axis-video._tcp  → class=ip-camera vendor=Axis",
                "maker's MUD URL: https://axis.example/m3045.json (a proposal: gatehousectl policy import-mud)",
                "blocked attempts:", "Dropped 12 to tracker.example 443/tcp: not-allowed",
            ] { #expect(words.contains(part), "\(part): \(words)") }
            // A device names itself: nothing of it may steer the terminal.
            let sensor = try await collector.done("device", "show", SampleFleet.sensorKey)
            #expect(sensor.contains("hue\u{FFFD}[31m") && !sensor.contains("\u{1B}"))

            #expect(
                try await collector.refused(1, "device", "show", "mac:00:00:00:00:00:00").contains("does not exist")
            )
            let offline = try await collector.refused(1, "device", "release", SampleFleet.sensorKey)
            #expect(offline.contains("is not connected, so it cannot be told; try again when it is connected"))
        }
    }

    @Test func postureIncidentsAndAuditAreTold() async throws {
        try await Control.withFleet { collector in
            let shapes = try await Control.shapes(collector)
            for (arguments, scope) in [
                ([], "fleet"), (["--site", "warehouse-1"], "site"),
                (["--gateway", SampleFleet.dock.gateway], "gateway"),
            ] {
                let outcome = try await collector.control(["posture", "-o", "json"] + arguments)
                let posture = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
                #expect(shapes.faults(of: posture, as: "Posture") == [])
                #expect((posture as? [String: Any])?["scope"] as? String == scope)
                let words = try await collector.control(["posture"] + arguments).output
                #expect(words.contains("posture of:") && words.contains(" of 100"), "\(words)")
            }
            let fleet = try await collector.done("posture")
            #expect(fleet.contains("2, 1 identified, 1 in quarantine"), "\(fleet)")
            #expect(try await collector.control(["posture", "--site", "a", "--gateway", "b"]).status == 64)
            #expect(try await collector.refused(1, "posture", "--site", "nowhere").contains("does not exist"))

            let incidents = try #require(try await collector.json("incident", "list") as? [[String: Any]])
            #expect(incidents.map { $0["kind"] as? String } == ["incident", "quarantine"])
            let all = try #require(try await collector.json("incident", "list", "--all") as? [[String: Any]])
            for event in all { #expect(shapes.faults(of: event, as: "Event") == []) }
            #expect(all.count > 6)
            let table = try PrintedTable(try await collector.done("incident", "list", "--kind", "violation"))
            #expect(table.rows.map { $0["DEVICE"] } == [SampleFleet.cameraKey])
            #expect(try await collector.control(["incident", "list", "--limit", "0"]).status == 64)
            #expect(try await collector.refused(65, "incident", "list", "--kind", "x").contains("there is no kind x"))

            let audit = try #require(try await collector.json("audit", "list") as? [[String: Any]])
            for line in audit { #expect(shapes.faults(of: line, as: "AuditLine") == []) }
            let actions = audit.compactMap { $0["action"] as? String }
            for action in ["collector.init", "password.change", "gateway.enrol"] {
                #expect(actions.contains(action), "\(actions)")
            }
        }
    }

    @Test func whatIsNoCommandIsUsage() async throws {
        try await CollectorProcess.serving { collector in
            for arguments in [["bogus"], ["gateway", "bogus"], ["gateway", "list", "--bogus"], ["posture", "x"]] {
                let outcome = try await collector.control(arguments)
                #expect(outcome.status == 64, "\(arguments): \(outcome)")
                #expect(outcome.output == "" && outcome.errors.contains("Usage: gatehousectl"), "\(outcome)")
            }
            for arguments in [["version"], ["--version"]] {
                let version = try await collector.done(arguments[0])
                #expect(version.wholeMatch(of: #/gatehousectl \d+\.\d+\.\d+\n/#) != nil)
            }
            #expect(try await collector.done("--help").contains("Exit codes: 0 done, 1 failed, 2 partly done"))
        }
    }
}
