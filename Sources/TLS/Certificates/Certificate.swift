internal import COpenSSL
public import NetworkTypes

/// An X.509 certificate (RFC 5280). Immutable, so it may be used from several threads.
@safe public final class Certificate: @unchecked Sendable {
    let handle: OpaquePointer

    /// The most bytes that one PEM text or DER certificate may have.
    public static let maximumBytes = 1 << 20

    init(owning handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe X509_free(handle) }

    /// Parses one DER certificate; bytes after it are an error.
    public convenience init(der: [UInt8]) throws(TLSError) {
        ERR_clear_error()
        guard der.count <= Certificate.maximumBytes else {
            throw TLSError(.limitExceeded, "a certificate may have 1 MiB at most")
        }
        var consumed = 0
        let handle = unsafe der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var cursor = buffer.baseAddress
            let parsed = unsafe d2i_X509(nil, &cursor, buffer.count)
            if let cursor = unsafe cursor, let start = buffer.baseAddress { consumed = unsafe cursor - start }
            return unsafe parsed
        }
        guard let handle = unsafe handle else { throw .openSSL(.malformed, "not a DER certificate") }
        guard consumed == der.count else {
            unsafe X509_free(handle)
            throw TLSError(.malformed, "bytes follow the DER certificate")
        }
        unsafe self.init(owning: handle)
    }

    /// Parses the first certificate of a PEM text.
    public convenience init(pem: ByteString) throws(TLSError) {
        ERR_clear_error()
        let buffer = try MemoryBuffer(pem.bytes)
        guard let handle = unsafe PEM_read_bio_X509(buffer.bio, nil, refusePassphrase, nil) else {
            throw .openSSL(.malformed, "no certificate in the PEM text")
        }
        unsafe self.init(owning: handle)
    }

    /// All certificates of a PEM text, in order; at least one.
    public static func all(pem: ByteString) throws(TLSError) -> [Certificate] {
        ERR_clear_error()
        guard pem.count <= maximumBytes else { throw TLSError(.limitExceeded, "a PEM text may have 1 MiB at most") }
        let buffer = try MemoryBuffer(pem.bytes)
        var certificates: [Certificate] = []
        while let handle = unsafe PEM_read_bio_X509(buffer.bio, nil, refusePassphrase, nil) {
            certificates.append(unsafe Certificate(owning: handle))
        }
        let code = ERR_peek_last_error()
        let isAtEnd = shim_ERR_get_library(code) == ERR_LIB_PEM && shim_ERR_get_reason(code) == PEM_R_NO_START_LINE
        guard isAtEnd, !certificates.isEmpty else { throw .openSSL(.malformed, "no certificate in the PEM text") }
        ERR_clear_error()
        return certificates
    }

    /// The DER encoding.
    public var der: [UInt8] {
        let count = unsafe i2d_X509(handle, nil)
        guard count > 0 else { return [] }
        var output = [UInt8](repeating: 0, count: Int(count))
        _ = unsafe output.withUnsafeMutableBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return unsafe i2d_X509(handle, &cursor)
        }
        return output
    }

    /// The PEM encoding, with a line feed at the end.
    public func pem() throws(TLSError) -> ByteString {
        let buffer = try MemoryBuffer()
        guard unsafe PEM_write_bio_X509(buffer.bio, handle) == 1 else {
            throw .openSSL(.system, "cannot write the certificate")
        }
        return ByteString(buffer.contents)
    }
}

extension Certificate {
    /// SHA-256 of the DER encoding: 32 bytes. What pins are compared with.
    public var sha256: [UInt8] { Cryptography.sha256(der) }

    /// The SubjectPublicKeyInfo in DER.
    public var publicKeyDER: [UInt8] { unsafe TLS.publicKeyDER(X509_get0_pubkey(handle)) }

    /// The common name of the subject, UTF-8; nil if there is none.
    public var subjectCommonName: ByteString? { unsafe commonName(of: X509_get_subject_name(handle)) }

    /// The common name of the issuer, UTF-8; nil if there is none.
    public var issuerCommonName: ByteString? { unsafe commonName(of: X509_get_issuer_name(handle)) }

    /// The URI names, for instance `spiffe://…`.
    public var uris: [ByteString] { names(of: GEN_URI) }

    /// The DNS names.
    public var dnsNames: [ByteString] { names(of: GEN_DNS) }

    /// The IP addresses.
    public var ipAddresses: [IPAddress] {
        var addresses: [IPAddress] = []
        for name in names(of: GEN_IPADD) {
            if let address = IPAddress(octets: name.bytes) { addresses.append(address) }
        }
        return addresses
    }

    private func names(of type: Int32) -> [ByteString] {
        guard let names = unsafe X509_get_ext_d2i(handle, NID_subject_alt_name, nil, nil) else { return [] }
        let list = OpaquePointer(names)
        defer { unsafe shim_GENERAL_NAMES_free(list) }
        return unsafe TLS.names(of: type, in: list)
    }

    /// Start of validity, in seconds since 1970; `Int64.max` if it cannot be read, so that it is never valid.
    public var notBeforeSeconds: Int64 { unsafe seconds(of: X509_get0_notBefore(handle)) ?? .max }

    /// End of validity, in seconds since 1970; `Int64.min` if it cannot be read, so that it is never valid.
    public var notAfterSeconds: Int64 { unsafe seconds(of: X509_get0_notAfter(handle)) ?? .min }

    /// The serial number in lower-case hexadecimal, two digits a byte.
    public var serialHexadecimal: ByteString {
        guard let serial = unsafe X509_get0_serialNumber(handle) else { return ByteString() }
        return Hexadecimal.encode(unsafe bytes(of: serial))
    }

    /// Whether the certificate says that it belongs to a certificate authority.
    public var isAuthority: Bool { unsafe X509_check_ca(handle) == 1 }

    /// Whether the key of `authority` signed this certificate and the names fit; says nothing of validity in time.
    public func isIssued(by authority: Certificate) -> Bool {
        defer { ERR_clear_error() }
        guard unsafe X509_check_issued(authority.handle, handle) == X509_V_OK else { return false }
        return unsafe X509_verify(handle, X509_get0_pubkey(authority.handle)) == 1
    }

    /// Whether `key` is the private half of this certificate's key.
    public func matches(_ key: PrivateKey) -> Bool {
        defer { ERR_clear_error() }
        return unsafe X509_check_private_key(handle, key.handle) == 1
    }
}

extension Certificate: Equatable {
    /// Whether both are the same bytes.
    public static func == (left: Certificate, right: Certificate) -> Bool {
        unsafe X509_cmp(left.handle, right.handle) == 0
    }
}
