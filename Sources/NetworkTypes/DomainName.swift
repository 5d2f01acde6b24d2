/// A DNS name in lower case, without the final dot: labels of 1 to 63 bytes, 253 bytes in all (RFC 1035 §2.3.4).
public struct DomainName: Hashable, Sendable {
    /// Most bytes of a name in its dotted form.
    public static let maximumLength = 253
    /// Most bytes of one label.
    public static let maximumLabelLength = 63

    /// `www.example.com`; empty for the root.
    public let byteString: ByteString

    /// Dotted text, with or without the final dot; nil where a label is empty or too long, or a byte is a control
    /// character, a space or not ASCII (internationalised names come in their `xn--` form).
    public init?(_ text: ByteString) {
        var name = text.lowercasedASCII
        if name.bytes.last == 0x2E { name.bytes.removeLast() }
        guard name.count <= DomainName.maximumLength else { return nil }
        if !name.isEmpty {
            var labelLength = 0
            for byte in name.bytes {
                if byte == 0x2E {
                    guard labelLength > 0 else { return nil }
                    labelLength = 0
                    continue
                }
                guard byte > 0x20, byte < 0x7F else { return nil }
                labelLength += 1
                guard labelLength <= DomainName.maximumLabelLength else { return nil }
            }
            guard labelLength > 0 else { return nil }
        }
        byteString = name
    }

    /// Whether the name is `other` or lies below it.
    public func isEqualToOrBelow(_ other: DomainName) -> Bool {
        if byteString == other.byteString || other.byteString.isEmpty { return true }
        return isBelow(other)
    }

    /// Whether the name has at least one label more than `other`, of which it is a subdomain.
    public func isBelow(_ other: DomainName) -> Bool {
        let distance = byteString.count - other.byteString.count
        guard distance >= 2, byteString.bytes[distance - 1] == 0x2E else { return false }
        return byteString.hasSuffix(other.byteString)
    }
}

extension DomainName: CustomStringConvertible {
    /// The dotted text.
    public var description: String { byteString.text }
}
