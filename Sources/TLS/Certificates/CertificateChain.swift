public import NetworkTypes

/// A certificate and those that lead from it to its authority, leaf first.
public struct CertificateChain: Sendable {
    /// The certificate of the key's owner.
    public let leaf: Certificate
    /// What is sent after the leaf, in order; may include the root, for peers that pin it.
    public let authorities: [Certificate]

    /// A leaf and its authorities.
    public init(leaf: Certificate, authorities: [Certificate] = []) {
        self.leaf = leaf
        self.authorities = authorities
    }

    /// A PEM text, leaf first.
    public init(pem: ByteString) throws(TLSError) {
        let all = try Certificate.all(pem: pem)
        guard all.count <= CertificateChain.maximumCertificates else {
            throw TLSError(.limitExceeded, "a chain may have 8 certificates at most")
        }
        self.init(leaf: all[0], authorities: Array(all.dropFirst()))
    }

    /// The PEM text, leaf first.
    public func pem() throws(TLSError) -> ByteString {
        var text = try leaf.pem()
        for authority in authorities { text.append(try authority.pem()) }
        return text
    }

    /// The most certificates a chain may have.
    public static let maximumCertificates = 8
}
