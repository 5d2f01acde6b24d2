import ArgumentParser
import ConfigurationFiles
import KnowledgeBuilder

/// `knowledge`: the file by which agents name devices.
struct KnowledgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "knowledge",
        abstract: "The file by which agents name devices, and Recog's fingerprints.",
        subcommands: [
            Build.self, Check.self, Lookup.self, Diff.self, ImportRecog.self, Sign.self, Push.self, List.self,
        ]
    )

    /// Where rules and registers are.
    struct Sources: ParsableArguments {
        @Option(help: "The folder with the rule files.")
        var rules = "agent-config/knowledge"

        @Option(help: "The folder with the IEEE's registers (Debian: ieee-data).")
        var ieeeData = KnowledgeBuilder.defaultIEEEDataDirectory

        @Option(name: .customLong("usb-ids"), help: "The register of USB vendors and products (Debian: usb.ids).")
        var usbIDs = KnowledgeBuilder.defaultUSBIDs
    }

    static func located<Value>(_ work: () throws -> Value) throws -> Value {
        do {
            return try work()
        } catch let error as KnowledgeProblems {
            throw ControlError(.badData, lines: error.problems.map(\.description))
        }
    }

    /// `knowledge build`
    struct Build: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Compile rules and registers into one file.")

        @OptionGroup var sources: Sources

        @Option(name: [.customShort("o"), .customLong("output")], help: "The file to write.")
        var output: String

        func run() throws {
            let bytes = try KnowledgeCommand.located {
                try KnowledgeBuilder.build(
                    ruleDirectory: sources.rules,
                    ieeeDataDirectory: sources.ieeeData,
                    usbIDs: sources.usbIDs
                )
            }
            try Files.write(bytes, to: output, mode: 0o644)
            Output.line("\(output): \(bytes.count) bytes")
        }
    }

    /// `knowledge check`
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Try every example of every rule.")

        @OptionGroup var sources: Sources

        func run() throws {
            let summary = try KnowledgeCommand.located {
                try KnowledgeBuilder.check(
                    ruleDirectory: sources.rules,
                    ieeeDataDirectory: sources.ieeeData,
                    usbIDs: sources.usbIDs
                )
            }
            Output.line(
                "\(summary.rules) rules, \(summary.examples) examples, \(summary.vendors) vendors, "
                    + "\(summary.blocks) address blocks, \(summary.usbProducts) USB products: \(summary.fileBytes) bytes"
            )
        }
    }
}
