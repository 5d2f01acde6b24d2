import Foundation
import Lab

/// A collector that is away, a permission that is withdrawn, an agent that is killed.
extension Story {
    var enduring: [Step] {
        [
            Step(
                title: "the collector is away: things go on; it returns: every event arrives once",
                run: surviveOutage
            ),
            Step(title: "a permission is withdrawn, and the live flow is cut", run: withdraw),
            Step(title: "the agent is killed: enforcement stays; it comes back and the proof holds", run: surviveKill),
        ]
    }

    private func surviveOutage() throws -> [String] {
        try stage.stopCollector()
        let since = Stage.now()
        // A new device-made event for each of these addresses; the tracker's own is known already.
        let targets = ["192.0.2.80", "192.0.2.81", "192.0.2.83"].map { "\($0):8\($0.suffix(2))" }
        for target in targets {
            let result = try stage.lab.sensor.attempt(["curl", "-sS", "--max-time", "2", "http://\(target)/"])
            try Story.require(result.status != 0, "the sensor reached \(target) while the collector was away")
        }
        try Lab.wait(within: 10, for: "the camera's heartbeats while the collector is away") {
            Stage.lines(stage.camera?.programs["cloud"]).contains {
                $0["event"] as? String == "beat" && ($0["at"] as? NSNumber)?.intValue ?? 0 > since
            }
        }
        try stage.startCollector()
        try stage.logInToAPI()
        let begin = ContinuousClock.now
        try Lab.wait(within: 60, for: "what happened meanwhile to arrive") {
            let seen = try stage.events(kinds: ["violation"]).compactMap { $0["violation"] as? Resource }
            return targets.allSatisfy { target in
                seen.contains { "\($0["destination"] ?? ""):\($0["port"] ?? "")" == target }
            }
        }
        let waited = Story.seconds(since: begin)
        let reports = try stage.events().filter { ($0["sequence"] as? NSNumber)?.intValue ?? 0 > 0 }
        let names = reports.map {
            "\($0["gateway"] ?? "") \($0["bootEpoch"] ?? "") \($0["sequence"] ?? "") \($0["kind"] ?? "")"
        }
        try Story.require(Set(names).count == names.count, "an event arrived twice")
        let gaps = try stage.events(kinds: ["gap"])
        try Story.require(gaps.isEmpty, "events were lost: \(gaps)")
        return [
            "\(targets.count) blocked attempts arrived \(waited) after the return; \(names.count) events, none twice"
        ]
    }

    private func withdraw() throws -> [String] {
        let begin = Stage.now()
        let result = try push(Story.policy(withCloud: false), as: "second")
        try Story.require(result.status == 0, "policy push: status \(result.status): \(result.output)")
        let details = try proof()
        let applied = Stage.now()
        let cloud = stage.camera?.programs["cloud"]
        try Lab.wait(within: 10, for: "the camera to lose its connection") {
            Stage.lines(cloud).contains {
                $0["event"] as? String == "lost" && ($0["at"] as? NSNumber)?.intValue ?? 0 > begin
            }
        }
        // Nothing gets through any more: no heartbeat after the proof and a second.
        usleep(2_000_000)
        let lines = Stage.lines(cloud)
        func times(_ event: String) -> [Int] {
            lines.filter { $0["event"] as? String == event }.compactMap { ($0["at"] as? NSNumber)?.intValue }
        }
        let late = times("beat").filter { $0 > applied + 1000 }
        try Story.require(late.isEmpty, "\(late.count) heartbeats got through after the permission was withdrawn")
        let last = times("beat").last ?? begin
        return details + ["the last heartbeat got through \(max(0, last - begin)) ms after the signing began"]
    }

    private func surviveKill() throws -> [String] {
        try stage.agent?.send(signal: SIGKILL)
        try stage.agent?.wait(withinSeconds: 5)
        let blocked = try stage.lab.camera.attempt([
            "curl", "-sS", "--max-time", "3", "--insecure", "https://\(LabAddress.cloud)/",
        ])
        try Story.require(blocked.status != 0, "without the agent the camera got through")
        let quarantined = try stage.lab.infected.attempt(["ping", "-c1", "-W1", LabAddress.cloud])
        try Story.require(quarantined.status != 0, "without the agent the quarantined device got through")
        let before = try stage.policyStatus()["checked"] as? String ?? ""
        try stage.startAgent()
        try Lab.wait(within: 30, for: "a proof by the new agent") {
            let status = try stage.policyStatus()
            return status["state"] as? String == "proved" && (status["checked"] as? String ?? "") > before
        }
        let verified = try stage.lab.gateway.attempt(
            [stage.program("gatehouse-agent"), "verify", "--config", stage.path("agent.yaml")])
        try Story.require(verified.status == 0, "gatehouse-agent verify: \(verified.output)")
        return try proof() + [verified.output.trimmingCharacters(in: .whitespacesAndNewlines)]
    }
}
