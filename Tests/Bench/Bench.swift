import Captures
import Foundation
import KnowledgeBuilder

/// `gatehouse-bench`: what decoding costs the agent, beside others in the same run, and whether it keeps up with an
/// interface. Prints figures; says by its exit code where a budget of DESIGN is missed.
@main
enum Bench {
    /// Packets a second and core (DESIGN §12).
    static let budget = 2_000_000.0
    static let usage = "usage: gatehouse-bench AGENT [--packets N] [--runs R] [--only files|interface]"

    static func main() {
        do {
            var words = Array(CommandLine.arguments.dropFirst())
            if words.count == 4, words[0] == "interface-in-namespace" {
                exit(try LiveCapture(agent: words[1], capture: words[2], knowledge: words[3]).run() ? 0 : 1)
            }
            func option(_ name: String) throws -> String? {
                guard let index = words.firstIndex(of: name), index + 1 < words.count else { return nil }
                defer { words.removeSubrange(index...(index + 1)) }
                return words[index + 1]
            }
            let packets = Int(try option("--packets") ?? "1000000") ?? 0
            let runs = Int(try option("--runs") ?? "5") ?? 0
            let only = try option("--only")
            guard words.count == 1, packets > 0, runs > 0 else { throw BenchError(usage) }
            guard CaptureData.isPresent else { throw BenchError("no captures: GATEHOUSE_DATA says where they are") }
            exit(try run(agent: words[0], packets: packets, runs: runs, only: only) ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("bench: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(agent: String, packets: Int, runs: Int, only: String?) throws -> Bool {
        let directory = FileManager.default.temporaryDirectory.appending(path: "gatehouse-bench-\(getpid())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let knowledge = directory.appending(path: "knowledge.bin")
        try Data(
            KnowledgeBuilder.build(
                ruleDirectory: "agent-config/knowledge",
                ieeeDataDirectory: KnowledgeBuilder.defaultIEEEDataDirectory
            )
        ).write(to: knowledge)
        let mixture = try MixedCapture()
        print("\(mixture.captures) labelled captures, \(mixture.frames.count) frames in turn, again and again,")
        print("a millisecond apart; addresses as they are, so that a device says what it said before")
        var isWithin = true
        if only != "interface" {
            let comparison = Comparison(agent: agent, knowledge: knowledge.path, directory: directory, mixture: mixture)
            isWithin = try comparison.run(packets: packets, runs: runs)
        }
        if only != "files" {
            let file = directory.appending(path: "live.pcap")
            // What a network interface of 1,500 bytes takes.
            _ = try mixture.write(LiveCapture.packets, to: file, longest: 1514)
            let own = CommandLine.arguments[0]
            // Never on the computer's own network: a namespace, in a user namespace where one is not root.
            let user = geteuid() == 0 ? [] : ["--user", "--map-root-user"]
            let inside = ["interface-in-namespace", agent, file.path, knowledge.path]
            fflush(nil)
            let run = try TimedRun(["unshare"] + user + ["--net", own] + inside, output: nil)
            isWithin = run.status == 0 && isWithin
        }
        return isWithin
    }
}

/// Why there is no figure.
struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
