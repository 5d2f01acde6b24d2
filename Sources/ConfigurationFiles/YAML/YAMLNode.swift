public import NetworkTypes

/// A node of a YAML document, with the line it begins on.
public struct YAMLNode: Hashable, Sendable {
    /// What it holds.
    public let content: Content
    /// Counted from 1.
    public let line: UInt32

    /// A node.
    public init(_ content: Content, line: UInt32) {
        self.content = content
        self.line = line
    }

    /// The three kinds of YAML nodes.
    public indirect enum Content: Hashable, Sendable {
        /// Text. `isPlain` is false where it stood in quotes: a quoted "true" is text, a plain one a truth value.
        case scalar(ByteString, isPlain: Bool)
        /// `[a, b]`, or lines with `-`.
        case sequence([YAMLNode])
        /// `{a: b}`, or lines with `a: b`; in the order of the file, no key twice.
        case mapping([YAMLPair])
    }

    /// `a text`, `a list`, `a mapping`, for messages.
    public var kindName: ByteString {
        switch content {
        case .scalar: return "a text"
        case .sequence: return "a list"
        case .mapping: return "a mapping"
        }
    }
}

/// A key and its value.
public struct YAMLPair: Hashable, Sendable {
    /// The key.
    public let key: ByteString
    /// The line of the key, counted from 1.
    public let line: UInt32
    /// The value.
    public let value: YAMLNode

    /// A pair.
    public init(key: ByteString, line: UInt32, value: YAMLNode) {
        self.key = key
        self.line = line
        self.value = value
    }
}
