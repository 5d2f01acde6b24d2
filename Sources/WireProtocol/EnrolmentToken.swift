public import NetworkTypes

/// What an operator hands to an installer: everything a gateway needs to enrol, in one line of text.
///
/// `gh1.` and base64url of deterministic CBOR `{1: host, 2: port, 3: SHA-256 of the authority, 4: secret,
/// 5: [policy keys]}`. The policy keys come from the operator's own files, not from the collector, so that a stolen
/// collector cannot name itself as a signer.
public struct EnrolmentToken: Hashable, Sendable {
    /// Begins every token; the digit counts the versions of the form.
    public static let prefix: ByteString = "gh1."
    /// Most bytes of a token's text.
    public static let maximumLength = 4096
    /// Most policy keys.
    public static let maximumPolicyKeys = 16

    /// Where the collector's HTTPS listener is, as gateways reach it.
    public var host: ByteString
    /// Its port.
    public var port: UInt16
    /// SHA-256 of the DER encoding of the authority that the collector's certificate must come from.
    public var authoritySHA256: [UInt8]
    /// What the collector asks for, once.
    public var secret: ByteString
    /// Raw Ed25519 public keys whose policies the gateway will take.
    public var policyKeys: [[UInt8]]

    /// A token.
    public init(host: ByteString, port: UInt16, authoritySHA256: [UInt8], secret: ByteString, policyKeys: [[UInt8]]) {
        self.host = host
        self.port = port
        self.authoritySHA256 = authoritySHA256
        self.secret = secret
        self.policyKeys = policyKeys
    }

    /// Reads a token's text; blanks and line ends around it are passed over.
    public init(text: ByteString) throws(DecodeError) {
        let trimmed = text.trimmed
        guard trimmed.count <= EnrolmentToken.maximumLength else { throw DecodeError(.limitExceeded, at: 0) }
        guard trimmed.hasPrefix(EnrolmentToken.prefix) else { throw DecodeError(.unsupported, at: 0) }
        var digits = Array(trimmed.bytes.dropFirst(EnrolmentToken.prefix.count))
        for index in digits.indices {
            if digits[index] == 0x2D { digits[index] = 0x2B }
            if digits[index] == 0x5F { digits[index] = 0x2F }
        }
        while digits.count % 4 != 0 { digits.append(0x3D) }
        guard let bytes = Base64.decode(ByteString(digits)) else { throw DecodeError(.malformed, at: 0) }
        var reader = ByteReader(bytes.span)
        self.init(host: "", port: 0, authoritySHA256: [], secret: "", policyKeys: [])
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: host = try reader.readCBORText(limit: 255)
            case 2: port = UInt16(truncatingIfNeeded: try reader.readCBORUnsigned(limit: 65535))
            case 3: authoritySHA256 = try reader.readCBORBytes(limit: 32).bytes
            case 4: secret = try reader.readCBORText(limit: 256)
            case 5:
                for _ in 0..<(try reader.readCBORArray(limit: EnrolmentToken.maximumPolicyKeys)) {
                    policyKeys.append(try reader.readCBORBytes(limit: 32).bytes)
                }
            default: try reader.skipCBORItem()
            }
        }
        try reader.expectEnd()
        guard !host.isEmpty, port > 0, authoritySHA256.count == 32, !secret.isEmpty,
            policyKeys.allSatisfy({ $0.count == 32 })
        else { throw DecodeError(.malformed, at: 0) }
    }

    /// The token's text.
    public var text: ByteString {
        let bytes = CBOREncoder.encodingMap { map in
            map.text(1, host)
            map.unsigned(2, UInt64(port))
            map.bytes(3, ByteString(authoritySHA256))
            map.text(4, secret)
            map.item(5) { item in
                item.array(count: policyKeys.count)
                for key in policyKeys { item.bytes(key) }
            }
        }
        var text = EnrolmentToken.prefix
        for digit in Base64.encode(bytes).bytes {
            switch digit {
            case 0x2B: text.append(byte: 0x2D)
            case 0x2F: text.append(byte: 0x5F)
            case 0x3D: break
            default: text.append(byte: digit)
            }
        }
        return text
    }
}
