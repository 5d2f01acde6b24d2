public import NetworkTypes

/// One header field (RFC 9110 §5).
public struct HTTPHeader: Hashable, Sendable {
    /// The name, in lower case.
    public let name: ByteString
    /// The value, without blanks at its ends.
    public let value: ByteString

    /// A field; the name is lower-cased.
    public init(name: ByteString, value: ByteString) {
        self.name = name.lowercasedASCII
        self.value = value
    }
}

extension [HTTPHeader] {
    /// The only value of a field; nil where it is missing, or stands more than once.
    public func value(of name: ByteString) -> ByteString? {
        var found: ByteString?
        for header in self where header.name == name {
            guard found == nil else { return nil }
            found = header.value
        }
        return found
    }

    /// Whether a list field (RFC 9110 §5.6.1) has `token` in one of its lines; compared without case.
    public func contains(token: ByteString, in name: ByteString) -> Bool {
        let wanted = token.lowercasedASCII
        for header in self where header.name == name {
            for part in header.value.split(0x2C) where part.trimmed.lowercasedASCII == wanted { return true }
        }
        return false
    }
}
