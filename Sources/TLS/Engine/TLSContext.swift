internal import COpenSSL
public import NetworkTypes

/// What many connections share: whom to trust, which certificate to show, which versions to speak.
///
/// Immutable once made, so it may be used from several threads. A server whose certificate is renewed makes a new
/// context for the connections to come; those that are open keep the one they were made with.
@safe public final class TLSContext: @unchecked Sendable {
    /// The oldest version that is spoken.
    public enum Version: UInt8, Sendable {
        /// RFC 5246; for browsers and tools on the HTTPS listener.
        case tls12
        /// RFC 8446; the only version between agent and collector.
        case tls13
    }

    let handle: OpaquePointer
    /// Which side the connections made with this context are on.
    public let role: TLSRole
    /// SHA-256 of the authority that the peer's chain must end in, for a context that trusts by pin.
    private let pin: UnsafeMutablePointer<UInt8>?
    /// The protocols in wire form (RFC 7301 section 3.1) that a server chooses from.
    private let serverProtocols: [UInt8]

    /// The longest chain that is looked at, in certificates above the leaf.
    public static let maximumChainDepth: Int32 = 4
    /// The most bytes of certificates that a peer may send.
    public static let maximumChainBytes = 64 << 10
    /// How long a session may be resumed. A certificate that is banned or expired meanwhile is for the caller to
    /// refuse: the peer's certificate is known for resumed connections too.
    public static let sessionLifetimeSeconds = 7_200

    private init(
        role: TLSRole,
        minimumVersion: Version,
        protocols: [ByteString],
        pin digest: [UInt8]?
    ) throws(TLSError) {
        ERR_clear_error()
        let method = unsafe role == .client ? TLS_client_method() : TLS_server_method()
        guard let handle = unsafe SSL_CTX_new(method) else { throw .openSSL(.system, "cannot make a TLS context") }
        unsafe self.handle = handle
        self.role = role
        serverProtocols = try TLSContext.wireForm(of: protocols)
        if let digest {
            let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: 32)
            for index in 0..<32 { unsafe copy[index] = digest[index] }
            unsafe pin = copy
        } else {
            unsafe pin = nil
        }
        try setDefaults(minimumVersion)
        guard !protocols.isEmpty else { return }
        if role == .client {
            guard unsafe SSL_CTX_set_alpn_protos(handle, serverProtocols, UInt32(serverProtocols.count)) == 0 else {
                throw .openSSL(.system, "cannot set the application protocols")
            }
        } else {
            unsafe SSL_CTX_set_alpn_select_cb(handle, selectProtocol, nil)
        }
    }

    deinit {
        unsafe SSL_CTX_free(handle)
        unsafe pin?.deallocate()
    }

    private func setDefaults(_ minimumVersion: Version) throws(TLSError) {
        let version = minimumVersion == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION
        guard unsafe shim_SSL_CTX_set_min_proto_version(handle, version) == 1 else {
            throw .openSSL(.system, "cannot set the TLS version")
        }
        // TLS 1.2 with forward secrecy and authenticated encryption only (RFC 9325 section 4.2).
        guard let ciphers = ByteString("ECDHE+AESGCM:ECDHE+CHACHA20").zeroTerminated,
            unsafe SSL_CTX_set_cipher_list(handle, ciphers) == 1
        else { throw .openSSL(.system, "cannot set the ciphers") }
        _ = unsafe SSL_CTX_set_options(handle, shim_SSL_options())
        unsafe shim_SSL_CTX_set_mode(handle, shim_SSL_modes())
        unsafe shim_SSL_CTX_set_max_cert_list(handle, TLSContext.maximumChainBytes)
        unsafe SSL_CTX_set_verify_depth(handle, TLSContext.maximumChainDepth)
        _ = unsafe SSL_CTX_set_timeout(handle, TLSContext.sessionLifetimeSeconds)
        switch role {
        case .client:
            // Sessions are handed to the engine's owner and not kept here.
            unsafe shim_SSL_CTX_set_session_cache_mode(handle, shim_SSL_client_cache_mode())
            unsafe SSL_CTX_sess_set_new_cb(handle, keepSession)
        case .server:
            // Tickets carry the state, so nothing is kept per client; one ticket is enough for one reconnection.
            unsafe shim_SSL_CTX_set_session_cache_mode(handle, 0)
            _ = unsafe SSL_CTX_set_num_tickets(handle, 1)
            // Without a context identifier OpenSSL refuses to resume where client certificates are demanded.
            let identifier: [UInt8] = ByteString("gatehouse").bytes
            guard unsafe SSL_CTX_set_session_id_context(handle, identifier, UInt32(identifier.count)) == 1 else {
                throw .openSSL(.system, "cannot set the session context")
            }
        }
    }

    private static func wireForm(of protocols: [ByteString]) throws(TLSError) -> [UInt8] {
        var wire: [UInt8] = []
        for name in protocols {
            guard !name.isEmpty, name.count <= 255 else {
                throw TLSError(.malformed, "an application protocol name has 1 to 255 bytes")
            }
            wire.append(UInt8(name.count))
            wire.append(contentsOf: name.bytes)
        }
        return wire
    }

    /// Picks the first of the server's protocols that the client offers.
    @unsafe fileprivate func select(
        _ output: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
        _ outputCount: UnsafeMutablePointer<UInt8>?,
        from offered: UnsafePointer<UInt8>?,
        _ offeredCount: UInt32
    ) -> Int32 {
        guard let output = unsafe output, let outputCount = unsafe outputCount, let offered = unsafe offered else {
            return SSL_TLSEXT_ERR_NOACK
        }
        var own = 0
        while own < serverProtocols.count {
            let length = Int(serverProtocols[own])
            var other = 0
            while other < Int(offeredCount) {
                let otherLength = Int(unsafe offered[other])
                guard other + 1 + otherLength <= Int(offeredCount) else { return SSL_TLSEXT_ERR_NOACK }
                var isEqual = otherLength == length
                for index in 0..<length where isEqual {
                    isEqual = unsafe offered[other + 1 + index] == serverProtocols[own + 1 + index]
                }
                if isEqual {
                    unsafe output.pointee = unsafe offered + other + 1
                    unsafe outputCount.pointee = UInt8(length)
                    return SSL_TLSEXT_ERR_OK
                }
                other += 1 + otherLength
            }
            own += 1 + length
        }
        return SSL_TLSEXT_ERR_NOACK
    }
}

extension TLSContext {
    /// A client that trusts the authorities given and no other.
    ///
    /// `verificationTimeSeconds` replaces the system's clock (seconds since 1970) for a gateway that boots in 1970 and
    /// knows from its disk that it is later. It is the earliest that the time can be: a certificate that ended before it
    /// is refused, one that begins after it may well be good, and is taken.
    public static func client(
        trustedCA: [Certificate],
        certificate: CertificateChain? = nil,
        key: PrivateKey? = nil,
        minimumVersion: Version = .tls13,
        protocols: [ByteString] = [],
        verificationTimeSeconds: Int64? = nil
    ) throws(TLSError) -> TLSContext {
        let context = try TLSContext(role: .client, minimumVersion: minimumVersion, protocols: protocols, pin: nil)
        guard !trustedCA.isEmpty else { throw TLSError(.malformed, "a client needs an authority to trust") }
        try context.trust(trustedCA)
        try context.setVerificationTime(verificationTimeSeconds)
        unsafe SSL_CTX_set_verify(
            context.handle,
            SSL_VERIFY_PEER,
            verificationTimeSeconds == nil ? nil : acceptNotYetValid
        )
        if let certificate, let key { try context.use(certificate, key) }
        return context
    }

    /// A client that trusts the one authority whose DER encoding has the SHA-256 given, as long as the server sends
    /// that authority's certificate in its chain. For enrolment, when a token with a pin is all there is.
    public static func client(
        pinnedCASHA256 pin: [UInt8],
        minimumVersion: Version = .tls13,
        protocols: [ByteString] = [],
        verificationTimeSeconds: Int64? = nil
    ) throws(TLSError) -> TLSContext {
        guard pin.count == 32 else { throw TLSError(.malformed, "a pin has 32 bytes") }
        let context = try TLSContext(role: .client, minimumVersion: minimumVersion, protocols: protocols, pin: pin)
        try context.setVerificationTime(verificationTimeSeconds)
        unsafe SSL_CTX_set_verify(context.handle, SSL_VERIFY_PEER, nil)
        unsafe SSL_CTX_set_cert_verify_callback(context.handle, verifyPinned, context.pin)
        return context
    }

    /// A client for servers of others: it trusts the authorities of a PEM file, or of the system where `authoritiesFile` is
    /// nil. Of the system's only those are read that are needed (c_rehash of openssl-rehash(1)), so nothing is held of the
    /// others. `verificationTimeSeconds` is as above.
    public static func client(
        authoritiesFile: ByteString?,
        verificationTimeSeconds: Int64? = nil
    ) throws(TLSError) -> TLSContext {
        let context = try TLSContext(role: .client, minimumVersion: .tls12, protocols: [], pin: nil)
        if let authoritiesFile {
            guard let path = authoritiesFile.zeroTerminated, unsafe SSL_CTX_load_verify_file(context.handle, path) == 1
            else { throw .openSSL(.malformed, "cannot read authorities from \(authoritiesFile)") }
        } else {
            guard unsafe SSL_CTX_set_default_verify_dir(context.handle) == 1 else {
                throw .openSSL(.system, "cannot trust the authorities of this system")
            }
        }
        try context.setVerificationTime(verificationTimeSeconds)
        unsafe SSL_CTX_set_verify(
            context.handle,
            SSL_VERIFY_PEER,
            verificationTimeSeconds == nil ? nil : acceptNotYetValid
        )
        return context
    }

    /// A client that takes whatever certificate it is shown, of every version and cipher that the library still has: to
    /// look at a device, whose certificate is its own and whose software is old. Nothing secret may be sent by it.
    public static func clientWithoutTrust() throws(TLSError) -> TLSContext {
        let context = try TLSContext(role: .client, minimumVersion: .tls12, protocols: [], pin: nil)
        guard let ciphers = ByteString("DEFAULT:@SECLEVEL=0").zeroTerminated,
            unsafe SSL_CTX_set_cipher_list(context.handle, ciphers) == 1,
            unsafe shim_SSL_CTX_set_min_proto_version(context.handle, TLS1_VERSION) == 1
        else { throw .openSSL(.system, "cannot set the ciphers") }
        unsafe SSL_CTX_set_verify(context.handle, SSL_VERIFY_NONE, nil)
        return context
    }

    /// A server. Where `clientCA` is given, a client without a certificate of one of these authorities does not get
    /// through the handshake.
    public static func server(
        certificate: CertificateChain,
        key: PrivateKey,
        clientCA: [Certificate]? = nil,
        minimumVersion: Version = .tls13,
        protocols: [ByteString] = [],
        verificationTimeSeconds: Int64? = nil
    ) throws(TLSError) -> TLSContext {
        let context = try TLSContext(role: .server, minimumVersion: minimumVersion, protocols: protocols, pin: nil)
        try context.use(certificate, key)
        if let clientCA {
            guard !clientCA.isEmpty else { throw TLSError(.malformed, "no authority for client certificates") }
            try context.trust(clientCA)
            try context.setVerificationTime(verificationTimeSeconds)
            for authority in clientCA {
                guard unsafe SSL_CTX_add_client_CA(context.handle, authority.handle) == 1 else {
                    throw .openSSL(.system, "cannot name an authority for client certificates")
                }
            }
            unsafe SSL_CTX_set_verify(context.handle, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        }
        return context
    }

    private func use(_ chain: CertificateChain, _ key: PrivateKey) throws(TLSError) {
        ERR_clear_error()
        guard unsafe SSL_CTX_use_certificate(handle, chain.leaf.handle) == 1 else {
            throw .openSSL(.malformed, "cannot use the certificate")
        }
        guard unsafe SSL_CTX_use_PrivateKey(handle, key.handle) == 1 else {
            throw .openSSL(.mismatch, "the key does not belong to the certificate")
        }
        for authority in chain.authorities {
            guard unsafe shim_SSL_CTX_add1_chain_cert(handle, authority.handle) == 1 else {
                throw .openSSL(.malformed, "cannot use a certificate of the chain")
            }
        }
    }

    private func trust(_ authorities: [Certificate]) throws(TLSError) {
        ERR_clear_error()
        let store = unsafe SSL_CTX_get_cert_store(handle)
        for authority in authorities {
            guard unsafe X509_STORE_add_cert(store, authority.handle) == 1 else {
                throw .openSSL(.malformed, "cannot trust an authority")
            }
        }
    }

    private func setVerificationTime(_ seconds: Int64?) throws(TLSError) {
        guard let seconds else { return }
        guard let time = Int(exactly: seconds) else {
            throw TLSError(.malformed, "the time does not fit this system's clock")
        }
        unsafe X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(handle), time)
    }
}

/// The TLSContext of an SSL, through the engine that the SSL belongs to.
@unsafe private func selectProtocol(
    _ ssl: OpaquePointer?,
    _ output: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ outputCount: UnsafeMutablePointer<UInt8>?,
    _ offered: UnsafePointer<UInt8>?,
    _ offeredCount: UInt32,
    _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard let data = unsafe shim_SSL_get_app_data(ssl) else { return SSL_TLSEXT_ERR_NOACK }
    let engine = unsafe Unmanaged<TLSEngine>.fromOpaque(data).takeUnretainedValue()
    return unsafe engine.context.select(output, outputCount, from: offered, offeredCount)
}

/// Passes over the one fault that a clock which is behind makes of a good certificate.
@unsafe private func acceptNotYetValid(_ isGood: Int32, _ context: OpaquePointer?) -> Int32 {
    guard isGood == 0, unsafe X509_STORE_CTX_get_error(context) == X509_V_ERR_CERT_NOT_YET_VALID else { return isGood }
    unsafe X509_STORE_CTX_set_error(context, X509_V_OK)
    return 1
}

/// Takes a session that the server offers; 1 tells OpenSSL that the reference is ours now.
@unsafe private func keepSession(_ ssl: OpaquePointer?, _ session: OpaquePointer?) -> Int32 {
    guard let data = unsafe shim_SSL_get_app_data(ssl), let session = unsafe session else { return 0 }
    let engine = unsafe Unmanaged<TLSEngine>.fromOpaque(data).takeUnretainedValue()
    unsafe engine.session = TLSSession(owning: session)
    return 1
}

/// Verifies a chain with the pinned authority, if the chain holds it, as the only one to trust.
@unsafe private func verifyPinned(_ context: OpaquePointer?, _ pin: UnsafeMutableRawPointer?) -> Int32 {
    guard let context = unsafe context, let pin = unsafe pin, let sent = unsafe X509_STORE_CTX_get0_untrusted(context),
        let trusted = unsafe shim_sk_X509_new()
    else { return 0 }
    defer { unsafe shim_sk_X509_free(trusted) }
    for index in 0..<max(0, unsafe shim_sk_X509_num(sent)) {
        guard let certificate = unsafe shim_sk_X509_value(sent, index) else { continue }
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        guard unsafe X509_digest(certificate, EVP_sha256(), &digest, &count) == 1, count == 32 else { continue }
        if unsafe CRYPTO_memcmp(digest, pin, 32) == 0 { _ = unsafe shim_sk_X509_push(trusted, certificate) }
    }
    guard unsafe shim_sk_X509_num(trusted) > 0 else {
        unsafe X509_STORE_CTX_set_error(context, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)
        return 0
    }
    unsafe X509_STORE_CTX_set0_trusted_stack(context, trusted)
    return unsafe X509_verify_cert(context)
}
