import CollectorCore
import CollectorTestSupport
import Foundation
import TestSupport
import Testing

/// `device flows`, `gateway flows`, and `policy learn|plan --from-collector`.
@Suite struct FlowCommandTests {
    private static func objects(_ lines: String) throws -> [[String: Any]] {
        try lines.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    @Test func flowsAreListed() async throws {
        try await Control.withFleet { collector in
            let shapes = try await Control.shapes(collector)
            let flows = try Self.objects(
                try await collector.done("gateway", "flows", SampleFleet.dock.gateway, "-o", "json")
            )
            #expect(flows.map { $0["destination"] as? String } == ["hub.example", "cloud.axis.example", "gateway"])
            for flow in flows { #expect(shapes.faults(of: flow, as: "Flow") == []) }
            let table = try PrintedTable(try await collector.done("device", "flows", SampleFleet.cameraKey))
            #expect(
                table.headings == ["DEVICE", "WHAT", "TO", "DESTINATION", "SERVICE", "COUNT", "FIRST", "LAST"]
            )
            #expect(table.rows.map { $0["SERVICE"] } == ["443/tcp", "123/udp"])
            #expect(table.rows.map { $0["WHAT"] } == ["ip-camera Axis M3045-V", "ip-camera Axis M3045-V"])
            #expect(table.rows.first?["COUNT"] == "40" && table.rows.first?["TO"] == "internet")
            let own = try await collector.done("device", "flows", SampleFleet.cameraKey, "-o", "json")
            #expect(try Self.objects(own).map { $0["port"] as? Int } == [443, 123])

            let clinic = SampleFleet.clinic.gateway
            #expect(
                try await collector.done("gateway", "flows", clinic)
                    == "no flows: gateway \(clinic) does not report them (reports: { flows: true } in its agent.yaml)\n"
            )
            #expect(try await collector.done("gateway", "flows", clinic, "-o", "json") == "")
            #expect(try await collector.refused(1, "gateway", "flows", "none").contains("does not exist"))
        }
    }

    @Test func aPolicyIsLearnedFromWhatTheCollectorWasTold() async throws {
        try await Control.withFleet { collector in
            let learned = collector.directory.appending(path: "learned.yaml").path
            let learn = ["policy", "learn", "--wildcard-names", "0", "-o", learned]
            let outcome = try await collector.control(learn + ["--from-collector", "--site", "ware*"])
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.output == "\(learned): 1 allowlists, 2 rules\n")
            // What is not known well enough is said, and nothing is allowed to it.
            #expect(outcome.errors.contains("\(SampleFleet.sensorKey): not known well enough"), "\(outcome)")
            let yaml = try String(contentsOfFile: learned, encoding: .utf8)
            #expect(yaml.contains("cloud.axis.example") && !yaml.contains("hub.example, ports"))
            #expect(try await collector.control(["policy", "validate", learned]).status == 0)
            let plan = ["policy", "plan", learned, "--from-collector", "--class", "ip-camera"]
            let lossless = try await collector.control(plan)
            #expect(lossless.status == 0 && lossless.output.contains("nothing would be lost"), "\(lossless)")

            // The same file by hand.
            let file = collector.directory.appending(path: "flows.json")
            try Data(try await collector.done("gateway", "flows", SampleFleet.dock.gateway, "-o", "json").utf8)
                .write(to: file)
            let byHand = try await collector.control(learn + [file.path])
            #expect(byHand.status == 0)
            #expect(try String(contentsOfFile: learned, encoding: .utf8) == yaml)

            let nowhere = try await collector.refused(65, "policy", "learn", "--from-collector", "--site", "clinic")
            #expect(nowhere.contains("no gateway of site clinic has reported flows"), "\(nowhere)")
            let none = try await collector.control(["policy", "learn"])
            #expect(none.status == 64 && none.errors.contains("give files of flows, or --from-collector"), "\(none)")
            let neither = try await collector.control(["policy", "plan", learned])
            #expect(neither.status == 64 && neither.errors.contains("--from-collector"), "\(neither)")
        }
    }
}
