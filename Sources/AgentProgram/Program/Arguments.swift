import NetworkTypes

/// The words of the command line: a verb, then `--name VALUE`, `--name=VALUE`, `--flag`, and `-o` for `--output`.
struct Arguments {
    let verb: ByteString
    private let values: [(name: ByteString, value: ByteString)]

    /// Options that take no value.
    static let flags: [ByteString] = ["--json", "--help"]

    /// Reads the words after the program's name. `options` are those that the verb knows.
    init(_ words: [ByteString]) throws(Failure) {
        guard let first = words.first else { throw Failure(.usage, "no command; try gatehouse-agent --help") }
        verb = first
        var found: [(name: ByteString, value: ByteString)] = []
        var index = 1
        while index < words.count {
            let word = words[index] == "-o" ? "--output" : words[index]
            index += 1
            guard word.hasPrefix("--") else {
                throw Failure(.usage, "unexpected argument \(word)")
            }
            if let equals = word.firstIndex(of: "=") {
                found.append(
                    (ByteString(Array(word.bytes.prefix(equals))), ByteString(Array(word.bytes.dropFirst(equals + 1))))
                )
            } else if Arguments.flags.contains(word) {
                found.append((word, ""))
            } else {
                guard index < words.count else { throw Failure(.usage, "\(word) needs a value") }
                found.append((word, words[index]))
                index += 1
            }
        }
        values = found
    }

    /// Refuses options that are not among `names`.
    func allow(_ names: [ByteString]) throws(Failure) {
        for (name, _) in values where !names.contains(name) {
            throw Failure(.usage, "\(verb) has no option \(name)")
        }
    }

    /// The last value of an option.
    func value(_ name: ByteString) -> ByteString? { values.last { $0.name == name }?.value }

    /// The value of an option that must be there.
    func required(_ name: ByteString) throws(Failure) -> ByteString {
        guard let value = value(name) else { throw Failure(.usage, "\(verb) needs \(name)") }
        return value
    }

    /// Whether a flag was given.
    func has(_ name: ByteString) -> Bool { values.contains { $0.name == name } }
}
