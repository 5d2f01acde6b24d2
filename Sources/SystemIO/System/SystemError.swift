internal import CLinux
public import NetworkTypes

/// A system call that failed: what was tried, on what, and the kernel's reason.
///
/// Renders as one line for people: `cannot open /var/lib/gatehouse/spool: Permission denied`.
public struct SystemError: Error, Sendable {
    /// The number of errno(3).
    public let code: Int32
    /// What was tried, as a verb: `open`, `bind`, `read the ring of`.
    public let operation: StaticString
    /// On what: a path, an address, a device.
    public let subject: ByteString

    /// An error with its reason.
    public init(code: Int32, operation: StaticString, subject: ByteString) {
        self.code = code
        self.operation = operation
        self.subject = subject
    }

    /// The error that the last system call left in errno.
    init(_ operation: StaticString, _ subject: ByteString) {
        self.init(code: gh_errno(), operation: operation, subject: subject)
    }

    /// Whether the named thing does not exist (ENOENT, ENODEV, ENXIO, ESRCH).
    public var isMissing: Bool { code == ENOENT || code == ENODEV || code == ENXIO || code == ESRCH }

    /// Whether the kernel refused it for want of a right (EPERM, EACCES).
    public var isNotPermitted: Bool { code == EPERM || code == EACCES }

    /// Whether the disk has no room (ENOSPC, EDQUOT).
    public var isOutOfSpace: Bool { code == ENOSPC || code == EDQUOT }

    /// Whether the disk takes nothing for now: it is full, was mounted read-only, or fails (EROFS, EIO).
    public var isOfTheDisk: Bool { isOutOfSpace || code == EROFS || code == EIO }

    /// Whether it may work when tried again later: the peer or the network is away, or the kernel is out of buffers.
    public var isTemporary: Bool {
        switch code {
        case EAGAIN, ENOBUFS, ENOMEM, ECONNREFUSED, ECONNRESET, ECONNABORTED, ENETUNREACH, EHOSTUNREACH, ETIMEDOUT,
            ENETDOWN, EPIPE:
            return true
        default: return false
        }
    }

    /// `cannot OPERATION SUBJECT: REASON`, with a word on what is missing where a right is.
    public var byteString: ByteString {
        var text: ByteString = "cannot "
        operation.withUTF8Buffer { bytes in
            for index in bytes.indices { unsafe text.append(byte: bytes[index]) }
        }
        if !subject.isEmpty {
            text.append(byte: 0x20)
            text.append(subject)
        }
        text.append(": ")
        text.append(SystemError.reason(code))
        if code == EPERM { text.append(" (root, or the capability for it, is needed)") }
        return text
    }

    /// The C library's words for an error number.
    public static func reason(_ code: Int32) -> ByteString {
        if let words = unsafe gh_error_text(code) { return unsafe ByteString(terminated: words) }
        var text: ByteString = "error "
        text.append(decimal: code)
        return text
    }
}

extension SystemError: CustomStringConvertible {
    /// The same as `byteString`, as text.
    public var description: String { byteString.text }
}
