internal import CLinux
public import NetworkTypes

/// A lock that only one process holds; it goes when the process ends, however it ends (flock(2)).
public final class LockFile {
    private let file: Descriptor

    /// Takes the lock, and writes the process number into the file for people to see. EWOULDBLOCK (EAGAIN) says that
    /// another process has it.
    public init(_ path: ByteString) throws(SystemError) {
        try path.checkedAsPath("lock")
        let file = try LockFile.open(path)
        let number = file.rawValue
        _ = try SystemCall.retrying("lock", path) { gh_lock(number) }
        var text = ByteString()
        text.append(decimal: getpid())
        text.append(byte: 0x0A)
        do throws(SystemError) {
            _ = try SystemCall.retrying("write", path) { gh_truncate(number, 0) }
            try file.writeAll(text.bytes, path)
        } catch {
            // A disk that is full or read-only keeps nobody from the lock: the number is for people.
        }
        self.file = file
    }

    private static func open(_ path: ByteString) throws(SystemError) -> Descriptor {
        do throws(SystemError) {
            return try Descriptor.open(path, O_RDWR | O_CREAT, mode: 0o644)
        } catch {
            guard error.isOfTheDisk else { throw error }
            return try Descriptor.open(path, O_RDONLY)
        }
    }

    /// Whether an error of `init` says that somebody else holds the lock.
    public static func isHeldByAnother(_ error: SystemError) -> Bool { error.code == EAGAIN }
}
