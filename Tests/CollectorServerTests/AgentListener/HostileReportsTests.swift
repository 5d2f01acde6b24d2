import CollectorCore
import CollectorTestSupport
import Foundation
import NetworkTypes
import TestSupport
import Testing
import WireProtocol

/// A gateway in wrong hands reports the greatest numbers and the longest texts there are: whoever looks at it later
/// gets an answer, and the collector goes on.
@Suite struct HostileReportsTests {
    private static let text = ByteString(utf8: String(repeating: "\"<\u{1F4F7}\u{0}", count: 100))

    private static var device: DeviceReport {
        var device = DeviceReport()
        device.key = "mac:ac:cc:8e:01:02:03"
        (device.deviceClass, device.vendor, device.model, device.firmware) = (text, text, text, text)
        (device.hostname, device.policy, device.interface) = (text, text, text)
        (device.classConfidence, device.vendorConfidence, device.modelConfidence) = (.max, .max, .max)
        (device.firstSeenMilliseconds, device.lastSeenMilliseconds) = (.max, .max)
        var evidence = EvidenceReport()
        (evidence.signal, evidence.value, evidence.says, evidence.weight) = (text, text, text, .max)
        device.evidence = [EvidenceReport](repeating: evidence, count: 32)
        return device
    }

    private static var bodies: [Report.Body] {
        var violation = ViolationReport()
        (violation.device, violation.destinationName, violation.reason) = (device.key, text, text)
        (violation.transport, violation.port, violation.count) = (255, 65535, .max)
        (violation.firstMilliseconds, violation.lastMilliseconds) = (.max, .max)
        var quarantine = QuarantineReport()
        (quarantine.device, quarantine.reason, quarantine.durationSeconds) = (device.key, text, .max)
        var incident = IncidentReport()
        (incident.device, incident.kind, incident.summary, incident.count) = (device.key, text, text, .max)
        var proof = ProofReport()
        (proof.generation, proof.pushToProofMilliseconds, proof.difference) = (.max, .max, text)
        proof.policyHash = ByteString([UInt8](repeating: 0xFF, count: 64))
        var refusal = PolicyRefusalReport()
        (refusal.policyHash, refusal.reason, refusal.detail) = (proof.policyHash, text, text)
        refusal.generationInForce = .max
        var health = HealthReport()
        (health.uptimeSeconds, health.residentKiB) = (.max, .max)
        health.counters = [HealthReport.Counter(name: text, value: .max)]
        var gap = GapReport()
        (gap.count, gap.firstMilliseconds, gap.lastMilliseconds) = (.max, .max, .max)
        var flow = FlowReport.Flow()
        flow.device = MACAddress(rawValue: 0xACCC_8E01_0203)
        (flow.name, flow.port, flow.count) = ("<svg/onload=alert(1)>.example", 65535, .max)
        (flow.transport, flow.firstMilliseconds, flow.lastMilliseconds) = (TransportProtocol(rawValue: 255), .max, .max)
        var stranger = flow
        stranger.device = MACAddress(rawValue: 0xFFFF_FFFF_FFFF)
        var flows = FlowReport()
        flows.flows = [flow, stranger, flow]
        return [
            .device(device), .flows(flows), .violation(violation), .violation(violation), .quarantine(quarantine),
            .incident(incident),
            .policyRefused(refusal), .proof(proof), .health(health), .gap(gap), .gap(gap),
        ]
    }

    @Test func everythingCanStillBeLookedAt() async throws {
        try await CollectorProcess.serving { collector in
            let hand = EnrolmentByHand(collector)
            _ = try await hand.fetchAuthority()
            let bearer = try await hand.logIn()
            let id = try await hand.enrolGateway("gate", as: bearer)
            var hello = AgentByHand.hello(bootEpoch: IngestLimits.maximumNumber)
            (hello.agentVersion, hello.architecture, hello.kernelRelease) = (Self.text, Self.text, Self.text)
            (hello.hostname, hello.generation, hello.timeMilliseconds) = (Self.text, .max, .max)
            hello.policyHash = ByteString([UInt8](repeating: 0xFF, count: 64))
            var agent = AgentByHand()
            agent.add(.hello(hello))
            agent.waitForWelcome()
            let last = IngestLimits.maximumNumber
            let reports = Self.bodies.enumerated().map { index, body in
                Report(
                    bootEpoch: last,
                    sequence: last - UInt64(Self.bodies.count - 1 - index),
                    severity: .critical,
                    timeMilliseconds: .max,
                    body: body
                )
            }
            agent.add(.reports(ReportBatch(reports)))
            let connection = try await agent.connect(
                to: collector.agentPort,
                as: "gate",
                authority: "authority.pem",
                in: collector.directory
            )
            try await connection.wait(for: "an acknowledgement") {
                try AgentByHand.Transcript(connection).messages.count > 1
            }
            guard case .acknowledge(let answer)? = try AgentByHand.Transcript(connection).messages.last else {
                Issue.record("\(try AgentByHand.Transcript(connection))")
                return
            }
            #expect(answer.highWater == HighWaterMark(bootEpoch: last, sequence: last))

            let device = "mac%3Aac%3Acc%3A8e%3A01%3A02%3A03"
            let paths = [
                "/gateways", "/gateways/\(id)", "/devices", "/gateways/\(id)/devices/\(device)", "/events?limit=500",
                "/posture", "/posture/gateways/\(id)", "/posture/sites/warehouse-1", "/policy-status",
            ]
            let openAPI = try await collector.curl("/api/v1/openapi.json").object
            let shapes = DocumentedShapes(openAPI)
            for path in paths {
                let answer = try await hand.api("GET", "/api/v1" + path, as: bearer)
                #expect(answer.status == 200, "\(path): \(answer.text)")
                _ = try answer.object
            }
            for path in ["/gateways/\(id)/flows", "/gateways/\(id)/devices/\(device)/flows"] {
                let flows = try await hand.api("GET", "/api/v1" + path, as: bearer).object["items"] as? [Any] ?? []
                #expect(flows.count == 1, "\(path)")
                for flow in flows { #expect(shapes.faults(of: flow, as: "Flow") == []) }
            }
            let shown = try await hand.api("GET", "/api/v1/gateways/\(id)/devices/\(device)", as: bearer).object
            #expect(shapes.faults(of: shown, as: "Device") == [])
            #expect(try await collector.curl("/metrics").status == 200)
            let cookie = try await hand.signIn().split(separator: ";").first ?? ""
            for path in ["/", "/gateways/\(id)", "/gateways/\(id)/devices/\(device)"] {
                let page = try await collector.curl(path, configuration: ["cookie = \"\(cookie)\""])
                #expect(page.status == 200, "\(path)")
                #expect(page.text.contains("</html>") && !page.text.contains("\"<\u{1F4F7}"), "\(path)")
                #expect(!page.text.contains("<svg/onload"), "\(path)")
            }
            #expect(await collector.process?.status == nil, "the collector ended")
        }
    }
}
