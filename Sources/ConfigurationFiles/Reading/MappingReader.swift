public import NetworkTypes

/// Reads a mapping key by key, and knows at the end which keys nobody asked for.
///
///     var reader = try value.mapping()
///     let port = try reader.optional("port")?.port() ?? 8443
///     try reader.finish()
public struct MappingReader: Sendable {
    private let pairs: [YAMLPair]
    private let line: UInt32
    private let name: ByteString
    private let file: ByteString
    private var asked: [ByteString] = []

    init(_ pairs: [YAMLPair], line: UInt32, name: ByteString, file: ByteString) {
        self.pairs = pairs
        self.line = line
        self.name = name
        self.file = file
    }

    /// The value of a key, or nil where it is missing.
    public mutating func optional(_ key: ByteString) -> ConfigurationValue? {
        asked.append(key)
        guard let pair = pairs.first(where: { $0.key == key }) else { return nil }
        return ConfigurationValue(pair.value, name: key, file: file)
    }

    /// The value of a key that must be there.
    public mutating func required(_ key: ByteString) throws(ConfigurationError) -> ConfigurationValue {
        guard let value = optional(key) else {
            var message: ByteString = "key \""
            message.append(key)
            message.append("\" is missing")
            throw error(message)
        }
        return value
    }

    /// All keys with their values, for a mapping whose keys are names that people give.
    public mutating func entries() -> [ConfigurationValue] {
        pairs.map { pair in
            asked.append(pair.key)
            return ConfigurationValue(pair.value, name: pair.key, file: file)
        }
    }

    /// Throws if a key is left that nobody asked for: a word spelled wrongly must not go unnoticed.
    public func finish() throws(ConfigurationError) {
        guard let unknown = pairs.first(where: { !asked.contains($0.key) }) else { return }
        var message: ByteString = "unknown key \""
        message.append(unknown.key)
        message.append("\"")
        if !name.isEmpty {
            message.append(" in ")
            message.append(name)
        }
        message.append("; known here: ")
        for (index, key) in asked.enumerated() {
            if index > 0 { message.append(", ") }
            message.append(key)
        }
        throw ConfigurationError(file: file, line: unknown.line, message: message)
    }

    /// An error about the mapping as a whole.
    public func error(_ message: ByteString) -> ConfigurationError {
        var text = name
        if !name.isEmpty { text.append(": ") }
        text.append(message)
        return ConfigurationError(file: file, line: line, message: text)
    }
}
