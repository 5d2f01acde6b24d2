/// The values within a CPE name (NISTIR 7695).
enum CPEName {
    /// A value as a component of a name: lower case, `_` for white space, what has a meaning in names escaped.
    ///
    /// In a URI (§6.1.2.1) that is `%` and two digits, in a formatted string (§6.2.2.1) a backslash; `.`, `-` and `_` stand
    /// for themselves in both. Nil for a value with characters that neither has. An empty one is `-`, not applicable.
    static func component(_ value: String, isFormatted: Bool) -> String? {
        guard !value.isEmpty else { return "-" }
        var text = ""
        for byte in value.utf8 {
            let scalar = Unicode.Scalar(byte)
            switch byte {
            case 0x30...0x39, 0x61...0x7A, 0x2D, 0x2E, 0x5F: text.unicodeScalars.append(scalar)
            case 0x41...0x5A: text.unicodeScalars.append(Unicode.Scalar(byte | 0x20))
            case 0x09, 0x20: text += "_"
            case 0x21...0x7E:
                text += isFormatted ? "\\" : "%" + String(byte, radix: 16)
                if isFormatted { text.unicodeScalars.append(scalar) }
            default: return nil
            }
        }
        return text
    }
}
