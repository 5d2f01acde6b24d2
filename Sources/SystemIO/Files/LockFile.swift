internal import CLinux
public import NetworkTypes

/// A lock that only one process holds; it goes when the process ends, however it ends (flock(2)).
public final class LockFile {
    private let file: Descriptor

    /// Takes the lock, and writes the process number into the file for people to see. EWOULDBLOCK (EAGAIN) says that
    /// another process has it.
    public init(_ path: ByteString) throws(SystemError) {
        try path.checkedAsPath("lock")
        let file = try Descriptor.open(path, O_RDWR | O_CREAT, mode: 0o644)
        let number = file.rawValue
        _ = try SystemCall.retrying("lock", path) { gh_lock(number) }
        _ = try SystemCall.retrying("write", path) { gh_truncate(number, 0) }
        var text = ByteString()
        text.append(decimal: getpid())
        text.append(byte: 0x0A)
        try file.writeAll(text.bytes, path)
        self.file = file
    }

    /// Whether an error of `init` says that somebody else holds the lock.
    public static func isHeldByAnother(_ error: SystemError) -> Bool { error.code == EAGAIN }
}
