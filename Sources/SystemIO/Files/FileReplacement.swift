internal import CLinux
public import NetworkTypes

/// A new file that is to take the place of another: written part by part beside it, flushed, and renamed over it, so that
/// a power cut leaves the old bytes or the new ones (rename(2), fsync(2)). One that is let go before that is removed.
public final class FileReplacement {
    /// Where the new file lies until it takes its place.
    public let temporaryPath: ByteString
    private let path: ByteString
    private let file: Descriptor
    private var isPending = true

    /// Makes the new file; one that a power cut left there goes first.
    ///
    /// - Parameter mode: permissions of the new file, whatever the umask.
    public init(of path: ByteString, mode: UInt32) throws(SystemError) {
        try path.checkedAsPath("write")
        let temporary: ByteString = "\(path).new"
        try FileSystem.unlinkIfPresent(temporary)
        self.path = path
        temporaryPath = temporary
        file = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        let number = file.rawValue
        _ = try SystemCall.retrying("set the mode of", temporary) { fchmod(number, mode_t(mode)) }
    }

    deinit {
        if isPending { _ = unsafe temporaryPath.withTerminated { unsafe unlink($0) } }
    }

    /// Adds bytes to its end.
    public func write(_ bytes: [UInt8]) throws(SystemError) { try file.writeAll(bytes, temporaryPath) }

    /// Flushes it and puts it into its place.
    public func commit() throws(SystemError) {
        let number = file.rawValue
        _ = try SystemCall.retrying("flush", temporaryPath) { fsync(number) }
        try FileSystem.rename(temporaryPath, path)
        isPending = false
        try FileSystem.flushDirectory(FileSystem.parent(of: path))
    }
}
