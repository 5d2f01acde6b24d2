import NetworkTypes
import Policy
import TestSupport
import Testing

@testable import AgentCore

/// What a kernel lacks is found, named, and said with the directive that needs it.
@Suite(.ownThread) struct KernelFindingsTests {
    /// A kernel that refuses every command with one of `words` in it.
    final class Kernel {
        let refused: [ByteString]
        var asked: [ByteString] = []

        init(refusing words: [ByteString]) { refused = words }

        func run(_ commands: ByteString) -> KernelPresence {
            asked.append(commands)
            for word in refused where commands.firstIndex(of: word) != nil {
                return .absent("commands:4:1-8: Error: Could not process rule: No such file\n\(word)\n^^^^")
            }
            return .present
        }
    }

    @Test("a kernel that has everything is asked once")
    func asksOnce() {
        let kernel = Kernel(refusing: [])
        let findings = KernelFindings { kernel.run($0) }
        #expect(kernel.asked.count == 1)
        #expect(findings.absent.isEmpty)
        #expect(findings == KernelFindings())
    }

    @Test("what is refused alone is absent alone, with the kernel's words")
    func findsWhatIsAbsent() {
        let kernel = Kernel(refusing: ["ct count", "fib daddr"])
        let findings = KernelFindings { kernel.run($0) }
        #expect(findings.absent == [.connectionCount, .localAddresses])
        #expect(findings[.connectionCount].words.hasPrefix("commands:4"))
        #expect(findings[.byteRates] == .present)
    }

    @Test("a kernel that may not be asked is asked once, and nothing is absent for that")
    func isNotAsked() {
        var count = 0
        let findings = KernelFindings { _ in
            count += 1
            return .notAsked("Operation not permitted")
        }
        #expect(count == 1)
        #expect(findings.absent.isEmpty)
        #expect(findings.lacks(.connectionCount) && findings.lacks(.bridgeTracking))
        // Whether it can hold the policy, the kernel decides when it is loaded.
        #expect(findings.problem(of: PolicyBundle(), settings: TrafficScript.settings) == nil)
    }

    /// Each directive, what the rendered ruleset would hold for it, and what is said where that is refused.
    static let directives: [(word: ByteString, directive: ByteString, capability: ByteString, change: ByteString)] = [
        ("ct count", "limits.concurrentConnections", "ct-count (nft_connlimit)", "connections"),
        ("1 mbytes/second", "limits.bytesPerSecond", "byte-rates (nft_limit)", "bytes"),
        ("fib daddr", "dns.blocked: notice", "fib (nft_fib_inet)", "notice"),
        ("dnat ip", "dns.failMode: open", "dnat (nft_nat)", "open"),
    ]

    @Test("a policy that asks for what is absent is refused by its directive; others are not", arguments: directives)
    func refuses(_ row: (word: ByteString, directive: ByteString, capability: ByteString, change: ByteString)) {
        let findings = KernelFindings { Kernel(refusing: [row.word]).run($0) }
        var settings = TrafficScript.settings
        settings.resolvers = [IPAddress(v4: 0xC000_0201)]
        var bundle = PolicyBundle()
        var cameras = Allowlist(name: "cameras")
        bundle.allowlists = [cameras]
        #expect(findings.problem(of: bundle, settings: settings) == nil)
        switch row.change {
        case "connections": cameras.limits.concurrentConnections = 10
        case "bytes": cameras.limits.bytesPerSecond = 1000
        case "notice": cameras.dns.noticesBlocked = true
        default: cameras.dns.failsOpen = true
        }
        bundle.allowlists = [cameras]
        let problem = findings.problem(of: bundle, settings: settings) ?? ""
        #expect(problem.hasPrefix("allowlist cameras: \(row.directive) needs \(row.capability), which the kernel"))
        #expect(problem.firstIndex(of: "\n") == nil, "one line")
        #expect(problem.firstIndex(of: "does not have: Could not process rule: No such file; ") != nil, "\(problem)")
        #expect(KernelFindings().problem(of: bundle, settings: settings) == nil)
        // The baseline's is an allowlist like every other.
        bundle.baseline.unknown = cameras
        bundle.baseline.unknown.name = "unknown"
        bundle.allowlists = []
        #expect(findings.problem(of: bundle, settings: settings)?.hasPrefix("allowlist unknown: ") == true)
    }

    @Test("without a resolver that is asked in the clear, failMode: open tells the kernel nothing, and needs nothing")
    func failModeWithoutResolver() {
        let findings = KernelFindings { Kernel(refusing: ["dnat ip"]).run($0) }
        var bundle = PolicyBundle()
        bundle.baseline.unknown.dns.failsOpen = true
        #expect(findings.problem(of: bundle, settings: TrafficScript.settings) == nil)
    }

    @Test("without connection tracking every policy is refused, an empty one too")
    func refusesAll() {
        let findings = KernelFindings { Kernel(refusing: ["ct state"]).run($0) }
        #expect(findings.absent.contains(.tracking))
        let problem = findings.problem(of: PolicyBundle(), settings: TrafficScript.settings) ?? ""
        #expect(problem.hasPrefix("every policy needs conntrack (nft_ct)"), "\(problem)")
    }

    @Test("every capability has a name of its own, a module, and a consequence in one line")
    func isDescribed() {
        #expect(Set(KernelCapability.allCases.map(\.name)).count == KernelCapability.allCases.count)
        for (index, capability) in KernelCapability.allCases.enumerated() {
            #expect(Int(capability.rawValue) == index)
            #expect(!capability.module.isEmpty && !capability.consequence.isEmpty)
            #expect(capability.consequence.firstIndex(of: "\n") == nil)
        }
    }

    @Test(
        "this kernel answers each question, and nothing of them stays",
        .enabled(if: Namespace.isAvailable, "needs network namespaces with nftables")
    )
    func asksTheKernel() {
        // nft prints what it could not do; what a kernel must have for the other tests of this folder, it has here.
        let asked = KernelCapability.allCases.filter { $0.family != nil }
        for capability in asked {
            let outcome = Namespace.run("nft -f -; nft list tables", input: KernelFindings.question(capability).text)
            #expect(outcome.output.isEmpty, "a table stays: \(outcome.output)")
            if capability.need != .nothing {
                #expect(outcome.status == 0, "\(capability.name.text): \(outcome.errors)")
            } else if outcome.status != 0 {
                // Absent in earnest: the kernel's own words, not a question that nft does not understand.
                #expect(outcome.errors.contains("Could not process rule"), "\(outcome.errors)")
            }
        }
    }
}
