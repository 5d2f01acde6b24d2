import NetworkTypes
import Policy
import TestSupport
import Testing

@testable import AgentCore

/// Policies nobody thought of: the kernel takes each, and lists it as it was rendered.
@Suite(.ownThread, .enabled(if: Namespace.isAvailable, "needs network namespaces with nftables"))
struct RandomPolicyTests {
    @Test("the kernel lists what was rendered, for policies and devices drawn at random")
    func rendersAsListed() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        var desired: [CanonicalRuleset] = []
        var input = ""
        for _ in 0..<40 {
            var settings = SamplePolicies.settings
            settings.holdsNeighbours = random.next(below: 2) == 0
            var enforcement = Enforcement(
                settings: settings,
                lastEpoch: UInt32(random.next(below: 0x3FFE))
            )
            let (bundle, devices) = bundle(&random)
            enforcement.adopt(bundle, devices: devices)
            input += enforcement.load(nowMilliseconds: 0).text
            // And what small commands make of it.
            for device in devices.shuffled(using: &random).prefix(4) {
                var changed = device
                changed.addresses = addresses(&random)
                changed.policy = bundle.allowlists.randomElement(using: &random)?.name
                input += enforcement.hold(changed).text
                input += enforcement.quarantine(device.macAddress, seconds: 30, nowMilliseconds: 0).text
            }
            if let device = devices.randomElement(using: &random) {
                input += enforcement.letGo(device.macAddress).text
            }
            desired.append(CanonicalRuleset(enforcement.desired))
            input += "#=====\n"
        }
        let program = #"""
            import re, subprocess, sys
            for part in sys.stdin.read().split("#=====\n")[:-1]:
                subprocess.run(["nft", "flush", "ruleset"])
                made = subprocess.run(["nft", "-f", "-"], input=part, text=True, capture_output=True)
                print(made.stderr[:300], end="")
                def nft(*words):
                    return subprocess.run(["nft", "-s", *words], text=True, capture_output=True).stdout
                print(nft("list", "ruleset"), end="#=====\n")
                # As the agent does: what devices have learned, and may be much, is left out.
                for family in ["inet", "bridge"]:
                    lean = nft("-t", "list", "table", family, "gatehouse")
                    for kind, name, timed in re.findall(r"^\t(set|map) (\S+) \{\n((?:.*\n)*?)\t\}", lean, re.M):
                        if "timeout" not in timed and "dynamic" not in timed:
                            lean += nft("list", kind, family, "gatehouse", name)
                    print(lean, end="")
                print("#=====")
            """#
        let outcome = Namespace.run("python3 -c '\(program)'", input: input, timeoutSeconds: 180)
        let listings = parts(of: outcome.output)
        #expect(listings.count == 2 * desired.count, "\(outcome.errors)")
        var judged = 0
        for (asked, index) in zip(desired, stride(from: 0, to: listings.count, by: 2)) {
            let listing = listings[index]
            // From the root of a user namespace the kernel takes no more than net.core.wmem_max in one transaction.
            if !ChangeOfUser.isPermitted && listing.contains("Message too long") { continue }
            judged += 1
            let found = CanonicalRuleset(ByteString(utf8: listing))
            #expect(CanonicalRuleset.difference(asked: asked, found: found) == "", "seed \(seed)")
            #expect(asked.hash == found.hash, "seed \(seed): \(listing.prefix(300))")
            let lean = CanonicalRuleset(ByteString(utf8: listings[index + 1]))
            #expect(CanonicalRuleset.difference(asked: asked, found: lean) == "", "without elements; seed \(seed)")
            #expect(asked.hash == lean.hash, "without elements; seed \(seed)")
        }
        #expect(judged >= 30, "seed \(seed)")
    }

    private func parts(of output: String) -> [String] {
        var parts: [String] = []
        var part = ""
        for line in output.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "#=====" {
                parts.append(part)
                part = ""
            } else {
                part += line + "\n"
            }
        }
        return parts
    }

    private func bundle(_ random: inout SeededGenerator) -> (PolicyBundle, [EnforcedDevice]) {
        var bundle = PolicyBundle()
        bundle.generation = random.next()
        bundle.baseline.unknown = allowlist("unknown", &random)
        for index in 0..<random.next(below: 4) {
            bundle.allowlists.append(allowlist(ByteString(utf8: "list-\(index).a_b"), &random))
        }
        bundle.baseline.blockedPrefixes = (0..<random.next(below: 6)).map { _ in prefix(&random, shortest: 1) }
        let devices = (0..<random.next(below: 12)).map { index in
            EnforcedDevice(
                macAddress: MACAddress(rawValue: random.next() & 0xFEFF_FFFF_FF00 | UInt64(index)),
                addresses: addresses(&random),
                policy: bundle.allowlists.randomElement(using: &random)?.name
            )
        }
        return (bundle, devices)
    }

    private func allowlist(_ name: ByteString, _ random: inout SeededGenerator) -> Allowlist {
        var list = Allowlist(name: name)
        list.mode = random.next(below: 3) == 0 ? .monitor : .enforce
        for index in 0..<random.next(below: 8) {
            let destination: AllowRule.Destination
            switch random.next(below: 4) {
            case 0: destination = .gateway
            case 1:
                guard let name = DomainName(ByteString(utf8: "host\(index).example.com")) else { continue }
                destination = .name(NamePattern(name: name, isWildcard: random.next(below: 2) == 0))
            default: destination = .prefix(prefix(&random, shortest: 0))
            }
            list.allow.append(AllowRule(to: destination, ports: ports(&random)))
        }
        if random.next(below: 2) == 0 { list.limits.newConnectionsPerSecond = 1 + UInt32(random.next(below: 10)) }
        if random.next(below: 2) == 0 { list.limits.packetsPerSecond = 1 + UInt32(random.next(below: 100_000)) }
        if random.next(below: 2) == 0 { list.limits.concurrentConnections = 1 + UInt32(random.next(below: 1000)) }
        return list
    }

    private func ports(_ random: inout SeededGenerator) -> [PortRange] {
        (0..<random.next(below: 5)).map { _ in
            switch random.next(below: 5) {
            case 0: return PortRange(transport: .icmp, first: 0, last: 65535)
            case 1: return PortRange(transport: .udp, first: 0, last: 65535)
            default:
                let first = UInt16(random.next(below: random.next(below: 3) == 0 ? 40 : 65_536))
                let last = UInt16(clamping: Int(first) + [0, 0, 1, 15, 16, 2000][random.next(below: 6)])
                return PortRange(transport: random.next(below: 2) == 0 ? .tcp : .udp, first: first, last: last)
            }
        }
    }

    private func prefix(_ random: inout SeededGenerator, shortest: Int) -> IPPrefix {
        let address = address(&random)
        let length = shortest + random.next(below: address.bitWidth - shortest + 1)
        return IPPrefix(address, length: length) ?? IPPrefix(host: address)
    }

    private func addresses(_ random: inout SeededGenerator) -> [IPAddress] {
        (0..<random.next(below: 5)).map { _ in address(&random) }
    }

    private func address(_ random: inout SeededGenerator) -> IPAddress {
        random.next(below: 2) == 0
            ? IPAddress(v4: UInt32(truncatingIfNeeded: random.next()))
            : IPAddress(v6High: random.next(), low: random.next())
    }
}

extension RandomNumberGenerator {
    /// A number from 0 to `bound` - 1.
    fileprivate mutating func next(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}
