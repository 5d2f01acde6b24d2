internal import COpenSSL

/// What a client keeps of a connection to resume it with fewer computations (RFC 8446 section 2.2).
///
/// Immutable, so it may be used from several threads. Use it with the context and server name it came from.
@safe public final class TLSSession: @unchecked Sendable {
    let handle: OpaquePointer

    init(owning handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe SSL_SESSION_free(handle) }
}
