internal import NetworkTypes
internal import WireProtocol

/// Reads one file of fingerprints. It goes on after a mistake that spoils one fingerprint only, so that one run shows
/// them all.
///
/// The elements are those of Rapid7's `fingerprints.xsd`: `fingerprints` holds `fingerprint`s, each a `description`,
/// `example`s and `param`s.
final class RecogFileReader: XMLReading {
    private(set) var problems: [RecogProblem] = []
    private let path: String
    /// Whether patterns are not to be made to native code.
    private let isInterpreted: Bool
    /// Reads the file that an example names.
    private let exampleFile: (String) -> [UInt8]?

    private var depth = 0
    private var isDone = false
    private var root: [String: String]?
    private var fingerprints: [RecogFingerprint] = []
    private var fingerprint: Draft?
    /// The attributes of the `example` that is open, its line and its text; the same of `description`.
    private var leaf: Leaf?

    private struct Draft {
        var line: Int
        var attributes: [String: String]
        var summary: String?
        var parameters: [RecogParameter] = []
        var examples: [RecogExample] = []
    }

    private struct Leaf {
        var name: String
        var line: Int
        var attributes: [String: String]
        var text = ""
    }

    init(path: String, isInterpreted: Bool, exampleFile: @escaping (String) -> [UInt8]?) {
        self.path = path
        self.isInterpreted = isInterpreted
        self.exampleFile = exampleFile
    }

    /// The database of a file's bytes.
    func database(of bytes: [UInt8], file: String) throws(RecogProblems) -> RecogDatabase {
        guard bytes.count <= RecogLimits.maximumFileBytes else {
            throw RecogProblems([
                RecogProblem(file: path, line: 0, message: "more than \(RecogLimits.maximumFileBytes) bytes")
            ])
        }
        XMLText.read(bytes, to: self)
        if problems.isEmpty, fingerprints.isEmpty { report(0, "no fingerprints in it") }
        var preference: Double?
        if let text = root?["preference"] {
            preference = Self.share(text)
            if preference == nil { report(0, "preference \"\(text)\" is not a number from 0 to 1") }
        }
        guard problems.isEmpty else { throw RecogProblems(problems) }
        return RecogDatabase(
            file: file,
            key: root?["matches"] ?? String(file.hasSuffix(".xml") ? file.dropLast(4) : file[...]),
            networkProtocol: root?["protocol"]?.lowercased() ?? "",
            preference: preference,
            fingerprints: fingerprints
        )
    }

    private func report(_ line: Int, _ message: String) {
        problems.append(RecogProblem(file: path, line: line, message: message))
    }

    /// What the rest of the file would be taken wrongly after.
    private func giveUp(_ line: Int, _ message: String) {
        report(line, message)
        isDone = true
    }

    private static func share(_ text: String) -> Double? {
        guard let value = Double(text), (0...1).contains(value) else { return nil }
        return value
    }

    // MARK: XMLReading

    var wantsMore: Bool { !isDone && problems.count < RecogLimits.maximumProblems }

    func fault(_ reason: String, line: Int) { giveUp(line, reason) }

    func start(_ name: String, _ attributes: [(name: String, value: String)], line: Int) {
        depth += 1
        let values = Dictionary(attributes.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        switch (depth, name) {
        case (1, "fingerprints"): root = values
        case (2, "fingerprint"):
            guard fingerprints.count < RecogLimits.maximumFingerprints else {
                return giveUp(line, "more than \(RecogLimits.maximumFingerprints) fingerprints")
            }
            fingerprint = Draft(line: line, attributes: values)
        case (3, "description"), (3, "example"): leaf = Leaf(name: name, line: line, attributes: values)
        case (3, "param"): parameter(values, line)
        case (1, _): giveUp(line, "<\(name)> where <fingerprints> is expected: not a file of Recog's")
        default: giveUp(line, "<\(name)> is not expected here")
        }
    }

    func text(_ text: String, line: Int) {
        leaf?.text += text
    }

    func end(_ name: String, line: Int) {
        depth -= 1
        if depth == 2, let leaf {
            if leaf.name == "example" { example(leaf) } else { fingerprint?.summary = Self.folded(leaf.text) }
            self.leaf = nil
        }
        if depth == 1, let draft = fingerprint {
            fingerprint = nil
            finish(draft)
        }
    }

    private static func folded(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    // MARK: Entries

    private func parameter(_ values: [String: String], _ line: Int) {
        guard let name = values["name"], !name.isEmpty else { return report(line, "a parameter without a name") }
        guard let group = values["pos"].flatMap({ Int($0) }), group >= 0 else {
            return report(line, "parameter \(name): pos \"\(values["pos"] ?? "")\" is not the number of a group")
        }
        let value = values["value"] ?? ""
        if group > 0, !value.isEmpty {
            return report(line, "parameter \(name): both a group (pos \(group)) and a value (\"\(value)\")")
        }
        if group == 0, value.isEmpty { return report(line, "parameter \(name): neither a group nor a value") }
        guard (fingerprint?.parameters.count ?? 0) < RecogLimits.maximumParameters else {
            return giveUp(line, "more than \(RecogLimits.maximumParameters) parameters")
        }
        fingerprint?.parameters.append(RecogParameter(name: name, group: group, value: value))
    }

    private func example(_ leaf: Leaf) {
        guard (fingerprint?.examples.count ?? 0) < RecogLimits.maximumExamples else {
            return giveUp(leaf.line, "more than \(RecogLimits.maximumExamples) examples")
        }
        var banner = Array(leaf.text.utf8)
        if let name = leaf.attributes["_filename"] {
            guard let bytes = exampleFile(name) else {
                return report(leaf.line, "the file \"\(name)\" of an example cannot be read")
            }
            banner = bytes
        }
        switch leaf.attributes["_encoding"] {
        case nil: break
        case "base64":
            guard let bytes = Base64.decode(ByteString(banner), ignoringLineEnds: true) else {
                return report(leaf.line, "an example is not base64")
            }
            banner = bytes
        case .some(let other): return report(leaf.line, "an example's _encoding \"\(other)\" is unknown")
        }
        guard banner.count <= RecogLimits.maximumBannerBytes else {
            return report(leaf.line, "an example has more than \(RecogLimits.maximumBannerBytes) bytes")
        }
        let expected = leaf.attributes.filter { !$0.key.hasPrefix("_") }
        fingerprint?.examples.append(RecogExample(line: leaf.line, banner: banner, expected: expected))
    }

    private func finish(_ draft: Draft) {
        guard let pattern = draft.attributes["pattern"], !pattern.isEmpty else {
            return report(draft.line, "a fingerprint without a pattern")
        }
        guard let summary = draft.summary else { return report(draft.line, "a fingerprint without a description") }
        var ignoresCase = false
        var dotMatchesLineFeed = false
        for flag in (draft.attributes["flags"] ?? "").split(separator: ",") {
            switch flag.trimmed {
            case "REG_ICASE", "IGNORECASE": ignoresCase = true
            // All three are Ruby's MULTILINE, which is about the dot; its ^ and $ are about lines in any case.
            case "REG_DOT_NEWLINE", "REG_LINE_ANY_CRLF", "REG_MULTILINE": dotMatchesLineFeed = true
            default: return report(draft.line, "unknown flag \"\(flag)\"")
            }
        }
        var certainty: Double?
        if let text = draft.attributes["certainty"] {
            certainty = Self.share(text)
            guard certainty != nil else {
                return report(draft.line, "certainty \"\(text)\" is not a number from 0 to 1")
            }
        }
        do throws(RegularExpression.Refusal) {
            let expression = try RegularExpression(
                pattern,
                ignoresCase: ignoresCase,
                dotMatchesLineFeed: dotMatchesLineFeed,
                isInterpreted: isInterpreted
            )
            guard check(draft, groups: expression.groupCount) else { return }
            fingerprints.append(
                RecogFingerprint(
                    line: draft.line,
                    summary: summary,
                    certainty: certainty,
                    parameters: draft.parameters,
                    examples: draft.examples,
                    expression: expression
                )
            )
        } catch {
            report(draft.line, "pattern, byte \(error.offset): \(error.reason)")
        }
    }

    /// Whether all groups and names that the parameters name are there.
    private func check(_ draft: Draft, groups: Int) -> Bool {
        let before = problems.count
        var references: [String: [String]] = [:]
        for parameter in draft.parameters {
            if parameter.group > groups {
                let there = groups == 1 ? "is 1 group" : "are \(groups) groups"
                report(draft.line, "parameter \(parameter.name) is group \(parameter.group), but there \(there)")
            }
            references[parameter.name] = parameter.pieces.compactMap {
                if case .name(let name) = $0 { return name } else { return nil }
            }
        }
        for (name, others) in references.sorted(by: { $0.key < $1.key }) {
            for other in others where references[other] == nil {
                report(draft.line, "parameter \(name) names \(other), which is none")
            }
            if Self.leadsBack(from: name, references) { report(draft.line, "parameter \(name) names itself") }
        }
        return problems.count == before
    }

    private static func leadsBack(from name: String, _ references: [String: [String]]) -> Bool {
        var reached: Set<String> = []
        var next = references[name] ?? []
        while let other = next.popLast() {
            if other == name { return true }
            if reached.insert(other).inserted { next += references[other] ?? [] }
        }
        return false
    }
}

extension Substring {
    fileprivate var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
