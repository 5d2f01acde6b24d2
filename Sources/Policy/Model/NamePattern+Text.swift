public import NetworkTypes

extension NamePattern {
    /// `www.example.com` or `*.example.com`; nil for anything else, also a `*` elsewhere than alone in front.
    public init?(_ text: ByteString) {
        let isWildcard = text.hasPrefix("*.")
        let rest = isWildcard ? ByteString(Array(text.bytes.dropFirst(2))) : text
        guard !rest.bytes.contains(0x2A), let name = DomainName(rest), !name.byteString.isEmpty else { return nil }
        self.init(name: name, isWildcard: isWildcard)
    }

    /// `www.example.com` or `*.example.com`
    public var byteString: ByteString {
        guard isWildcard else { return name.byteString }
        var text: ByteString = "*."
        text.append(name.byteString)
        return text
    }
}

extension NamePattern: CustomStringConvertible {
    /// The same as `byteString`, as text.
    public var description: String { byteString.text }
}
