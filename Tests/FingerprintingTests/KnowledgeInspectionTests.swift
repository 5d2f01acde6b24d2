import Fingerprinting
import KnowledgeBuilder
import NetworkTypes
import TestSupport
import Testing

@Suite("Looking into a knowledge file", .longComputation)
struct KnowledgeInspectionTests {
    @Test("The rules come out as they went in")
    func rules() throws {
        let rules = try KnowledgeFileTests.open(KnowledgeFileTests.build()).compiledRules()
        #expect(rules.map(\.name) == ["captures", "contacts", "exact-service", "names", "spelled"])
        let service = try #require(rules.first { $0.name == "exact-service" })
        #expect(service.statement == "class ip-camera, vendor Axis, weight 0.900")
        #expect(service.condition == "mdns.service exact _one._tcp; mdns.service exact _two._tcp")
        let contacts = try #require(rules.first { $0.name == "contacts" })
        #expect(contacts.condition == "contacts domain axis.com")
    }

    @Test("Who says it: the same as a look-up finds, with the rules' names")
    func explained() throws {
        let knowledge = try KnowledgeFileTests.open(KnowledgeFileTests.build())
        let signals = [
            Signal(.mdnsService, "_TWO._tcp"), Signal(.mdnsInstance, "Axis P1 - 9"), Signal(.dhcpHostname, "axis-1.x"),
            Signal(.tlsServerName, "www.axis.com"), Signal(.usbManufacturer, "AXIS"), Signal(.httpTitle, "axis"),
        ]
        let names = ["exact-service", "captures", "names", "contacts", "spelled", nil]
        for (signal, name) in zip(signals, names) {
            let found = knowledge.explain(signal)
            #expect(found.map(\.evidence) == knowledge.lookup(signal))
            #expect(found.first?.rule?.text == name, "\(signal)")
        }
    }

    @Test("Every example of the rules: explained as it is looked up", .enabled(if: Rules.hasRegisters))
    func everyRule() throws {
        let knowledge = try Rules.knowledge()
        var tried = 0
        for rule in knowledge.compiledRules() {
            for matcher in rule.matchers where matcher.form != .glob {
                let kind = try #require(matcher.selector.representativeKind)
                let signal = Signal(kind, matcher.pattern)
                let found = knowledge.explain(signal)
                #expect(Set(found.map(\.evidence)) == Set(knowledge.lookup(signal)), "\(rule.name)")
                // A host name ends at its first dot, so a pattern with one in it cannot match there.
                if matcher.selector != .hostname, rule.model == nil {
                    #expect(found.contains { $0.rule == rule.name }, "\(rule.name): \(matcher.pattern)")
                }
                tried += 1
            }
        }
        #expect(tried > 500)
        let block = Signal(.macBlock, "accc8e")
        #expect(knowledge.explain(block).map(\.evidence) == knowledge.lookup(block))
        #expect(knowledge.explain(block).allSatisfy { $0.rule == nil })
    }

    @Test("What was added, taken out and changed")
    func difference() throws {
        let old = try KnowledgeFileTests.open(KnowledgeFileTests.build())
        let text = KnowledgeFileTests.text.replacing("weight: 0.85", with: "weight: 0.75")
            .replacing("- rule: names", with: "- rule: other-names")
        let new = try KnowledgeFileTests.open(KnowledgeFileTests.build(text))
        let difference = KnowledgeDifference(from: old, to: new)
        #expect(difference.added.map(\.name) == ["other-names"])
        #expect(difference.removed.map(\.name) == ["names"])
        #expect(difference.changed.map(\.new.name) == ["captures"])
        #expect(difference.changed.first?.old.weight == 850 && difference.changed.first?.new.weight == 750)
        #expect(!difference.isSameFile && difference.counts.isEmpty)
        let none = KnowledgeDifference(from: old, to: old)
        #expect(none.isSameFile && none.added.isEmpty && none.removed.isEmpty && none.changed.isEmpty)
    }
}
