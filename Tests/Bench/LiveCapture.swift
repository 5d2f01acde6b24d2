import Foundation

/// The agent on an interface, while tcpreplay sends on the other end of its cable. Runs in a network namespace made for
/// it, and nothing else does: the addresses of the captures reach nobody.
struct LiveCapture {
    static let packetsPerSecond = 50_000
    static let seconds = 10
    static let packets = packetsPerSecond * seconds

    let agent: String
    let capture: String
    let knowledge: String

    /// Whether the kernel had to drop nothing.
    func run() throws -> Bool {
        let directory = URL(fileURLWithPath: capture).deletingLastPathComponent()
        try shell(
            "ip link set lo up; ip link add gate0 type veth peer name wire0; "
                + "for i in gate0 wire0; do sysctl -qw net.ipv6.conf.$i.disable_ipv6=1 || true; ip link set $i up; done; "
                + "ip link add up0 type veth peer name up1; ip link set up0 up; ip link set up1 up"
        )
        let configuration = directory.appending(path: "agent.yaml")
        let state = directory.appending(path: "state")
        try Data(
            """
            collector: { host: 192.0.2.1 }
            interfaces: { devices: [gate0], uplink: up0 }
            stateDirectory: \(state.path)
            knowledge: \(knowledge)
            enforcement: { enabled: false }

            """.utf8
        ).write(to: configuration)
        let log = directory.appending(path: "agent.log").path
        let process = try StartedProgram([agent, "run", "--config", configuration.path], output: log)
        defer {
            kill(process.processNumber, SIGTERM)
            _ = try? process.wait()
        }
        func counters() throws -> [String: UInt64] {
            let answer = try output("'\(agent)' status --json --config '\(configuration.path)'")
            let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
            guard let counters = object?["counters"] as? [String: Int] else {
                throw BenchError(
                    "the agent answers \(answer); its log: \(try String(contentsOfFile: log, encoding: .utf8))"
                )
            }
            return counters.mapValues { UInt64($0) }
        }
        usleep(1_500_000)
        let before = try counters()
        let idle = try share(of: process.processNumber) { sleep(5) }
        var report = ""
        let busy = try share(of: process.processNumber) {
            report = try output(
                "tcpreplay -q -K -i wire0 --pps=\(LiveCapture.packetsPerSecond) --limit=\(LiveCapture.packets) '\(capture)' 2>&1"
            )
        }
        // The last block is handed over after a quarter of a second.
        usleep(600_000)
        let after = try counters()
        func rise(_ name: String) -> UInt64 { (after[name] ?? 0) - (before[name] ?? 0) }
        let sent = try sentPackets()
        print(
            "\non an interface: \(sent) packets sent in \(digits(busy.seconds, 1)) s, wanted \(LiveCapture.packetsPerSecond) a second"
        )
        for line in report.split(separator: "\n")
        where line.contains("Rated") || line.contains("Failed") || line.contains("Successful") {
            print("  tcpreplay: \(line.trimmingCharacters(in: .whitespaces))")
        }
        let (received, dropped) = (rise("capture.received"), rise("capture.dropped"))
        print("  passed the filter in the kernel: \(received); of these the kernel dropped \(dropped)")
        print(
            "  agent: \(digits(busy.share * 100, 1)) % of a core (idle \(digits(idle.share * 100, 2)) %), \(after["devices"] ?? 0) devices"
        )
        return received > 0 && dropped == 0
    }

    /// What left the other end of the cable.
    private func sentPackets() throws -> Int {
        let answer = try JSONSerialization.jsonObject(with: Data(try output("ip -j -s link show wire0").utf8))
        let statistics = (answer as? [[String: Any]])?.first?["stats64"] as? [String: [String: Int]]
        guard let sent = statistics?["tx"]?["packets"] else { throw BenchError("ip does not count what was sent") }
        return sent
    }

    /// Seconds of a core that a process took while `body` ran, and the share.
    private func share(of process: Int32, _ body: () throws -> Void) throws -> (share: Double, seconds: Double) {
        func ticks() throws -> Double {
            let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
            // After the name in brackets; utime and stime are fields 14 and 15 (proc(5)).
            let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
            return (Double(fields[12]) ?? 0) + (Double(fields[13]) ?? 0)
        }
        let start = ContinuousClock.now
        let before = try ticks()
        try body()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        return ((try ticks() - before) / Double(sysconf(Int32(_SC_CLK_TCK))) / seconds, seconds)
    }

    private func shell(_ command: String) throws { _ = try output("set -e; " + command) }

    private func output(_ command: String) throws -> String {
        let file = URL(fileURLWithPath: capture).deletingLastPathComponent().appending(path: "said").path
        let run = try TimedRun(["sh", "-c", command], output: file)
        let text = try String(contentsOfFile: file, encoding: .utf8)
        guard run.status == 0 else { throw BenchError("\(command): exit code \(run.status): \(text)") }
        return text
    }
}
