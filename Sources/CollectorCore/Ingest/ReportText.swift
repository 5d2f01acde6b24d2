package import NetworkTypes

/// Text that came from a gateway, made fit for storage and for people.
///
/// A gateway may be in wrong hands: what it sends is cut to a length, and control characters, which could forge lines of
/// a log or steer a terminal, become U+FFFD.
package enum ReportText {
    /// The text of `bytes`.
    package static func clean(_ bytes: ByteString) -> String {
        if bytes.bytes.count <= IngestLimits.maximumTextLength, bytes.bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
            return bytes.text
        }
        let cut = String(decoding: bytes.bytes.prefix(IngestLimits.maximumTextLength), as: UTF8.self)
        var scalars = String.UnicodeScalarView()
        for scalar in cut.unicodeScalars { scalars.append(isControl(scalar) ? "\u{FFFD}" : scalar) }
        return String(scalars)
    }

    /// C0 and C1 controls, line and paragraph separators, and the marks that turn the direction of writing.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: return true
        default: return false
        }
    }

    /// Bytes as lower-case hexadecimal digits.
    package static func hexadecimal(_ bytes: ByteString) -> String {
        Hexadecimal.encode(Array(bytes.bytes.prefix(64))).text
    }
}
