internal import ConfigurationFiles
internal import NetworkTypes

/// The keys of one mapping of a rule file; a key that is not allowed is an error.
struct Fields {
    let file: ByteString
    let line: UInt32
    private let pairs: [YAMLPair]

    init(_ node: YAMLNode, _ file: ByteString, allowed: [ByteString]) throws(ConfigurationError) {
        self.file = file
        line = node.line
        guard case .mapping(let pairs) = node.content else {
            throw ConfigurationError(
                file: file,
                line: node.line,
                message: ByteString(utf8: "expected a mapping, found \(node.kindName)")
            )
        }
        let known = allowed.map(\.text).joined(separator: ", ")
        for pair in pairs where !allowed.contains(pair.key) {
            throw ConfigurationError(
                file: file,
                line: pair.line,
                message: ByteString(utf8: "unknown key \"\(pair.key)\"; known here: \(known)")
            )
        }
        self.pairs = pairs
    }

    func error(_ message: String) -> ConfigurationError {
        ConfigurationError(file: file, line: line, message: ByteString(utf8: message))
    }

    func node(_ key: ByteString) -> YAMLNode? { pairs.first { $0.key == key }?.value }

    func required(_ key: ByteString) throws(ConfigurationError) -> YAMLNode {
        guard let node = node(key) else { throw error("\"\(key)\" is missing") }
        return node
    }

    func text(_ key: ByteString) throws(ConfigurationError) -> ByteString { try text(try required(key)) }

    func optionalText(_ key: ByteString) throws(ConfigurationError) -> ByteString? {
        guard let node = node(key) else { return nil }
        return try text(node)
    }

    func nodes(_ key: ByteString) throws(ConfigurationError) -> [YAMLNode] {
        guard let node = node(key) else { return [] }
        guard case .sequence(let items) = node.content else {
            throw error("\"\(key)\" takes a list, found \(node.kindName)")
        }
        return items
    }

    func texts(_ key: ByteString) throws(ConfigurationError) -> [ByteString] {
        var texts: [ByteString] = []
        for node in try nodes(key) { texts.append(try text(node)) }
        return texts
    }

    private func text(_ node: YAMLNode) throws(ConfigurationError) -> ByteString {
        guard case .scalar(let text, _) = node.content, !text.isEmpty else {
            throw ConfigurationError(
                file: file,
                line: node.line,
                message: ByteString(utf8: "expected a text, found \(node.kindName)")
            )
        }
        return text
    }
}
