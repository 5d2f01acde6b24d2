public import NetworkTypes

extension TLSClientHello {
    /// The JA4 fingerprint for TLS over TCP: `t13d1516h2_8daaf6152771_e5627efa2ab1`.
    public var ja4: ByteString { ja4(isQUIC: false) }

    /// The JA4 fingerprint; that of QUIC begins with `q`.
    ///
    /// After FoxIO's specification, technical_details/JA4.md of github.com/FoxIO-LLC/ja4 (BSD 3-Clause, as JA4 for
    /// TLS clients is).
    public func ja4(isQUIC: Bool) -> ByteString {
        let suites = cipherSuites.filter { !TLSClientHello.isGREASE($0) }
        let types = extensions.filter { !TLSClientHello.isGREASE($0) }
        var text: ByteString = isQUIC ? "q" : "t"
        text.append(versionText)
        text.append(byte: types.contains(0) ? 0x64 : 0x69)
        TLSClientHello.append(count: suites.count, to: &text)
        TLSClientHello.append(count: types.count, to: &text)
        text.append(protocolText)
        text.append(byte: 0x5F)
        text.append(TLSClientHello.shortHash(suites.isEmpty ? nil : TLSClientHello.list(suites.ordered())))
        text.append(byte: 0x5F)
        // Server name and ALPN have been told above; the order is what some clients shuffle.
        let counted = types.filter { $0 != 0 && $0 != 16 }.ordered()
        var list = TLSClientHello.list(counted)
        let algorithms = signatureAlgorithms.filter { !TLSClientHello.isGREASE($0) }
        if !algorithms.isEmpty {
            list.append(byte: 0x5F)
            list.append(TLSClientHello.list(algorithms))
        }
        text.append(TLSClientHello.shortHash(counted.isEmpty ? nil : list))
        return text
    }

    /// RFC 8701: both bytes equal, their low halves A.
    private static func isGREASE(_ value: UInt16) -> Bool {
        value & 0x0F0F == 0x0A0A && value >> 8 == value & 0xFF
    }

    private var versionText: ByteString {
        let version = supportedVersions.filter { !TLSClientHello.isGREASE($0) }.max() ?? legacyVersion
        switch version {
        case 0x0304: return "13"
        case 0x0303: return "12"
        case 0x0302: return "11"
        case 0x0301: return "10"
        case 0x0300: return "s3"
        case 0x0002: return "s2"
        default: return "00"
        }
    }

    /// First and last character of the first protocol, or of its hexadecimal form where one is not alphanumeric.
    private var protocolText: ByteString {
        guard let name = applicationProtocols.first, let first = name.bytes.first, let last = name.bytes.last else {
            return "00"
        }
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            byte >= 0x30 && byte <= 0x39 || byte >= 0x41 && byte <= 0x5A || byte >= 0x61 && byte <= 0x7A
        }
        if isAlphanumeric(first), isAlphanumeric(last) { return ByteString([first, last]) }
        return ByteString([Hexadecimal.digit(first >> 4), Hexadecimal.digit(last)])
    }

    private static func append(count: Int, to text: inout ByteString) {
        let shown = Swift.min(count, 99)
        if shown < 10 { text.append(byte: 0x30) }
        text.append(decimal: shown)
    }

    private static func list(_ values: [UInt16]) -> ByteString {
        var text = ByteString()
        text.bytes.reserveCapacity(values.count * 5)
        for (index, value) in values.enumerated() {
            if index > 0 { text.append(byte: 0x2C) }
            text.append(hexadecimal: value, digits: 4)
        }
        return text
    }

    /// Twelve digits of the hash; zeros for an empty list.
    private static func shortHash(_ text: ByteString?) -> ByteString {
        guard let text else { return "000000000000" }
        return ByteString(Array(Hexadecimal.encode(SHA256.hash(text.bytes)).bytes.prefix(12)))
    }
}
