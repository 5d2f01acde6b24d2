import ArgumentParser
import ConfigurationFiles
import Foundation
import MUD
import NetworkTypes
import Policy

/// `policy import-mud`
struct PolicyImportMUDCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import-mud",
        abstract:
            "Make an allowlist of a maker's MUD file (RFC 8520); what it cannot say is told, and written as comments."
    )

    @Argument(help: "The MUD file; - for standard input.")
    var file: String

    @Option(help: "The allowlist's name; by default the file's.")
    var name: String?

    @Option(name: .customLong("local-network"), help: "A prefix that the file's local networks mean; may be repeated.")
    var localNetworks: [String] = []

    @Option(
        name: .customLong("my-controller"),
        help: "A name, an address or a prefix of the device's controller; may be repeated."
    )
    var ownControllers: [String] = []

    @Option(
        name: .customLong("controller"),
        help: "URI=DESTINATION: where the controllers of a class are; may be repeated."
    )
    var controllers: [String] = []

    @Option(name: [.customShort("o"), .customLong("output")], help: "The file to write; standard output by default.")
    var output: String?

    func run() throws {
        let bytes = try Files.read(file, limit: MUDFile.maximumBytes)
        let mud: MUDFile
        do throws(MUDError) {
            mud = try MUDFile(parsing: bytes)
        } catch {
            throw ControlError(.badData, "\(file): \(error)")
        }
        let allowlistName = name ?? Self.name(of: file)
        guard !allowlistName.isEmpty else { throw ValidationError("--name is needed: the file's name gives none") }
        let imported = MUDImport(mud, name: ByteString(utf8: allowlistName), surroundings: try surroundings())
        var text = "# From \(mud.url), of \(mud.lastUpdate).\n"
        if let information = mud.systemInformation { text += "# \(Self.oneLine(information))\n" }
        for remark in imported.remarks {
            Output.error("\(file): \(Self.oneLine(remark.description))")
            text += "# Not as in the file: \(Self.oneLine(remark.description))\n"
        }
        let yaml = Array(text.utf8) + PolicyRenderer.render(imported.allowlist).bytes
        // What is written must be what every other command reads.
        var documents = PolicyDocuments()
        do throws(ConfigurationError) {
            try documents.add(yaml, file: ByteString(utf8: output ?? "the allowlist"))
        } catch {
            throw ControlError(.badData, "\(file): gives no allowlist: \(error)")
        }
        if let output {
            try Files.write(yaml, to: output, mode: 0o644)
            Output.line("\(output): \(imported.allowlist.allow.count) rules, \(imported.remarks.count) remarks")
        } else {
            Output.line(String(decoding: yaml.dropLast(), as: UTF8.self))
        }
    }

    private func surroundings() throws -> MUDImport.Surroundings {
        var surroundings = MUDImport.Surroundings()
        for text in localNetworks {
            guard let prefix = IPPrefix(ByteString(utf8: text)) else {
                throw ValidationError("--local-network: \(text) is no prefix without host bits")
            }
            surroundings.localNetworks.append(prefix)
        }
        surroundings.ownController = try ownControllers.map { try Self.destination($0, "--my-controller") }
        for text in controllers {
            guard let separator = text.lastIndex(of: "=") else {
                throw ValidationError("--controller: \(text) has no =; write URI=DESTINATION")
            }
            let destination = try Self.destination(String(text[text.index(after: separator)...]), "--controller")
            surroundings.controllers[String(text[..<separator]), default: []].append(destination)
        }
        return surroundings
    }

    private static func destination(_ text: String, _ option: String) throws -> AllowRule.Destination {
        if let prefix = IPPrefix(ByteString(utf8: text)) { return .prefix(prefix) }
        if text == "gateway" { return .gateway }
        guard let pattern = NamePattern(ByteString(utf8: text)) else {
            throw ValidationError("\(option): \(text) is neither a name nor an address nor a prefix nor gateway")
        }
        return .name(pattern)
    }

    /// A file's name without its ending, in the characters of a policy's name.
    private static func name(of path: String) -> String {
        let stem = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent.lowercased()
        return String(
            stem.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "-" }.prefix(64)
        )
    }

    /// The maker's words cannot end a comment.
    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
            .replacingOccurrences(of: "\u{85}", with: " ").replacingOccurrences(of: "\u{2028}", with: " ")
            .replacingOccurrences(of: "\u{2029}", with: " ")
    }
}

/// `policy export-mud`
struct PolicyExportMUDCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export-mud",
        abstract: "Write an allowlist as a MUD file (RFC 8520); what that cannot say is told."
    )

    @OptionGroup var source: PolicySource

    @Option(help: "Which allowlist, where the files hold several.")
    var allowlist: String?

    @Option(help: "The HTTPS URL that the file will have.")
    var url: String

    @Option(help: "What the device is, in at most 60 characters.")
    var systeminfo: String?

    func run() throws {
        guard url.hasPrefix("https://") else { throw ValidationError("--url: RFC 8520 wants an https URL") }
        guard systeminfo?.count ?? 0 <= 60 else { throw ValidationError("--systeminfo: more than 60 characters") }
        let bundle = try source.read(generation: 1, issuedAtSeconds: 0)
        let chosen = bundle.allowlists.filter { allowlist == nil || $0.name.text == allowlist }
        guard chosen.count == 1 else {
            let names = bundle.allowlists.map(\.name.text).joined(separator: ", ")
            throw ControlError(.badData, "say which one with --allowlist; the files hold: \(names)")
        }
        let now = Date().formatted(.iso8601)
        let export = MUDExport(chosen[0], description: .init(url: url, lastUpdate: now, systemInformation: systeminfo))
        for remark in export.remarks { Output.error("\(chosen[0].name): \(remark)") }
        Output.line(String(decoding: export.json.dropLast(), as: UTF8.self))
    }
}
