import NetworkTypes
import TestSupport
import Testing

@testable import AgentCore

/// What is to live longer is added, deleted and added again, in one transaction: before Linux 6.12 adding an element that exists
/// leaves its time-out as it was (DESIGN §7.2). On a later kernel the words of the command alone can tell.
@Suite(.ownThread, .enabled(if: Namespace.isAvailable, "needs network namespaces with nftables"))
struct ElementCommandTests {
    private static func enforcement() throws -> Enforcement {
        var enforcement = Enforcement(settings: SamplePolicies.settings)
        enforcement.adopt(try SamplePolicies.everything(), devices: SamplePolicies.devices())
        return enforcement
    }

    /// What a command does to elements of a set, verb by verb.
    private static func verbs(_ command: ByteString, _ set: String) -> [String] {
        command.text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 4, words[1] == "element", words[4] == set else { return nil }
            return words[0]
        }
    }

    /// The seconds that the one element of a set has left, after the commands one by one.
    private static func secondsLeft(_ commands: [ByteString], _ set: String) throws -> UInt64 {
        let script = commands.enumerated().map { index, command in
            "cat > /run/\(index) <<'END'\n\(command.text)\nEND\nnft -f /run/\(index)"
        }
        let outcome = Namespace.run(script.joined(separator: "\n") + "\nnft list set inet gatehouse \(set)")
        let text = try #require(outcome.output.components(after: " expires "), "\(outcome.output) \(outcome.errors)")
        return KernelState.seconds(ByteString(utf8: text))
    }

    @Test("an address that is learned again")
    func learned() throws {
        var enforcement = try Self.enforcement()
        let load = enforcement.load(nowMilliseconds: 0)
        let learned = try [300, 5000].map { seconds in
            enforcement.learn(
                device: SamplePolicies.camera,
                name: try SamplePolicies.name("cloud.axis.com"),
                addresses: [try #require(IPAddress("198.51.100.7"))],
                seconds: UInt64(seconds),
                nowMilliseconds: 0
            )
        }
        #expect(Self.verbs(learned[0], "names4") == ["add"])
        #expect(Self.verbs(learned[1], "names4") == ["add", "delete", "add"])
        let left = try Self.secondsLeft([load] + learned, "names4")
        #expect(left > 4900 && left <= 5000)
    }

    @Test("a quarantine that becomes longer")
    func quarantine() throws {
        var enforcement = try Self.enforcement()
        let load = enforcement.load(nowMilliseconds: 0)
        let commands = [60, 7200].map {
            enforcement.quarantine(SamplePolicies.camera, seconds: $0, nowMilliseconds: 0)
        }
        for command in commands { #expect(Self.verbs(command, "quarantined") == ["add", "delete", "add"]) }
        let left = try Self.secondsLeft([load] + commands, "quarantined")
        #expect(left > 7100 && left <= 7200)
    }

    @Test(
        "4,000 learned addresses are loaded 256 a command: one command of all would take the kernel's buffer and our memory"
    )
    func chunks() throws {
        var enforcement = try Self.enforcement()
        _ = enforcement.learn(
            device: SamplePolicies.camera,
            name: try SamplePolicies.name("cloud.axis.com"),
            addresses: (0..<4000).map { IPAddress(v4: 0xC633_0000 + UInt32($0)) },
            seconds: 300,
            nowMilliseconds: 0
        )
        let load = enforcement.load(nowMilliseconds: 0)
        let counts = load.text.split(separator: "\n").filter { $0.contains("add element inet gatehouse names4") }
            .map { $0.components(separatedBy: " timeout ") - 1 }
        #expect(counts.reduce(0, +) == 4000)
        #expect(counts.allSatisfy { $0 <= 256 } && counts.count == 16, "\(counts)")
        let outcome = Namespace.run(
            "cat > /run/load; nft -f /run/load; nft list set inet gatehouse names4",
            input: load.text
        )
        #expect(outcome.output.components(separatedBy: " expires ") - 1 == 4000, "\(outcome.errors)")
    }

    @Test("the sign of life, which would else end after the first")
    func signOfLife() throws {
        var enforcement = try Self.enforcement()
        #expect(Self.verbs(enforcement.load(nowMilliseconds: 0), "dns_alive") == ["add", "delete", "add"])
        #expect(Self.verbs(enforcement.live(nowMilliseconds: 0), "dns_alive") == ["add", "delete", "add"])
        let again = enforcement.live(nowMilliseconds: enforcement.settings.deadSeconds * 500)
        #expect(Self.verbs(again, "dns_alive") == ["add", "delete", "add"])
    }
}

extension StringProtocol {
    /// How many parts there are between `mark`.
    fileprivate func components(separatedBy mark: String) -> Int { ranges(of: mark).count + 1 }

    /// What comes after the first `mark`, up to white space or a comma.
    fileprivate func components(after mark: String) -> String? {
        guard let range = ranges(of: mark).first else { return nil }
        return String(self[range.upperBound...].prefix { !$0.isWhitespace && $0 != "," })
    }
}
