import Foundation
import Lab

/// A policy that is proved in the kernel, what it stops, and a device that goes into quarantine.
extension Story {
    var guarding: [Step] {
        [
            Step(title: "a signed policy is pushed, and proved in the kernel", run: pushPolicy),
            Step(title: "a policy signed by a stranger is refused; the old one stays in force", run: pushForgery),
            Step(title: "the camera reaches its cloud by name and nothing else", run: reachCloudOnly),
            Step(title: "the scan is seen and its device quarantined", run: quarantineScanner),
        ]
    }

    /// The demo's policy; `withCloud` false withdraws the camera's permission.
    static func policy(withCloud: Bool) -> String {
        """
        apiVersion: gatehouse/v1
        kind: Allowlist
        name: cameras
        match: { class: ip-camera, minimumConfidence: 0.7 }
        mode: enforce
        allow:
          - { to: gateway, ports: [ntp] }
        \(withCloud ? "  - { to: cloud.camera.example, ports: [443/tcp] }" : "")
        ---
        apiVersion: gatehouse/v1
        kind: Allowlist
        name: sensors
        match: { class: sensor }
        mode: enforce
        allow:
          - { to: mqtt.sensor.example, ports: [8883/tcp] }

        """
    }

    /// Signs and pushes; returns gatehousectl's status and words.
    func push(_ policy: String, as name: String, key: String = "policy-key") throws -> (status: Int, output: String) {
        try stage.write(policy, to: "\(name).yaml")
        try stage.control([
            "policy", "sign", stage.path("\(name).yaml"), "--key", stage.path(key), "--generation", "auto", "--output",
            stage.path("\(name).cose"),
        ])
        return try stage.attemptControl(["policy", "push", stage.path("\(name).cose"), "--wait", "20s"])
    }

    private func pushPolicy() throws -> [String] {
        let result = try push(Story.policy(withCloud: true), as: "first")
        try Story.require(result.status == 0, "policy push: status \(result.status): \(result.output)")
        return try proof()
    }

    /// The three hashes, which must be one.
    func proof() throws -> [String] {
        var status: Resource = [:]
        try Lab.wait(within: 20, for: "the proof; the last status was \(status)") {
            status = try stage.policyStatus()
            return status["state"] as? String == "proved"
        }
        let hashes = ["desiredHash", "appliedHash", "kernelHash"].map { status[$0] as? String ?? "" }
        try Story.require(Set(hashes).count == 1 && !hashes[0].isEmpty, "the hashes differ: \(hashes)")
        let took = (status["pushToProofMilliseconds"] as? NSNumber).map { "\($0) ms from push to proof, " } ?? ""
        return [
            "generation \(status["generation"] ?? 0): \(took)desired = applied = kernel = \(hashes[0].prefix(16))…"
        ]
    }

    private func pushForgery() throws -> [String] {
        let before = try stage.policyStatus()["generation"] as? NSNumber
        let result = try push(Story.policy(withCloud: true), as: "forged", key: "stranger-key")
        try Story.require(result.status != 0, "a policy of a stranger's key was taken: \(result.output)")
        try Lab.wait(within: 10, for: "the refusal to be reported") {
            try !stage.events(kinds: ["policy-refused"]).isEmpty
        }
        let after = try stage.policyStatus()["generation"] as? NSNumber
        try Story.require(before == after, "generation \(after ?? 0) is in force instead of \(before ?? 0)")
        let summary = try stage.events(kinds: ["policy-refused"]).first?["summary"] ?? ""
        return ["\(summary)"]
    }

    private func reachCloudOnly() throws -> [String] {
        let since = Stage.now()
        try Lab.wait(within: 20, for: "the camera to talk to its cloud under the policy") {
            Stage.lines(stage.camera?.programs["cloud"]).contains {
                $0["event"] as? String == "beat" && ($0["at"] as? NSNumber)?.intValue ?? 0 > since
            }
        }
        for attempt in forbiddenAttempts {
            let result = try stage.lab.camera.attempt(attempt)
            try Story.require(result.status != 0, "the camera got through: \(attempt.joined(separator: " "))")
        }
        var seen: Resource?
        try Lab.wait(within: 20, for: "the blocked attempt to be reported") {
            seen = try stage.events(kinds: ["violation"]).first {
                ($0["violation"] as? Resource)?["destination"] as? String == LabAddress.tracker
            }
            return seen != nil
        }
        return ["heartbeats to cloud.camera.example go on", "\(seen?["summary"] ?? "")"]
    }

    private func quarantineScanner() throws -> [String] {
        let scan = try stage.lab.startScan(packets: 0, perSecond: 100)
        defer { try? scan.stop() }
        try scan.wait(forOutput: "first scan packet")
        var kernel = 0
        try Lab.wait(within: 20, for: "the scanner's quarantine in the kernel") {
            kernel = Stage.now()
            return try isQuarantinedInKernel()
        }
        try Lab.wait(within: 20, for: "the collector's word of the scanner's quarantine") {
            try stage.device(at: LabAddress.infected)?["isQuarantined"] as? Bool == true
        }
        let shown = Stage.now()
        let first = (Stage.lines(scan).first?["at"] as? NSNumber)?.intValue ?? 0
        let device = try stage.device(at: LabAddress.infected)
        let incidents = try stage.events(kinds: ["incident"]).compactMap { $0["summary"] as? String }
        try Story.require(!incidents.isEmpty, "a quarantine without an incident")
        let quarantines = try stage.events(kinds: ["quarantine"])
        let evidence = quarantines.compactMap { ($0["fields"] as? Resource)?["evidence"] as? String }.first ?? ""
        let file = stage.path("agent/evidence/\(evidence)")
        let packets = try stage.lab.gateway.run(["tcpdump", "-n", "-r", file]).split(separator: "\n")
            .filter { $0.contains(" > ") }
        try Story.require(!packets.isEmpty, "no packet in \(file)")
        return [
            "first scan packet to quarantine in the kernel: \(kernel - first) ms; to the collector's word: "
                + "\(shown - first) ms",
            incidents[0],
            "reason: \(device?["quarantineReason"] ?? ""); its first \(packets.count) packets: \(evidence)",
        ]
    }

    /// Whether the kernel's own set holds the infected device.
    func isQuarantinedInKernel() throws -> Bool {
        try stage.lab.gateway.attempt(["nft", "list", "set", "inet", "gatehouse", "quarantined"]).output
            .contains("3c:ef:8c:01:02:03")
    }
}
