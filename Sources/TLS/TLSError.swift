internal import COpenSSL
public import NetworkTypes

/// Why something about TLS, keys or certificates did not work.
public struct TLSError: Error, Sendable, Hashable {
    /// What sort of failure it is, for code that decides.
    public enum Kind: UInt8, Sendable, Hashable {
        /// We refused the peer's certificate: wrong authority, wrong name, expired, none.
        case certificateRejected
        /// The peer ended the connection with a TLS alert, for instance because it refused our certificate.
        case peerAlert
        /// The bytes from the peer are not TLS, or break its rules.
        case protocolViolation
        /// The connection is not in a state that allows the call (not established, or closed).
        case closed
        /// A key, certificate, request or message could not be parsed.
        case malformed
        /// A signature does not verify, or a key does not belong to its certificate.
        case mismatch
        /// A named limit was reached.
        case limitExceeded
        /// OpenSSL could not do it: memory, randomness, a missing algorithm.
        case system
    }

    /// What sort of failure it is.
    public let kind: Kind
    /// For people: what failed, with OpenSSL's reason. Never holds key material or payload.
    public let what: ByteString

    /// Makes an error with its words.
    public init(_ kind: Kind, _ what: ByteString) {
        self.kind = kind
        self.what = what
    }
}

extension TLSError: CustomStringConvertible {
    /// The same as `what`.
    public var description: String { what.text }
}

extension TLSError {
    /// `what`, followed by the reason of the oldest entry in OpenSSL's error queue, which is emptied.
    static func openSSL(_ kind: Kind, _ what: ByteString) -> TLSError {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0, let reason = unsafe ERR_reason_error_string(code) else { return TLSError(kind, what) }
        var text = what
        text.append(": ")
        text.append(unsafe ByteString(cString: reason))
        return TLSError(kind, text)
    }
}

extension ByteString {
    /// The bytes before the terminating zero.
    @unsafe init(cString: UnsafePointer<CChar>) {
        var bytes: [UInt8] = []
        var index = 0
        while unsafe cString[index] != 0 {
            bytes.append(UInt8(bitPattern: unsafe cString[index]))
            index += 1
        }
        self.init(bytes)
    }

    /// The bytes with a terminating zero, for C; nil if there is a zero inside already.
    var zeroTerminated: [CChar]? {
        guard !bytes.contains(0) else { return nil }
        var copy: [CChar] = []
        copy.reserveCapacity(bytes.count + 1)
        for byte in bytes { copy.append(CChar(bitPattern: byte)) }
        copy.append(0)
        return copy
    }
}
