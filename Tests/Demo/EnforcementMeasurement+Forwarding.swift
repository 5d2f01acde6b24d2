import Foundation
import Lab

/// What rules cost a packet that is forwarded.
extension EnforcementMeasurement {
    private struct ForwardingRun {
        /// Gigabits a second.
        var stream = 0.0
        /// Packets of 64 bytes a second that arrived.
        var packets = 0.0
    }

    private struct Setting {
        let title: String
        /// Elements in the sets of learned addresses; nil for no table at all.
        let elements: Int?
    }

    private static let rounds = 5
    private static let seconds = 2

    /// Without the agent: what the kernel holds works on, and nothing else takes the processor.
    func measureForwarding() throws {
        let gateway = stage.lab.gateway
        var tables = ""
        for table in ["inet gatehouse", "bridge gatehouse"] {
            let listed = try gateway.attempt(["nft", "list", "table"] + table.split(separator: " ").map(String.init))
            if listed.status == 0 { tables += listed.output }
        }
        try Story.require(tables.contains("names4"), "the agent's table is not in the kernel")
        try stage.agent?.stop()
        try cloud.stop()
        // Learned addresses go: each setting brings its own.
        let file = stage.path("tables.nft")
        try stage.write(tables, to: "tables.nft")
        let server = try stage.lab.internet.start([
            "iperf3", "-s", "-B", LabAddress.cloud, "-p", "\(EnforcementMeasurement.forwardingPort)", "--forceflush",
        ])
        try server.wait(forOutput: "listening")
        let settings = [
            Setting(title: "no rules", elements: nil), Setting(title: "10,000 elements", elements: 10_000),
            Setting(title: "100,000 elements", elements: 100_000),
        ]
        var runs: [[ForwardingRun]] = settings.map { _ in [] }
        for round in 0..<EnforcementMeasurement.rounds {
            for step in settings.indices {
                // Each setting comes first, second and third in turn.
                let index = (step + round) % settings.count
                try load(settings[index], file)
                runs[index].append(try forward())
            }
        }
        tell(settings, runs)
    }

    private func load(_ setting: Setting, _ file: String) throws {
        var script = ""
        for table in ["inet gatehouse", "bridge gatehouse"] { script += "table \(table)\ndelete table \(table)\n" }
        if let elements = setting.elements {
            script += "include \"\(file)\"\nflush set inet gatehouse names4\nflush set inet gatehouse names6\n"
            // A set takes 65,535: what is more goes to the other family.
            let first = min(elements, 60_000)
            script += EnforcementMeasurement.elements(first, "names4") {
                "02:00:00:00:\(hex($0 >> 16)):\(hex($0 >> 8)) . 198.18.\($0 >> 8 & 255).\($0 & 255) . tcp . 443 timeout 1h"
            }
            script += EnforcementMeasurement.elements(elements - first, "names6") {
                "02:00:00:00:\(hex($0 >> 16)):\(hex($0 >> 8)) . 2001:db8:9::\(String($0, radix: 16)) . tcp . 443 timeout 1h"
            }
        }
        try stage.write(script, to: "setting.nft")
        try stage.lab.gateway.run(["nft", "-f", stage.path("setting.nft")], withinSeconds: 60)
    }

    private static func elements(_ count: Int, _ set: String, _ element: (Int) -> String) -> String {
        stride(from: 0, to: count, by: 1000).map { start in
            let part = (start..<min(count, start + 1000)).map(element)
            return "add element inet gatehouse \(set) { \(part.joined(separator: ", ")) }\n"
        }.joined()
    }

    private func hex(_ value: Int) -> String {
        let text = String(value & 255, radix: 16)
        return text.count < 2 ? "0" + text : text
    }

    private func forward() throws -> ForwardingRun {
        let stream = try iperf([])
        // 64 bytes on the wire before the check sum: 14 of Ethernet, 20 of IPv4, 8 of UDP.
        let packets = try iperf(["-u", "-b", "0", "-l", "22"])
        let received = (stream["sum_received"] as? Resource)?["bits_per_second"] as? NSNumber
        let sum = packets["sum"] as? Resource ?? [:]
        func number(_ name: String) -> Double { (sum[name] as? NSNumber)?.doubleValue ?? 0 }
        return ForwardingRun(
            stream: (received?.doubleValue ?? 0) / 1e9,
            packets: (number("packets") - number("lost_packets")) / max(0.001, number("seconds"))
        )
    }

    private func iperf(_ more: [String]) throws -> Resource {
        let output = try stage.lab.camera.run(
            [
                "iperf3", "-c", LabAddress.cloud, "-p", "\(EnforcementMeasurement.forwardingPort)", "-J", "-t",
                "\(EnforcementMeasurement.seconds)",
            ] + more,
            withinSeconds: 30
        )
        let report = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? Resource ?? [:]
        guard let end = report["end"] as? Resource else { throw LabError("iperf3: \(output)") }
        return end
    }

    private func tell(_ settings: [Setting], _ runs: [[ForwardingRun]]) {
        say("")
        say(
            "forwarding, \(EnforcementMeasurement.rounds) runs in turn  TCP Gbit/s  of none   64-byte UDP packets/s  of none"
        )
        let base = runs[0]
        for (index, setting) in settings.enumerated() {
            let stream = EnforcementMeasurement.median(runs[index].map(\.stream))
            let packets = EnforcementMeasurement.median(runs[index].map(\.packets))
            // Of the same round each: a machine's speed changes more between rounds than rules cost.
            let streams = EnforcementMeasurement.median(zip(runs[index], base).map { $0.stream / max(1e-9, $1.stream) })
            let rates = EnforcementMeasurement.median(zip(runs[index], base).map { $0.packets / max(1e-9, $1.packets) })
            say(
                setting.title.padding(toLength: 27, withPad: " ", startingAt: 0)
                    + EnforcementMeasurement.column(EnforcementMeasurement.fixed(stream, 2), 11)
                    + EnforcementMeasurement.column(EnforcementMeasurement.fixed(streams, 3), 9)
                    + EnforcementMeasurement.column(EnforcementMeasurement.fixed(packets, 0), 24)
                    + EnforcementMeasurement.column(EnforcementMeasurement.fixed(rates, 3), 9)
            )
        }
        say("budget, 10,000 elements                          0.970                             0.970")
    }
}
