import Foundation

/// The agent and others, one after the other on the same file, several times over. What they say goes to /dev/null: p0f
/// would take three times as long to write a line for every packet that matches.
struct Comparison {
    /// How much larger than the smaller file's the memory on the larger file may be, KiB: allocator and page cache breathe.
    static let flatKiB = 512

    let agent: String
    let knowledge: String
    let directory: URL
    let mixture: MixedCapture

    private func programs(_ file: String) -> [(name: String, command: [String])] {
        [
            ("gatehouse-agent", identify(file)),
            ("p0f", ["p0f", "-r", file]),
            ("prads", ["prads", "-r", file, "-l", "/dev/null"]),
            ("ndpiReader", ["ndpiReader", "-q", "-i", file]),
        ]
    }

    private func identify(_ file: String) -> [String] {
        [agent, "identify", "--pcap", file, "--knowledge", knowledge, "--json"]
    }

    /// Whether the agent keeps its budget, is ahead of every other, and takes no more memory for more packets.
    func run(packets: Int, runs: Int) throws -> Bool {
        let file = directory.appending(path: "mixed.pcap")
        let count = try mixture.write(packets, to: file)
        print("\n\(count) packets, \(runs) runs in turn; user and system time of the whole program, start included")
        var times: [String: [TimedRun]] = [:]
        for _ in 0..<runs {
            for program in programs(file.path) {
                let run = try TimedRun(program.command, output: "/dev/null")
                guard run.status == 0 else { throw BenchError("\(program.name) ended with \(run.status)") }
                times[program.name, default: []].append(run)
            }
        }
        print(row("", ["CPU s min", "median", "packets/s a core", "resident MiB", "agent is faster by"]))
        var isWithin = true
        var own = 0.0
        for program in programs(file.path) {
            let runs = (times[program.name] ?? []).sorted { $0.cpuSeconds < $1.cpuSeconds }
            let median = runs[runs.count / 2].cpuSeconds
            if own == 0 { own = median }
            let resident = Double(runs.map(\.residentKiB).max() ?? 0) / 1024
            print(
                row(
                    program.name,
                    [
                        digits(runs[0].cpuSeconds, 3), digits(median, 3), digits(Double(count) / median, 0),
                        digits(resident, 1), program.name == "gatehouse-agent" ? "" : digits(median / own, 2),
                    ]
                )
            )
            if program.name != "gatehouse-agent", median <= own { isWithin = false }
        }
        if Double(count) / own < Bench.budget { isWithin = false }
        let isFlat = try checkMemory(file: file, count: count, small: times["gatehouse-agent"] ?? [])
        print(isWithin ? "within the budget of \(digits(Bench.budget, 0)), and the fastest" : "MISSES its budget")
        return isWithin && isFlat
    }

    private func checkMemory(file: URL, count: Int, small: [TimedRun]) throws -> Bool {
        let large = try mixture.write(4 * count, to: file)
        let run = try TimedRun(identify(file.path), output: "/dev/null")
        guard run.status == 0 else { throw BenchError("the agent ended with \(run.status)") }
        let before = small.map(\.residentKiB).max() ?? 0
        let isFlat = run.residentKiB - before <= Comparison.flatKiB
        print(
            "memory: \(before) KiB after \(count) packets, \(run.residentKiB) KiB after \(large)"
                + (isFlat ? "" : ": it GROWS")
        )
        return isFlat
    }

    private func row(_ name: String, _ cells: [String]) -> String {
        cells.reduce(name.padding(toLength: 16, withPad: " ", startingAt: 0)) { line, cell in
            line + String(repeating: " ", count: max(1, 19 - cell.count)) + cell
        }
    }
}

/// A number with so many digits after the point.
func digits(_ number: Double, _ count: Int) -> String { String(format: "%.\(count)f", number) }
