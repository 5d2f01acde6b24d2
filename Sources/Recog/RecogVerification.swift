/// How many examples of a file hold, and which do not.
public struct RecogVerification: Sendable {
    /// The file's name without its folder.
    public let file: String
    /// Fingerprints of the file.
    public private(set) var fingerprints = 0
    /// Those that have no example.
    public private(set) var withoutExample = 0
    /// Examples of all of them.
    public private(set) var examples = 0
    /// Those that hold: the pattern matches, and all that the example expects comes out.
    public private(set) var held = 0
    /// Those that hold, but that an earlier fingerprint of the file takes first. It is its order that decides then.
    public private(set) var takenEarlier = 0
    /// Those that do not hold.
    public private(set) var failures: [RecogProblem] = []

    /// Tries every example of a file on its own fingerprint.
    public init(of database: RecogDatabase, path: String? = nil) {
        file = database.file
        fingerprints = database.fingerprints.count
        for fingerprint in database.fingerprints {
            if fingerprint.examples.isEmpty { withoutExample += 1 }
            for example in fingerprint.examples {
                examples += 1
                if let reason = fingerprint.failure(of: example, networkProtocol: database.networkProtocol) {
                    failures.append(RecogProblem(file: path ?? file, line: example.line, message: reason))
                    continue
                }
                held += 1
                let first = database.search(example.banner).match
                if let first, first.line != fingerprint.line { takenEarlier += 1 }
            }
        }
    }
}

extension RecogFingerprint {
    /// Why an example does not hold; nil where it does.
    func failure(of example: RecogExample, networkProtocol: String) -> String? {
        switch answer(example.banner) {
        case .no: return "the pattern at line \(line) does not match it"
        case .cut: return "the pattern at line \(line) ran into the limit of steps"
        case .incomplete(let reason): return "the pattern at line \(line) matches, but \(reason)"
        case .yes(var values):
            if values["service.protocol"] == nil { values["service.protocol"] = networkProtocol }
            for (name, value) in example.expected.sorted(by: { $0.key < $1.key }) where values[name] != value {
                let found = values[name].map { "\"\($0)\"" } ?? "nothing"
                return "\(name) should be \"\(value)\", the pattern at line \(line) finds \(found)"
            }
            return nil
        }
    }
}
