/// The name of a gateway in its certificate: a SPIFFE ID in a URI subject alternative name.
public enum GatewayName {
    /// Most bytes of a gateway's identifier.
    public static let maximumLength = 64
    /// Most bytes of a trust domain (SPIFFE-ID §2.1).
    public static let maximumTrustDomainLength = 255

    /// `spiffe://<trustDomain>/gateway/<gateway>`
    public static func uri(gateway: String, trustDomain: String) -> String {
        "spiffe://\(trustDomain)/gateway/\(gateway)"
    }

    /// The identifier of the one gateway that the names of a certificate speak of; nil where there is none in this
    /// trust domain, more than one SPIFFE ID, or an identifier that is none.
    public static func gateway(inURIs uris: [String], trustDomain: String) -> String? {
        // SPIFFE X.509-SVID §2: exactly one URI SAN.
        guard uris.count == 1, let uri = uris.first else { return nil }
        let prefix = "spiffe://\(trustDomain)/gateway/"
        guard uri.utf8.starts(with: prefix.utf8) else { return nil }
        let name = String(decoding: uri.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        return isValid(name) ? name : nil
    }

    /// 1 to 64 bytes of `a-z 0-9 -`, first and last not `-`.
    public static func isValid(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard !bytes.isEmpty, bytes.count <= maximumLength, bytes.first != 0x2D, bytes.last != 0x2D else {
            return false
        }
        return bytes.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }
    }
}
