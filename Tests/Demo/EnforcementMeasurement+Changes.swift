import Foundation
import Lab

/// Policies that come and go, and a device that scans.
extension EnforcementMeasurement {
    /// One signed policy: its file and its SHA-256 in hexadecimal, as the collector names it.
    private struct Signed {
        let file: String
        let hash: String
    }

    /// Puts a policy in force under which everything else is measured.
    func pushFirst() throws { _ = try push(sign(withCloud: true, generation: 1)) }

    /// Pushes 200 times a policy with the camera's cloud and one without it. Each push is timed by the agent (received to
    /// proved) and from outside (sent to the collector to the collector's word); each withdrawal from the sending to the last
    /// heartbeat of the connection that it cuts.
    func measureChanges() throws {
        let firstGeneration = 2
        var proofs: [Double] = []
        var rounds: [Double] = []
        var cuts: [Double] = []
        for round in 0..<EnforcementMeasurement.changes {
            let allowed = try sign(withCloud: true, generation: firstGeneration + 2 * round)
            let withdrawn = try sign(withCloud: false, generation: firstGeneration + 2 * round + 1)
            let (proof, took, at) = try push(allowed)
            proofs.append(proof)
            rounds.append(took)
            try Lab.wait(within: 20, for: "the camera to reach its cloud; it says: \(tail(cloud))") {
                lastTime(of: "beat", in: cloud) > at
            }
            let (secondProof, secondTook, sent) = try push(withdrawn)
            proofs.append(secondProof)
            rounds.append(secondTook)
            try Lab.wait(within: 20, for: "the connection to be cut; the camera says: \(tail(cloud))") {
                lastTime(of: "lost", in: cloud) > sent
            }
            cuts.append(Double(max(0, lastTime(of: "beat", in: cloud) - sent)))
        }
        say("")
        say("push to proof, in the agent     \(EnforcementMeasurement.summary(proofs))")
        say("push to the collector's word    \(EnforcementMeasurement.summary(rounds)) (two HTTPS requests in it)")
        say("withdrawal to last heartbeat    \(EnforcementMeasurement.summary(cuts)) (one HTTPS request in it)")
        say("budget                          p99 1000 ms")
    }

    private func sign(withCloud: Bool, generation: Int) throws -> Signed {
        let file = stage.path("bench-\(generation)")
        try stage.write(EnforcementMeasurement.policy(withCloud: withCloud), to: "bench-\(generation).yaml")
        try stage.control([
            "policy", "sign", "\(file).yaml", "--key", stage.path("policy-key"), "--generation", "\(generation)",
            "--output",
            "\(file).cose",
        ])
        let sum = try stage.lab.central.run(["sha256sum", "\(file).cose"])
        return Signed(file: "\(file).cose", hash: String(sum.prefix(64)))
    }

    /// What the agent says its proof took, what it took seen from outside, and when it was sent; milliseconds.
    private func push(_ policy: Signed) throws -> (proof: Double, took: Double, sent: Int) {
        let sent = Stage.now()
        try stage.lab.central.run([
            "curl", "-sS", "--insecure", "--fail-with-body", "--max-time", "10", "-H", "@\(stage.path("bearer"))", "-H",
            "Content-Type: application/cose", "--data-binary", "@\(policy.file)",
            "https://\(LabAddress.central):8443/api/v1/policies",
        ])
        var status: Resource = [:]
        try Lab.wait(within: 20, for: "the proof of \(policy.file); the last status: \(status)") {
            let page = try stage.api("/api/v1/policies/\(policy.hash)/status")
            status = (page["items"] as? [Resource])?.first ?? [:]
            return status["state"] as? String == "proved"
        }
        let proof = (status["pushToProofMilliseconds"] as? NSNumber)?.doubleValue ?? 0
        return (proof, Double(Stage.now() - sent), sent)
    }

    /// Lets a device scan as Mirai does, 100 packets a second, and then flood, until the kernel holds it in quarantine; each time
    /// it is released.
    func measureScans() throws {
        let scans = try quarantines { try stage.lab.startScan(packets: 0, perSecond: 100, seed: $0 + 1) }
        let floods = try quarantines { _ in
            try stage.lab.infected.start(
                ["/usr/bin/python3", "-u", "-c", EnforcementMeasurement.flood],
                label: "flood"
            )
        }
        say("")
        say("first scan packet to quarantine \(EnforcementMeasurement.summary(scans)) (one run of nft in it)")
        say("first flood packet to quarantine \(EnforcementMeasurement.summary(floods)) (one run of nft in it)")
        say("budget                          1000 ms")
    }

    /// UDP to where it may not go, as fast as it can.
    private static let flood = """
        import json, socket, time
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        print(json.dumps({"at": time.monotonic_ns() // 1_000_000, "event": "first packet"}))
        while True: s.sendto(b"x", ("\(LabAddress.tracker)", 9999))
        """

    /// How long after its first packet each round's attacker was held by the kernel, milliseconds.
    private func quarantines(_ start: (Int) throws -> LabProcess) throws -> [Double] {
        var times: [Double] = []
        let key = try stage.device(at: LabAddress.infected)?["key"] as? String ?? ""
        for round in 0..<EnforcementMeasurement.scans {
            let attack = try start(round)
            try attack.wait(forOutput: "packet")
            var quarantined = 0
            try Lab.wait(within: 20, for: "the attacker's quarantine in the kernel") {
                quarantined = Stage.now()
                return try story.isQuarantinedInKernel()
            }
            try attack.stop()
            let first = (Stage.lines(attack).first?["at"] as? NSNumber)?.intValue ?? 0
            times.append(Double(quarantined - first))
            try Lab.wait(within: 20, for: "the collector's word of the quarantine") {
                try stage.device(at: LabAddress.infected)?["isQuarantined"] as? Bool == true
            }
            try stage.control(["device", "release", key])
            try Lab.wait(within: 20, for: "the release in the kernel") { try !story.isQuarantinedInKernel() }
        }
        return times
    }

    /// When a peer last said something, from the end of what it wrote: there is a lot of it.
    private func lastTime(of event: String, in process: LabProcess) -> Int {
        for line in tail(process).split(separator: "\n").reversed() {
            guard let said = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? Resource,
                said["event"] as? String == event
            else { continue }
            return (said["at"] as? NSNumber)?.intValue ?? 0
        }
        return 0
    }

    private func tail(_ process: LabProcess) -> String {
        guard let file = try? FileHandle(forReadingFrom: process.log), let end = try? file.seekToEnd() else {
            return ""
        }
        try? file.seek(toOffset: end > 4096 ? end - 4096 : 0)
        return String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    }
}
