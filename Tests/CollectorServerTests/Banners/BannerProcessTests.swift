import CollectorCore
import CollectorTestSupport
import Foundation
import NetworkTypes
import TestSupport
import Testing
import WireProtocol

/// A banner on its way from an agent's report to the API, the console and `gatehousectl`, through the programs themselves.
@Suite struct BannerProcessTests {
    private static var report: Report {
        var device = DeviceReport()
        device.key = "mac:ac:cc:8e:01:02:03"
        (device.deviceClass, device.vendor, device.vendorConfidence) = ("ip-camera", "Axis", 900)
        let banners: [(ByteString, ByteString)] = [
            ("http.server", "lighttpd/1.4.54"), ("http.realm", "DCS-930L"), ("http.title", "<b>x</b>"),
        ]
        device.evidence = banners.map { signal, value in
            var evidence = EvidenceReport()
            (evidence.signal, evidence.value) = (signal, value)
            return evidence
        }
        return Report(bootEpoch: 1, sequence: 1, severity: .notice, timeMilliseconds: 1, body: .device(device))
    }

    private static func recog(in directory: URL) throws -> URL {
        let folder = directory.appending(path: "recog")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in BannerKnowledgeTests.files { try folder.appending(path: name).write(text) }
        try folder.appending(path: "damaged.xml").write("<fingerprints>\n<fingerprint pattern='('")
        return folder
    }

    @Test func aReportedBannerIsShownWithWhatRecogSays() async throws {
        try await TemporaryDirectory.with { directory in
            let recog = try Self.recog(in: directory)
            try await CollectorProcess.serving(settings: "knowledge: { recog: \(recog.path) }") { collector in
                let hand = EnrolmentByHand(collector)
                _ = try await hand.fetchAuthority()
                let bearer = try await hand.logIn()
                let id = try await hand.enrolGateway("gate", as: bearer)
                var agent = AgentByHand()
                agent.addHello()
                agent.waitForWelcome()
                agent.add(.reports(ReportBatch([Self.report])))
                let connection = try await agent.connect(
                    to: collector.agentPort,
                    as: "gate",
                    authority: "authority.pem",
                    in: collector.directory
                )
                try await connection.wait(for: "an acknowledgement") {
                    try AgentByHand.Transcript(connection).messages.count > 1
                }

                let path = "/gateways/\(id)/devices/mac%3Aac%3Acc%3A8e%3A01%3A02%3A03"
                let device = try await hand.api("GET", "/api/v1" + path, as: bearer).object
                let shapes = DocumentedShapes(try await collector.curl("/api/v1/openapi.json").object)
                #expect(shapes.faults(of: device, as: "Device") == [])
                // The identity is the agent's.
                #expect(device["vendor"] as? String == "Axis")
                #expect(device["model"] == nil)
                let banners = try #require(device["banners"] as? [[String: Any]])
                #expect(banners.map { $0["source"] as? String } == ["http_servers.xml:4", "http_wwwauth.xml:2"])
                let says = try #require(banners.first?["says"] as? [[String: Any]])
                #expect(says.first?["cpe"] as? String == "cpe:/a:lighttpd:lighttpd:1.4.54")
                // The list stays as it was.
                let list = try await hand.api("GET", "/api/v1/devices", as: bearer).object
                #expect((list["items"] as? [[String: Any]])?.first?["banners"] == nil)

                let cookie = try await hand.signIn().split(separator: ";").first ?? ""
                let page = try await collector.curl(path, configuration: ["cookie = \"\(cookie)\""])
                #expect(page.status == 200)
                for text in [
                    "http_servers.xml:4", "Program: lighttpd lighttpd 1.4.54, 90 % sure",
                    "cpe:/a:lighttpd:lighttpd:1.4.54",
                    "Device: D-Link DCS-930L", "No rule knows it", "&lt;b&gt;x&lt;/b&gt;",
                ] {
                    #expect(page.text.contains(text), "\(text)")
                }

                try collector.file("password").write(CollectorProcess.password + "\n")
                let login = try await collector.control([
                    "login", "--collector", collector.url, "--ca-sha256", try await collector.beginning("CA SHA-256"),
                    "--user", "admin", "--password-file", collector.file("password").path,
                ])
                #expect(login.status == 0, "\(login.errors)")
                let shown = try await collector.control(["device", "show", "mac:ac:cc:8e:01:02:03"])
                #expect(shown.status == 0, "\(shown.errors)")
                for line in [
                    "http.server  lighttpd/1.4.54  → service 90 %: lighttpd lighttpd 1.4.54 cpe:/a:lighttpd:lighttpd:1.4.54"
                        + "  (http_servers.xml:4: lighttpd)",
                    "http.realm  Digest realm=\"DCS-930L\"  → hw: D-Link DCS-930L  (http_wwwauth.xml:2: D-Link camera)",
                    "http.title  <b>x</b>  → (no rule knows it)",
                ] {
                    #expect(shown.output.contains(line), "\(shown.output)")
                }

                let metrics = try await collector.curl("/metrics").text
                #expect(metrics.contains("\ngatehouse_recog_fingerprints 4\n"))
                #expect(metrics.contains("\ngatehouse_recog_files_refused 1\n"))
                let log = try #require(await collector.process?.errors)
                #expect(log.contains("damaged.xml:2: not well-formed XML"))
            }
        }
    }

    @Test func withoutFingerprintsThereIsNothingSaid() async throws {
        try await TemporaryDirectory.with { directory in
            let none = directory.appending(path: "none").path
            try await CollectorProcess.initialised(settings: "knowledge: { recog: \(none) }") { collector in
                let check = try await collector.run(["check-config"])
                #expect(check.status == 78)
                #expect(check.errors.contains("knowledge.recog: \(none): "), "\(check.errors)")
                let serve = try await collector.run(["serve"])
                #expect(serve.status == 78)
                #expect(serve.errors.contains("knowledge.recog: \(none): "), "\(serve.errors)")
            }
            let recog = try Self.recog(in: directory)
            try await CollectorProcess.initialised(settings: "knowledge: { recog: \(recog.path) }") { collector in
                let check = try await collector.run(["check-config"])
                #expect(check.status == 78)
                #expect(check.errors.contains("knowledge.recog: \(recog.path)/damaged.xml:2: not well-formed"))
                try FileManager.default.removeItem(at: recog.appending(path: "damaged.xml"))
                #expect(try await collector.run(["check-config"]).status == 0)
            }
        }
    }
}
