internal import COpenSSL
public import NetworkTypes

/// One TLS connection that owns no socket: ciphertext goes in and comes out as bytes.
///
/// Give it what the network sent with `receive`, send what `takeOutgoing` returns, and do so after every call that may
/// make output: `start`, `receive`, `write`, `shutdown`, and also after an error, so that the peer gets the alert.
/// Not for use from several threads at once.
@safe public final class TLSEngine {
    /// How far the connection is.
    public enum State: UInt8, Sendable {
        /// Certificates are being exchanged; nothing can be read or written.
        case handshaking
        /// The peer is who it says; payload flows.
        case established
        /// The peer said that it sends no more, or the connection failed.
        case closed
    }

    /// What the connection was made with.
    public let context: TLSContext
    /// How far the connection is.
    public private(set) var state = State.handshaking
    /// The newest session that the server offered; nil on servers and before the first ticket.
    public internal(set) var session: TLSSession?

    private let handle: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer

    /// The most ciphertext that may wait to be read.
    public static let maximumIncomingBytes = 4 << 20
    /// The most ciphertext that may wait to be sent.
    public static let maximumOutgoingBytes = 16 << 20
    /// The most payload that one record carries (RFC 8446 section 5.1).
    public static let maximumRecordBytes = 16 << 10

    /// Makes a connection.
    ///
    /// A client needs `serverName`, the DNS name or IP address that the server's certificate must carry; a name is also
    /// sent as SNI. A server gives none. `session` is one that an earlier connection of the same context got.
    public init(
        context: TLSContext,
        serverName: ByteString? = nil,
        resuming session: TLSSession? = nil
    ) throws(TLSError) {
        ERR_clear_error()
        guard let handle = unsafe SSL_new(context.handle) else { throw .openSSL(.system, "no memory for a connection") }
        guard let incoming = unsafe BIO_new(BIO_s_mem()) else {
            unsafe SSL_free(handle)
            throw .openSSL(.system, "no memory for a connection")
        }
        guard let outgoing = unsafe BIO_new(BIO_s_mem()) else {
            unsafe BIO_free(incoming)
            unsafe SSL_free(handle)
            throw .openSSL(.system, "no memory for a connection")
        }
        unsafe self.handle = handle
        unsafe self.incoming = incoming
        unsafe self.outgoing = outgoing
        self.context = context
        // From here on the connection owns both buffers.
        unsafe SSL_set_bio(handle, incoming, outgoing)
        _ = unsafe shim_SSL_set_app_data(handle, Unmanaged.passUnretained(self).toOpaque())
        switch context.role {
        case .server: unsafe SSL_set_accept_state(handle)
        case .client:
            unsafe SSL_set_connect_state(handle)
            guard let serverName else {
                throw TLSError(.malformed, "a client needs the name of the server it wants to reach")
            }
            try expect(serverName)
            if let session { _ = unsafe SSL_set_session(handle, session.handle) }
        }
    }

    deinit { unsafe SSL_free(handle) }

    private func expect(_ name: ByteString) throws(TLSError) {
        guard !name.isEmpty, let text = name.zeroTerminated else {
            throw TLSError(.malformed, "not the name of a server")
        }
        let parameters = unsafe SSL_get0_param(handle)
        if let address = IPAddress(name) {
            let octets = address.octets
            guard unsafe X509_VERIFY_PARAM_set1_ip(parameters, octets, octets.count) == 1 else {
                throw .openSSL(.system, "cannot set the server's address")
            }
            return
        }
        unsafe X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard unsafe X509_VERIFY_PARAM_set1_host(parameters, text, name.count) == 1,
            unsafe shim_SSL_set_tlsext_host_name(handle, text) == 1
        else { throw .openSSL(.malformed, "not the name of a server") }
    }
}

extension TLSEngine {
    /// Begins the handshake; needed on clients, harmless on servers.
    public func start() throws(TLSError) { try advance() }

    /// Takes bytes that came from the network, and carries the handshake on.
    ///
    /// Once `state` is `established`, call `read` until it returns nil.
    public func receive(_ ciphertext: Span<UInt8>) throws(TLSError) {
        guard state != .closed else { throw TLSError(.closed, "the TLS connection is closed") }
        guard unsafe ciphertext.count <= TLSEngine.maximumIncomingBytes - Int(BIO_ctrl_pending(incoming)) else {
            throw fail(TLSError(.limitExceeded, "more than 4 MiB of TLS records wait to be read"))
        }
        if ciphertext.count > 0 {
            let written = unsafe ciphertext.withUnsafeBufferPointer {
                unsafe BIO_write(incoming, $0.baseAddress, Int32($0.count))
            }
            guard written == ciphertext.count else { throw fail(.openSSL(.system, "no memory for a connection")) }
        }
        if state == .handshaking { try advance() }
    }

    /// The same for an array.
    public func receive(_ ciphertext: [UInt8]) throws(TLSError) { try receive(ciphertext.span) }

    private func advance() throws(TLSError) {
        guard state == .handshaking else { return }
        ERR_clear_error()
        let result = unsafe SSL_do_handshake(handle)
        if result == 1 {
            state = .established
            return
        }
        let error = unsafe SSL_get_error(handle, result)
        if error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE { return }
        throw fail(failure("TLS handshake failed"))
    }

    /// Payload from the peer, at most `maximumBytes`; nil if there is none now, which includes a closed connection.
    public func read(maximumBytes: Int = TLSEngine.maximumRecordBytes) throws(TLSError) -> [UInt8]? {
        guard state == .established, maximumBytes > 0 else { return nil }
        ERR_clear_error()
        var count = 0
        var result: Int32 = 0
        let capacity = min(maximumBytes, TLSEngine.maximumRecordBytes)
        let payload = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initialized in
            result = unsafe SSL_read_ex(handle, buffer.baseAddress, buffer.count, &count)
            initialized = result == 1 ? count : 0
        }
        if result == 1 { return payload }
        switch unsafe SSL_get_error(handle, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return nil
        case SSL_ERROR_ZERO_RETURN:
            state = .closed
            return nil
        default: throw fail(failure("TLS connection failed"))
        }
    }

    /// Encrypts payload for the peer, all of it.
    public func write(_ plaintext: Span<UInt8>) throws(TLSError) {
        guard state == .established else { throw TLSError(.closed, "the TLS connection is not established") }
        guard plaintext.count > 0 else { return }
        guard plaintext.count <= TLSEngine.maximumOutgoingBytes - outgoingCount else {
            throw TLSError(.limitExceeded, "more than 16 MiB wait to be sent")
        }
        ERR_clear_error()
        var offset = 0
        while offset < plaintext.count {
            var count = 0
            let result = unsafe plaintext.withUnsafeBufferPointer { buffer -> Int32 in
                guard let start = buffer.baseAddress else { return 0 }
                return unsafe SSL_write_ex(handle, start + offset, buffer.count - offset, &count)
            }
            guard result == 1, count > 0 else { throw fail(failure("TLS connection failed")) }
            offset += count
        }
    }

    /// The same for an array.
    public func write(_ plaintext: [UInt8]) throws(TLSError) { try write(plaintext.span) }

    /// Bytes that wait to be sent.
    public var outgoingCount: Int { Int(unsafe BIO_ctrl_pending(outgoing)) }

    /// Up to `maximumBytes` to send to the peer, taken out of the engine; empty if there are none.
    public func takeOutgoing(maximumBytes: Int = .max) -> [UInt8] {
        let capacity = min(outgoingCount, max(0, maximumBytes), Int(Int32.max))
        guard capacity > 0 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initialized in
            initialized = max(0, Int(unsafe BIO_read(outgoing, buffer.baseAddress, Int32(capacity))))
        }
    }

    /// Says to the peer that nothing more will be sent. What the peer still sends can be read.
    public func shutdown() {
        guard state == .established else { return }
        ERR_clear_error()
        _ = unsafe SSL_shutdown(handle)
        ERR_clear_error()
    }
}

extension TLSEngine {
    /// The certificate that the peer proved to own; nil before the handshake and where none was asked for.
    public var peerCertificate: Certificate? {
        guard let certificate = unsafe SSL_get1_peer_certificate(handle) else { return nil }
        return unsafe Certificate(owning: certificate)
    }

    /// The certificates that the peer sent, as it sent them, leaf first; not the chain that was verified. Empty on
    /// resumed connections.
    public var peerCertificates: [Certificate] {
        guard let stack = unsafe SSL_get_peer_cert_chain(handle) else { return [] }
        var certificates: [Certificate] = []
        // On servers OpenSSL leaves the leaf out.
        if context.role == .server, let leaf = peerCertificate { certificates.append(leaf) }
        for index in 0..<max(0, unsafe shim_sk_X509_num(stack)) {
            guard let handle = unsafe shim_sk_X509_value(stack, index), unsafe X509_up_ref(handle) == 1 else {
                continue
            }
            certificates.append(unsafe Certificate(owning: handle))
        }
        return certificates
    }

    /// The application protocol agreed on (ALPN, RFC 7301), or nil.
    public var negotiatedProtocol: ByteString? {
        var data: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(handle, &data, &count)
        guard count > 0, let data = unsafe data else { return nil }
        var name = ByteString()
        for index in 0..<Int(count) { name.append(byte: unsafe data[index]) }
        return name
    }

    /// The name that the client asked for (SNI, RFC 6066 section 3), or nil.
    public var requestedServerName: ByteString? {
        guard let name = unsafe SSL_get_servername(handle, TLSEXT_NAMETYPE_host_name) else { return nil }
        return unsafe ByteString(cString: name)
    }

    /// "TLSv1.3" or "TLSv1.2".
    public var version: ByteString {
        guard let name = unsafe SSL_get_version(handle) else { return ByteString() }
        return unsafe ByteString(cString: name)
    }

    /// Whether an earlier session was resumed.
    public var isResumed: Bool { unsafe SSL_session_reused(handle) == 1 }
}

extension TLSEngine {
    /// Marks the connection as closed.
    private func fail(_ error: TLSError) -> TLSError {
        state = .closed
        return error
    }

    /// What OpenSSL's queue says about a call that failed.
    private func failure(_ what: ByteString) -> TLSError {
        let code = ERR_peek_error()
        let isSSL = shim_ERR_get_library(code) == ERR_LIB_SSL
        let reason = shim_ERR_get_reason(code)
        if isSSL, reason == SSL_R_CERTIFICATE_VERIFY_FAILED {
            ERR_clear_error()
            var text = what
            text.append(": ")
            if let words = unsafe X509_verify_cert_error_string(SSL_get_verify_result(handle)) {
                text.append(unsafe ByteString(cString: words))
            }
            return TLSError(.certificateRejected, text)
        }
        if isSSL, reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE { return .openSSL(.certificateRejected, what) }
        // Alerts from the peer are numbered from 1000 on (openssl/sslerr.h, SSL_AD_REASON_OFFSET in openssl/ssl.h).
        if isSSL, reason > SSL_AD_REASON_OFFSET, reason < SSL_AD_REASON_OFFSET + 256 {
            return .openSSL(.peerAlert, what)
        }
        return .openSSL(.protocolViolation, what)
    }
}
