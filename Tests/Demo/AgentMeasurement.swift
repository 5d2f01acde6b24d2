import Foundation
import Lab

/// The agent's memory, processor time and wake-ups beside the budgets of the design: built in Embedded mode, enrolled and
/// connected, with a policy of 1,000 names proved in the kernel and all knowledge, without and with 200 devices. Prints
/// figures and judges none: how fast a machine is, is not the agent's doing.
struct AgentMeasurement {
    static let nameCount = 1000
    static let deviceCount = 200

    let stage: Stage
    /// How long each state is watched.
    let seconds: Double

    /// What the kernel had counted of the agent at a moment.
    private struct Sample {
        var at = ContinuousClock.now
        var residentKiB = 0
        var privateKiB = 0
        /// Of the private memory what no file holds, so that the kernel cannot drop it.
        var dirtyKiB = 0
        var processorNanoseconds = 0
        /// Voluntary context switches: how often it went to sleep, and so woke up.
        var sleeps = 0
    }

    func run() throws {
        let agent = stage.options.embeddedAgent
        guard FileManager.default.isExecutableFile(atPath: agent.path) else {
            throw LabError("\(agent.path) is not there: cross/build amd64")
        }
        let story = Story(stage)
        for step in story.beginning.prefix(2) { _ = try step.run() }
        try stage.agent?.stop()
        try stage.startAgent(agent)
        try waitForConnection()
        let pushed = try story.push(AgentMeasurement.policy, as: "thousand")
        try Story.require(pushed.status == 0, "policy push: \(pushed.output)")
        say("agent (Embedded, \(try stage.lab.gateway.run(["stat", "-c", "%s", agent.path]).trimmed) bytes), enrolled")
        say("and connected, policy of \(AgentMeasurement.nameCount) names \(try story.proof()[0])")
        say("knowledge of \(try stage.lab.gateway.run(["stat", "-c", "%s", stage.knowledge]).trimmed) bytes, mapped")
        // Enrolment and policy are behind it before it counts as quiet.
        usleep(5_000_000)
        say("")
        say("                                        resident   private     dirty  processor      wake-ups")
        try tell("without devices") { usleep(useconds_t(seconds * 1_000_000)) }
        var herd = ""
        try tell("\(AgentMeasurement.deviceCount) devices come up") { herd = try playDevices() }
        // What they did is reported and written down before they count as quiet.
        usleep(5_000_000)
        try tell("\(AgentMeasurement.deviceCount) devices, quiet") { usleep(useconds_t(seconds * 1_000_000)) }
        say("budget (50 devices, on arm64)           8,192 KiB 3,072 KiB              0.200 %   4.0 a second")
        say("")
        say(herd)
        for fact in try facts() { say(fact) }
        say("resident, KiB: \(try memory("Rss:"))")
        say("of that private, KiB: \(try memory("Private_"))")
    }

    /// Where its memory is, the largest parts first: heap, program, libraries and other mappings, by smaps of proc(5).
    private func memory(_ field: String) throws -> String {
        guard let agent = stage.agent else { throw LabError("no agent") }
        let text = try stage.lab.gateway.run(["cat", "/proc/\(agent.pid)/smaps"])
        var parts: [String: Int] = [:]
        var part = ""
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let first = words.first else { continue }
            if first.contains("-") {
                part = words.count > 5 ? String(words[5].split(separator: "/").last ?? words[5]) : "anonymous"
            } else if first.hasPrefix(field), words.count > 1 {
                parts[part, default: 0] += Int(words[1]) ?? 0
            }
        }
        let ordered = parts.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return ordered.prefix(10).map { "\($0.key) \(AgentMeasurement.grouped($0.value))" }.joined(separator: ", ")
    }

    private static var policy: String {
        let names = (0..<nameCount).map { "  - { to: host-\($0).service.example, ports: [443/tcp] }" }
        return """
            apiVersion: gatehouse/v1
            kind: Allowlist
            name: everything
            mode: enforce
            allow:
            \(names.joined(separator: "\n"))

            """
    }

    private func waitForConnection() throws {
        try Lab.wait(within: 30, for: "the agent to be connected") {
            let status = try? status()
            return status?["connected"] as? Bool == true
        }
    }

    private func status() throws -> Resource {
        let text = try stage.lab.gateway.run(
            [stage.program("gatehouse-agent"), "status", "--json", "--config", stage.path("agent.yaml")])
        return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? Resource ?? [:]
    }

    /// Lets the devices of the labelled captures come up, each several times under another address; without those
    /// captures, what the lab's programs say.
    private func playDevices() throws -> String {
        let sources = try AgentMeasurement.labelledCaptures() ?? [recordedDevices()]
        let mac = try stage.lab.gateway.run(["cat", "/sys/class/net/lan0/address"]).trimmed
        let herd = try stage.lab.infected.start(
            Peer.command("herd.py", ["\(AgentMeasurement.deviceCount)", "\(seconds)", mac] + sources)
        )
        let status = try herd.wait(withinSeconds: seconds * 2 + 60)
        try Story.require(status == 0, "herd.py: \(herd.output)")
        return herd.output.trimmed
    }

    /// `FILE=MAC,…` of each labelled capture; nil where the data is not here.
    private static func labelledCaptures() throws -> [String]? {
        let folder = ProcessInfo.processInfo.environment["GATEHOUSE_DATA"].map { URL(fileURLWithPath: $0) }
        let data = folder ?? DemoOptions.repository.appendingPathComponent("../shared/data")
        guard let text = try? Data(contentsOf: data.appendingPathComponent("captures/labels.json")) else { return nil }
        let labels = try JSONSerialization.jsonObject(with: text) as? [Resource] ?? []
        return labels.compactMap { label in
            guard let path = label["capture"] as? String, let macs = label["macs"] as? [String], !macs.isEmpty else {
                return nil
            }
            return "\(data.appendingPathComponent(path).standardizedFileURL.path)=\(macs.joined(separator: ","))"
        }
    }

    private func recordedDevices() throws -> String {
        let file = stage.path("devices.pcap")
        try DeviceLab.record(to: file)
        return file
    }

    private func tell(_ state: String, _ body: () throws -> Void) throws {
        let before = try sample()
        try body()
        let after = try sample()
        let elapsed = (after.at - before.at) / .seconds(1)
        let share = Double(after.processorNanoseconds - before.processorNanoseconds) / (elapsed * 1e7)
        let sleeps = Double(after.sleeps - before.sleeps) / elapsed
        say(
            state.padding(toLength: 36, withPad: " ", startingAt: 0)
                + AgentMeasurement.column("\(AgentMeasurement.grouped(after.residentKiB)) KiB", 13)
                + AgentMeasurement.column("\(AgentMeasurement.grouped(after.privateKiB)) KiB", 10)
                + AgentMeasurement.column("\(AgentMeasurement.grouped(after.dirtyKiB)) KiB", 10)
                + AgentMeasurement.column("\(AgentMeasurement.fixed(share, 3)) %", 11)
                + AgentMeasurement.column("\(AgentMeasurement.fixed(sleeps, 1)) a second", 15)
        )
    }

    /// smaps_rollup, schedstat and status of proc(5).
    private func sample() throws -> Sample {
        guard let agent = stage.agent else { throw LabError("no agent") }
        let text = try stage.lab.gateway.shell(
            """
            cd /proc/\(agent.pid)
            cat smaps_rollup
            for task in task/*; do
                echo "Ran: $(cut -d ' ' -f 1 < $task/schedstat)"
                grep ^voluntary_ctxt_switches $task/status
            done
            """
        )
        var sample = Sample()
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == ":" || $0.isWhitespace })
            guard words.count >= 2, let value = Int(words[1]) else { continue }
            switch words[0] {
            case "Rss": sample.residentKiB = value
            case "Private_Clean": sample.privateKiB += value
            case "Private_Dirty":
                sample.privateKiB += value
                sample.dirtyKiB = value
            case "Ran": sample.processorNanoseconds += value
            case "voluntary_ctxt_switches": sample.sleeps += value
            default: continue
            }
        }
        return sample
    }

    /// What the agent made of it, so that the figures are those of an agent that did its work.
    private func facts() throws -> [String] {
        let status = try status()
        let devices = status["devices"] as? [Resource] ?? []
        let named = devices.count { $0["class"] as? String != "unknown" }
        let counters = status["counters"] as? [String: Int] ?? [:]
        let shown = counters.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return [
            "\(devices.count) devices known, \(named) of them with a class",
            "counters: \(shown.joined(separator: ", "))",
        ]
    }

    private static func column(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private static func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

    private static func grouped(_ value: Int) -> String {
        value < 1000 ? "\(value)" : "\(value / 1000)," + String(format: "%03d", value % 1000)
    }
}
