import Foundation
import Lab

/// A collector that is away, a permission that is withdrawn, an agent that is killed.
extension Story {
    var enduring: [Step] {
        var steps = [
            Step(
                title: "the collector is away: things go on; it returns: every event arrives once",
                run: surviveOutage
            ),
            Step(title: "a permission is withdrawn, and the live flow is cut", run: withdraw),
            Step(title: "the agent is killed: enforcement stays; it comes back and the proof holds", run: surviveKill),
        ]
        if stage.hasEmbeddedAgent {
            steps.append(Step(title: "the agent built in Embedded mode takes over", run: takeOver))
        }
        return steps
    }

    private func surviveOutage() throws -> [String] {
        let known = Set(try stage.events(kinds: ["violation"]).map(Story.target))
        try stage.stopCollector()
        let (away, awayMonotonic) = (Date(), Stage.now())
        let readings = try readingCount()
        let targets = ["192.0.2.80 880", "192.0.2.81 881", "192.0.2.83 883"]
        for target in targets {
            try Story.require(!known.contains(target), "\(target) was blocked before")
            let address = target.replacingOccurrences(of: " ", with: ":")
            let result = try stage.lab.sensor.attempt(["curl", "-sS", "--max-time", "2", "http://\(address)/"])
            try Story.require(result.status != 0, "the sensor reached \(target) while the collector was away")
        }
        try Lab.wait(within: 20, for: "heartbeats and readings while the collector is away") {
            try beats(after: awayMonotonic + 2_000) > 5 && readingCount() > readings + 1
        }
        let back = Date()
        try stage.startCollector()
        try stage.logInToAPI()
        let begin = ContinuousClock.now
        var late: [Resource] = []
        try Lab.wait(within: 60, for: "what happened meanwhile to arrive") {
            late = try stage.events(kinds: ["violation"]).filter { targets.contains(Story.target($0)) }
            return Set(late.map(Story.target)).count == targets.count
        }
        let waited = Story.seconds(since: begin)
        for event in late {
            let (time, received) = (try Story.date(event["time"]), try Story.date(event["received"]))
            try Story.require(
                time >= away.addingTimeInterval(-1) && time <= back,
                "an event of the outage says \(time)"
            )
            try Story.require(received >= back, "an event of the outage was there at \(received)")
        }
        let reports = try stage.events().filter { ($0["sequence"] as? NSNumber)?.intValue ?? 0 > 0 }
        let names = reports.map {
            "\($0["gateway"] ?? "") \($0["bootEpoch"] ?? "") \($0["sequence"] ?? "") \($0["kind"] ?? "")"
        }
        try Story.require(Set(names).count == names.count, "an event arrived twice")
        let gaps = try stage.events(kinds: ["gap"])
        try Story.require(gaps.isEmpty, "events were lost: \(gaps)")
        return [
            "away \(Int(back.timeIntervalSince(away) * 10) / 10) s: cloud and readings went on; "
                + "\(late.count) blocked attempts of that time arrived, \(waited) after the return",
            "\(names.count) events, none twice, none lost",
        ]
    }

    /// Address and port of a violation.
    private static func target(_ event: Resource) -> String {
        let violation = event["violation"] as? Resource ?? [:]
        return "\(violation["destination"] ?? "") \(violation["port"] ?? "")"
    }

    private static func date(_ value: Any?) throws -> Date {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        guard let text = value as? String, let date = formatter.date(from: text) else {
            throw LabError("not a time: \(value ?? "nothing")")
        }
        return date
    }

    /// Heartbeats of the camera with its cloud after a moment.
    private func beats(after moment: Int) -> Int {
        Stage.lines(stage.camera?.programs["cloud"]).count {
            $0["event"] as? String == "beat" && ($0["at"] as? NSNumber)?.intValue ?? 0 > moment
        }
    }

    /// Readings that the sensor's broker has taken.
    private func readingCount() throws -> Int {
        (stage.sensor?.programs["readings"]?.output ?? "").split(separator: "\n").count { $0 == "published" }
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
        try Story.require(try isQuarantinedInKernel(), "without the agent the quarantine was gone")
        let memory = try proofOfNewAgent()
        let readings = try readingCount()
        try Lab.wait(within: 20, for: "the sensor's readings after the agent's return") {
            try readingCount() > readings
        }
        return ["killed: the camera stays cut off, the quarantine stays"] + memory
    }

    /// The agent built in Embedded mode, on the same state: the same proof with less memory.
    private func takeOver() throws -> [String] {
        try stage.agent?.stop()
        return try proofOfNewAgent(stage.options.embeddedAgent)
    }

    /// Starts an agent, waits until it has proved the policy anew, and asks it and the kernel.
    private func proofOfNewAgent(_ file: URL? = nil) throws -> [String] {
        let before = try stage.policyStatus()["checked"] as? String ?? ""
        try stage.startAgent(file)
        try Lab.wait(within: 30, for: "a proof by the new agent") {
            let status = try stage.policyStatus()
            return status["state"] as? String == "proved" && (status["checked"] as? String ?? "") > before
        }
        let verified = try stage.lab.gateway.attempt(
            [stage.program("gatehouse-agent"), "verify", "--config", stage.path("agent.yaml")])
        try Story.require(verified.status == 0, "gatehouse-agent verify: \(verified.output)")
        let mode = file == nil ? "full runtime, debug build" : "Embedded"
        return try proof() + ["the agent (\(mode)): \(stage.agentMemory())"]
    }
}
