import Fingerprinting
import Foundation
import KnowledgeBuilder
import NetworkTypes
import TestSupport
import Testing

@Suite("The compiled knowledge file", .longComputation)
struct KnowledgeFileTests {
    static let text = """
        - rule: exact-service
          when: { mdns.service: ["_one._tcp", "_two._tcp"] }
          says: { class: ip-camera, vendor: Axis }
          weight: 0.9
          source: https://example.com/
          examples: ["_one._tcp", "_TWO._tcp"]
          counterexamples: ["_three._tcp"]
        - rule: captures
          when: { mdns.instance: { glob: "AXIS * - *" } }
          says: { vendor: Axis, model: $1, firmware: "v$2" }
          weight: 0.85
          source: https://example.com/
          examples: [{ value: "AXIS M3045-V - 7", model: M3045-V, firmware: v7 }]
          counterexamples: ["AXIS", "AXIS -"]
        - rule: spelled
          when: { usb.manufacturer: { glob: "*" } }
          says: { vendor: $1 }
          weight: 0.8
          source: https://example.com/
          examples: [{ value: "axis communications", vendor: Axis }]
          counterexamples: ["Nobody"]
        - rule: names
          when: { hostname: { prefix: axis- } }
          says: { vendor: Axis }
          weight: 0.7
          source: https://example.com/
          examples: ["axis-1"]
          counterexamples: ["praxis-1"]
        - rule: contacts
          when: { contacts: { domain: axis.com } }
          says: { vendor: Axis }
          weight: 0.4
          source: https://example.com/
          examples: ["axis.com", "www.axis.com"]
          counterexamples: ["praxis.com", "axis.com.example.org"]
        """
    static let vendors = """
        vendors:
          - { name: Axis, aliases: [Axis Communications] }
        """

    static func build(_ text: String = text) throws -> [UInt8] {
        try KnowledgeBuilder.build(texts: [("rules.yaml", text), ("vendors.yaml", vendors)])
    }

    static func open(_ bytes: [UInt8]) throws(KnowledgeError) -> KnowledgeBase {
        try KnowledgeBase(opening: ArrayByteStore(bytes))
    }

    @Test("A rule compiled is a rule found")
    func lookup() throws {
        let knowledge = try Self.open(Self.build())
        let service = try #require(knowledge.lookup(Signal(.mdnsService, "_TWO._tcp")).first)
        #expect(service.deviceClass == .ipCamera && service.vendor == "Axis" && service.weight == 900)
        let instance = try #require(knowledge.lookup(Signal(.mdnsInstance, "Axis P1 - x - 9")).first)
        #expect(instance.model == "P1" && instance.firmware == "vx - 9")
        #expect(knowledge.lookup(Signal(.usbManufacturer, " AXIS Communications ")).first?.vendor == "Axis")
        #expect(knowledge.lookup(Signal(.usbManufacturer, "Somebody Else")).isEmpty)
        for kind in [SignalKind.dhcpHostname, .dhcpFQDN, .mdnsHostname] {
            #expect(knowledge.lookup(Signal(kind, "axis-1.local")).count == 1)
        }
        for kind in [SignalKind.dnsQuery, .tlsServerName, .httpHost] {
            #expect(knowledge.lookup(Signal(kind, "www.axis.com")).count == 1)
        }
        #expect(knowledge.lookup(Signal(.httpTitle, "axis-1")).isEmpty)
        #expect(knowledge.lookup(Signal(.mdnsService, "")).isEmpty)
    }

    @Test("What a device may put into a capture is no name if it is empty, long or not printable")
    func hostileCaptures() throws {
        let knowledge = try Self.open(Self.build())
        for middle in ["", "   ", "---", "a\u{1B}[2Jb", String(repeating: "x", count: 65)] {
            let evidence = knowledge.lookup(Signal(.mdnsInstance, ByteString(utf8: "AXIS \(middle) - 1")))
            #expect(evidence.first?.model == nil, "\(middle)")
        }
    }

    @Test("Every byte altered: refused")
    func damage() throws {
        let bytes = try Self.build()
        for index in bytes.indices {
            var copy = bytes
            copy[index] ^= 0x41
            #expect(throws: KnowledgeError.self) { try Self.open(copy) }
        }
        for count in bytes.indices {
            #expect(throws: KnowledgeError.self) { try Self.open(Array(bytes[..<count])) }
        }
        #expect(throws: KnowledgeError.self) { try Self.open(bytes + [0]) }
    }

    @Test("Every byte altered under a right checksum: refused or harmless")
    func forged() throws {
        let bytes = try Self.build()
        let signals = [
            Signal(.mdnsService, "_one._tcp"), Signal(.mdnsInstance, "AXIS M1 - 1"), Signal(.usbManufacturer, "Axis"),
            Signal(.dhcpHostname, "axis-1"), Signal(.dnsQuery, "www.axis.com"), Signal(.macBlock, "accc8e"),
        ]
        var opened = 0
        for index in KnowledgeFormat.contentsOffset..<bytes.count {
            for value in [bytes[index] ^ 0xFF, 0, 0xFF, bytes[index] &+ 1] {
                var copy = bytes
                copy[index] = value
                let digest = SHA256.hash(Array(copy[KnowledgeFormat.contentsOffset...]))
                copy.replaceSubrange(KnowledgeFormat.digestOffset..<KnowledgeFormat.contentsOffset, with: digest)
                guard let knowledge = try? Self.open(copy) else { continue }
                opened += 1
                for signal in signals {
                    for evidence in knowledge.lookup(signal) { #expect(evidence.weight <= 1000) }
                }
                _ = knowledge.blockSignal(of: MACAddress(rawValue: 0xACCC_8E01_0203))
            }
        }
        #expect(opened > 1000)
    }

    @Test(
        "Mistakes in rule files are told with file and line",
        arguments: [
            ("class: ip-camera", "class: camera", "rules.yaml:3: unknown class \"camera\""),
            ("weight: 0.9", "weight: 1.5", "rules.yaml:1: weight \"1.5\" is not a decimal"),
            ("\"_TWO._tcp\"]", "\"_four._tcp\"]", "rules.yaml:6: rule \"exact-service\" does not match its example"),
            ("\"_three._tcp\"]", "\"_one._tcp\"]", "rules.yaml:7: rule \"exact-service\" matches its counterexample"),
            ("vendor: Axis }", "vendor: Axes }", "rules.yaml:1: rule \"exact-service\": vendor \"Axes\" is not in"),
            ("mdns.service:", "mdns.servise:", "rules.yaml:2: unknown signal \"mdns.servise\""),
            ("model: $1", "model: $3", "rules.yaml:8: rule \"captures\": a pattern has fewer * than"),
            ("model: M3045-V", "model: M3045", "rules.yaml:13: rule \"captures\": model of"),
            ("glob: \"AXIS", "glob: \"[AXIS", "rules.yaml:9: a set in the glob is not closed"),
            ("prefix: axis-", "regex: axis-", "rules.yaml:23: unknown comparison \"regex\""),
            ("rule: captures", "rule: exact-service", "rules.yaml:8: rule \"exact-service\" stands already in"),
            ("source: https://example.com/", "sauce: https://example.com/", "rules.yaml:5: unknown key \"sauce\""),
        ]
    )
    func mistakes(old: String, new: String, message: String) throws {
        let range = try #require(Self.text.firstRange(of: old))
        let text = Self.text.replacingCharacters(in: range, with: new)
        do {
            _ = try Self.build(text)
            Issue.record("accepted: \(new)")
        } catch let problems as KnowledgeProblems {
            #expect(problems.description.contains(message), "\(problems)")
        }
    }

    @Test(
        "Globs",
        arguments: [
            ("*", "", true), ("*", "abc", true), ("a*", "abc", true), ("*c", "abc", true), ("a*c", "abc", true),
            ("a*b*c", "axxbyyc", true), ("a*b*c", "acb", false), ("abc", "abc", true), ("abc", "abcd", false),
            ("a?c", "abc", true), ("a?c", "ac", false), ("[a-c][0-9]", "b7", true), ("[a-c][0-9]", "d7", false),
            ("\\*x", "*x", true), ("\\*x", "ax", false), ("*ab*ab", "abxab", true), ("*ab*ab", "ab", false),
            ("", "", true),
            ("", "a", false), ("a**b", "ab", true), ("[-a]", "-", true),
        ]
    )
    func globs(pattern: String, value: String, matches: Bool) {
        #expect(GlobPattern.matches(Array(pattern.utf8), Array(value.utf8)) == matches)
    }

    @Test("Globs that nobody would write neither trap nor take long")
    func strangeGlobs() {
        let seed: UInt64 = 0x61F0_0001
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("*?[]\\-ab".utf8)
        for _ in 0..<20_000 {
            let pattern = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            let value = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            // Whatever a pattern is, a `*` on both sides of it matches no less.
            let isMatch = GlobPattern.matches(pattern, value)
            let isWhole = GlobPattern.captureCount(of: pattern) != nil
            #expect(
                !(isWhole && isMatch) || GlobPattern.matches([0x2A] + pattern + [0x2A], value),
                "\(pattern) \(value)"
            )
            let escaped: [UInt8] = value.flatMap { byte -> [UInt8] in [0x5C, byte] }
            #expect(GlobPattern.matches(escaped, value) && GlobPattern.captureCount(of: escaped) == 0, "\(value)")
        }
    }
}
