import ArgumentParser
import Fingerprinting
import Foundation
import KnowledgeBuilder
import NetworkTypes

extension KnowledgeCommand {
    /// A compiled file, opened.
    static func open(_ path: String) throws -> KnowledgeBase {
        let bytes = try Files.read(path)
        do throws(KnowledgeError) {
            return try KnowledgeBase(opening: ArrayByteStore(bytes))
        } catch {
            throw ControlError(.badData, "\(path): \(error.text)")
        }
    }

    /// `knowledge lookup`
    struct Lookup: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What rules say of signals, rule by rule and weighed together.",
            discussion: """
                A signal is SIGNAL=VALUE, as `gatehouse-agent identify` shows them: mdns.service=_hue._tcp,
                dhcp.hostname=axis-accc8e010203. hostname= and contacts= stand for a name a device gives itself or
                asks for, mac= for its hardware address.
                """
        )

        @Argument(help: "One or more SIGNAL=VALUE of one device.")
        var signals: [String]

        @Option(help: "A compiled file; without it the rules are compiled.")
        var knowledge: String?

        @OptionGroup var sources: Sources
        @OptionGroup var output: OutputOptions

        /// One statement of one rule.
        struct Statement: Encodable {
            var signal: String
            var value: String
            var rule: String?
            var deviceClass: String?
            var vendor: String?
            var model: String?
            var firmware: String?
            var os: String?
            var weight: Double

            enum CodingKeys: String, CodingKey {
                case signal, value, rule, vendor, model, firmware, os, weight
                case deviceClass = "class"
            }
        }

        /// What they add up to.
        struct Answer: Encodable {
            var statements: [Statement]
            var deviceClass: String
            var classConfidence: Double
            var vendor: String?
            var vendorConfidence: Double
            var model: String?
            var modelConfidence: Double

            enum CodingKeys: String, CodingKey {
                case statements, classConfidence, vendor, vendorConfidence, model, modelConfidence
                case deviceClass = "class"
            }
        }

        func run() throws {
            let base = try openKnowledge()
            var found: [(rule: ByteString?, evidence: Evidence)] = []
            for text in signals { found += base.explain(try signal(text, base)) }
            let identity = Identity(weighing: found.map(\.evidence))
            let statements = found.map { rule, evidence in
                Statement(
                    signal: evidence.signal.kind.name.text,
                    value: evidence.signal.value.text,
                    rule: rule?.text,
                    deviceClass: evidence.deviceClass?.name.text,
                    vendor: evidence.vendor?.text,
                    model: evidence.model?.text,
                    firmware: evidence.firmware?.text,
                    os: evidence.operatingSystem?.text,
                    weight: Double(evidence.weight) / 1000
                )
            }
            let answer = Answer(
                statements: statements,
                deviceClass: identity.deviceClass.name.text,
                classConfidence: Double(identity.classConfidence) / 1000,
                vendor: identity.vendor?.text,
                vendorConfidence: Double(identity.vendorConfidence) / 1000,
                model: identity.model?.text,
                modelConfidence: Double(identity.modelConfidence) / 1000
            )
            switch output.format {
            case .json: try Output.json(answer)
            case .table: show(answer)
            }
            // "No" to the question whether the rules know any of it.
            if statements.isEmpty { throw ControlError(.partly, lines: []) }
        }

        private func show(_ answer: Answer) {
            var table = Table("RULE", "SIGNAL", "CLASS", "VENDOR", "MODEL", "FIRMWARE", "OS", "WEIGHT")
            for item in answer.statements {
                table.add(
                    item.rule ?? "(register of address blocks)",
                    item.signal,
                    item.deviceClass ?? "",
                    item.vendor ?? "",
                    item.model ?? "",
                    item.firmware ?? "",
                    item.os ?? "",
                    String(item.weight)
                )
            }
            table.show(otherwise: "no rule knows it")
            guard !answer.statements.isEmpty else { return }
            Output.line(
                "together: class \(answer.deviceClass) \(answer.classConfidence), "
                    + "vendor \(answer.vendor ?? "unknown") \(answer.vendorConfidence), "
                    + "model \(answer.model ?? "unknown") \(answer.modelConfidence)"
            )
        }

        private func openKnowledge() throws -> KnowledgeBase {
            if let knowledge { return try KnowledgeCommand.open(knowledge) }
            let bytes = try KnowledgeCommand.located {
                try KnowledgeBuilder.build(
                    ruleDirectory: sources.rules,
                    ieeeDataDirectory: sources.ieeeData,
                    usbIDs: sources.usbIDs
                )
            }
            return try KnowledgeBase(opening: ArrayByteStore(bytes))
        }

        private func signal(_ text: String, _ base: KnowledgeBase) throws -> Signal {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw ValidationError("\"\(text)\" is not SIGNAL=VALUE")
            }
            let name = String(text[..<equals])
            let value = ByteString(utf8: String(text[text.index(after: equals)...]))
            if name == "mac" {
                guard let address = MACAddress(value) else {
                    throw ValidationError("\"\(value)\" is not a hardware address")
                }
                return base.blockSignal(of: address) ?? Signal(.macBlock, "")
            }
            guard let kind = SignalSelector(name: ByteString(utf8: name))?.representativeKind else {
                let known = (["hostname", "contacts", "mac"] + SignalKind.allCases.map(\.name.text))
                throw ValidationError("unknown signal \"\(name)\"; known are \(known.joined(separator: ", "))")
            }
            return Signal(kind, value)
        }
    }

    /// `knowledge diff`
    struct Diff: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Rules added, removed and changed between two compiled files."
        )

        @Argument(help: "The older file.")
        var old: String

        @Argument(help: "The newer file.")
        var new: String

        @OptionGroup var output: OutputOptions

        /// The difference for programs.
        struct Answer: Encodable {
            /// A rule of one of the files.
            struct Rule: Encodable {
                var rule: String
                var when: String
                var says: String

                init(_ rule: CompiledRule) {
                    self.rule = rule.name.text
                    when = rule.condition
                    says = rule.statement
                }
            }

            /// A rule of both.
            struct Change: Encodable {
                var old: Rule
                var new: Rule
            }

            var isSameFile: Bool
            var added: [Rule]
            var removed: [Rule]
            var changed: [Change]
            /// Records of the other tables, where their number changed.
            var counts: [String: [Int]]
        }

        func run() throws {
            let difference = KnowledgeDifference(
                from: try KnowledgeCommand.open(old),
                to: try KnowledgeCommand.open(new)
            )
            switch output.format {
            case .json:
                var counts: [String: [Int]] = [:]
                for count in difference.counts { counts["\(count.section)"] = [count.old, count.new] }
                try Output.json(
                    Answer(
                        isSameFile: difference.isSameFile,
                        added: difference.added.map(Answer.Rule.init),
                        removed: difference.removed.map(Answer.Rule.init),
                        changed: difference.changed.map { .init(old: .init($0.old), new: .init($0.new)) },
                        counts: counts
                    )
                )
            case .table: show(difference)
            }
        }

        private func show(_ difference: KnowledgeDifference) {
            if difference.isSameFile {
                Output.line("the same file")
                return
            }
            for rule in difference.removed { Output.line("- \(rule.name): \(rule.condition) → \(rule.statement)") }
            for rule in difference.added { Output.line("+ \(rule.name): \(rule.condition) → \(rule.statement)") }
            for (old, new) in difference.changed {
                Output.line("! \(new.name)")
                if old.condition != new.condition { Output.line("    - \(old.condition)\n    + \(new.condition)") }
                if old.statement != new.statement { Output.line("    - \(old.statement)\n    + \(new.statement)") }
            }
            for count in difference.counts { Output.line("\(count.section): \(count.old) records, now \(count.new)") }
            Output.line(
                "\(difference.added.count) added, \(difference.removed.count) removed, "
                    + "\(difference.changed.count) changed"
            )
        }
    }
}
