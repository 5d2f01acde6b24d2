internal import CLinux
public import NetworkTypes

/// Whole files: read with a limit, written so that a power cut leaves the old bytes or the new ones.
public enum FileSystem {
    /// The whole of a file.
    ///
    /// - Parameter limit: a longer file is EFBIG and is not read to its end.
    public static func read(_ path: ByteString, limit: Int) throws(SystemError) -> [UInt8] {
        try path.checkedAsPath("read")
        let file = try Descriptor.open(path, O_RDONLY)
        return try file.readAll(path, limit: limit)
    }

    /// Puts `bytes` in the place of a file: a new file beside it is written, flushed and renamed over it, and the
    /// folder is flushed (rename(2), fsync(2)).
    ///
    /// - Parameter mode: permissions of the new file, whatever the umask.
    public static func writeAtomically(_ bytes: [UInt8], to path: ByteString, mode: UInt32) throws(SystemError) {
        let file = try FileReplacement(of: path, mode: mode)
        try file.write(bytes)
        try file.commit()
    }

    /// Writes over the beginning of a file, which stays as long as it was or grows, and flushes it.
    static func overwrite(_ path: ByteString, with bytes: [UInt8]) throws(SystemError) {
        let file = try Descriptor.open(path, O_WRONLY)
        try file.writeAll(bytes, path)
        try file.flushData(path)
    }

    /// Moves a file, whole on the disk already, into the place of another; a power cut leaves the one or the other there
    /// (rename(2)).
    public static func move(_ path: ByteString, over target: ByteString) throws(SystemError) {
        try path.checkedAsPath("move")
        try target.checkedAsPath("write")
        try rename(path, target)
        try flushDirectory(parent(of: target))
    }

    /// Lets two files or folders of one file system change places, so that at no time either is missing (renameat2(2)).
    public static func exchange(_ path: ByteString, _ other: ByteString) throws(SystemError) {
        try path.checkedAsPath("move")
        try other.checkedAsPath("move")
        _ = try SystemCall.retrying("exchange", other) {
            unsafe path.withTerminated { one in
                unsafe other.withTerminated { two in
                    unsafe renameat2(AT_FDCWD, one, AT_FDCWD, two, UInt32(RENAME_EXCHANGE))
                }
            }
        }
        try flushDirectory(parent(of: path))
        try flushDirectory(parent(of: other))
    }

    static func rename(_ path: ByteString, _ target: ByteString) throws(SystemError) {
        _ = try SystemCall.retrying("rename into place", target) {
            unsafe path.withTerminated { from in unsafe target.withTerminated { to in unsafe CLinux.rename(from, to) } }
        }
    }

    /// Removes a file.
    public static func remove(_ path: ByteString) throws(SystemError) {
        try path.checkedAsPath("remove")
        _ = try SystemCall.retrying("remove", path) { unsafe path.withTerminated { unsafe unlink($0) } }
    }

    /// Removes a file, and lets that last through a power cut; one that is not there is no error.
    public static func removeLastingly(_ path: ByteString) throws(SystemError) {
        try path.checkedAsPath("remove")
        try unlinkIfPresent(path)
        try flushDirectory(parent(of: path))
    }

    /// Makes a folder; one that is there already is no error.
    public static func makeDirectory(_ path: ByteString, mode: UInt32) throws(SystemError) {
        try path.checkedAsPath("make the folder")
        if unsafe path.withTerminated({ unsafe mkdir($0, mode_t(mode)) }) < 0 {
            let code = gh_errno()
            guard code == EEXIST, unsafe path.withTerminated({ unsafe gh_file_kind(AT_FDCWD, $0) }) == 2 else {
                throw SystemError(code: code, operation: "make the folder", subject: path)
            }
        }
    }

    /// The names in a folder in byte order, without `.` and `..`.
    ///
    /// - Parameter limit: a folder with more names is EOVERFLOW.
    public static func list(_ path: ByteString, limit: Int) throws(SystemError) -> [ByteString] {
        try path.checkedAsPath("list")
        let folder = try Descriptor.open(path, O_RDONLY | O_DIRECTORY)
        return try Descriptor.list(folder, path, limit: limit)
    }

    /// Whether something is there (a link that leads nowhere is not).
    public static func exists(_ path: ByteString) -> Bool {
        unsafe path.withTerminated { unsafe gh_file_kind(AT_FDCWD, $0) } >= 0
    }

    /// The permission bits of a file.
    public static func mode(_ path: ByteString) throws(SystemError) -> UInt32 {
        try path.checkedAsPath("look at")
        return UInt32(
            bitPattern: try SystemCall.retrying("look at", path) {
                unsafe path.withTerminated { unsafe gh_file_mode($0) }
            }
        )
    }

    /// What the file system of a path has left for ordinary users, in bytes.
    public static func freeBytes(_ path: ByteString) throws(SystemError) -> UInt64 {
        try path.checkedAsPath("look at")
        var bytes: UInt64 = 0
        _ = try SystemCall.retrying("ask for the room of", path) {
            unsafe path.withTerminated { unsafe gh_free_bytes($0, &bytes) }
        }
        return bytes
    }

    /// Everything before the last `/`: `.` where there is none, `/` for a file in the root.
    static func parent(of path: ByteString) -> ByteString {
        guard let slash = path.bytes.lastIndex(of: 0x2F) else { return "." }
        return slash == 0 ? "/" : ByteString(Array(path.bytes[0..<slash]))
    }

    /// Makes the names in a folder last through a power cut.
    static func flushDirectory(_ path: ByteString) throws(SystemError) {
        let folder = try Descriptor.open(path, O_RDONLY | O_DIRECTORY)
        let number = folder.rawValue
        _ = try SystemCall.retrying("flush the folder", path) { fsync(number) }
    }

    static func unlinkIfPresent(_ path: ByteString) throws(SystemError) {
        if unsafe path.withTerminated({ unsafe unlink($0) }) < 0 {
            let code = gh_errno()
            guard code == ENOENT else { throw SystemError(code: code, operation: "remove", subject: path) }
        }
    }
}
