import Foundation
import KnowledgeBuilder
import Lab
import TestSupport
import Testing

/// A camera is unplugged, and a computer takes its place under the camera's hardware address.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector, "needs a lab, and the programs beside the tests")
)
struct AnotherDeviceTests {
    private static let rules = """
        - rule: axis
          when: { dhcp.vendorClass: { prefix: "AXIS," } }
          says: { class: ip-camera, vendor: Axis }
          weight: 0.9
          source: https://example.com/
          examples: ["AXIS,Network Camera"]
          counterexamples: ["MSFT 5.0"]
        - rule: windows
          when: { dhcp.vendorClass: { prefix: "MSFT 5.0" } }
          says: { os: Windows }
          weight: 0.6
          source: https://example.com/
          examples: ["MSFT 5.0"]
          counterexamples: ["AXIS,"]

        """

    @Test func isAnIncidentAndTheHistoryIsShown() throws {
        let fleet = try LabFleet(certificateLifetimeSeconds: 3600)
        defer { fleet.lab.close() }
        let agent = fleet.agent
        let knowledge = try KnowledgeBuilder.build(texts: [
            ("rules.yaml", Self.rules), ("vendors.yaml", "vendors:\n  - { name: Axis, register: [\"axis *\"] }\n"),
        ])
        try Data(knowledge).write(to: URL(fileURLWithPath: agent.path("knowledge.bin")))
        try agent.start()
        try Lab.wait(within: 30, for: "the agent to connect; \(agent.log)") { try agent.isConnected() }
        let camera = try fleet.lab.lease(
            fleet.lab.camera,
            hostname: "cam",
            vendorClass: "AXIS,Network Camera,M3045-V,9.80.1"
        )
        try Lab.wait(within: 20, for: "the camera; \(agent.log)") {
            try fleet.list(["device", "list"]).contains { $0["class"] as? String == "ip-camera" }
        }
        func contradictions() throws -> [[String: Any]] {
            try fleet.events(kind: "incident").filter {
                ($0["fields"] as? [String: Any])?["kind"] as? String == "contradiction"
            }
        }
        #expect(try contradictions().isEmpty)
        try camera.stop()
        _ = try fleet.lab.lease(fleet.lab.camera, hostname: "pc", vendorClass: "MSFT 5.0")
        try Lab.wait(within: 20, for: "the incident; \(agent.log)") { try contradictions().count == 1 }
        let incident = try #require(try contradictions().first)
        let fields = incident["fields"] as? [String: String] ?? [:]
        #expect(fields["evidence.1"]?.hasPrefix("dhcp.vendorClass AXIS,Network Camera") == true, "\(incident)")
        #expect(fields["contradiction.1"] == "dhcp.vendorClass MSFT 5.0: os=Windows (0.600)", "\(incident)")
        let key = try #require(incident["device"] as? String)
        let shown = try fleet.control(["device", "show", key])
        #expect(shown.contains("unknown → ip-camera Axis by dhcp.vendorClass"), "\(shown)")
    }
}
