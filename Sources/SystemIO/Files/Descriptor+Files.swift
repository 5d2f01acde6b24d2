internal import CLinux
internal import NetworkTypes

extension Descriptor {
    /// Bytes asked for in one read where the size is not known beforehand (sysfs says 4,096 for everything).
    private static let readStep = 4096

    /// Opens a file; never inherited by children.
    static func open(_ path: ByteString, _ flags: Int32, mode: UInt32 = 0) throws(SystemError) -> Descriptor {
        Descriptor(
            owning: try SystemCall.retrying("open", path) {
                unsafe path.withTerminated { unsafe gh_open($0, flags, mode) }
            }
        )
    }

    /// The size of a regular file in bytes.
    borrowing func size(_ path: ByteString) throws(SystemError) -> UInt64 {
        var size: UInt64 = 0
        let number = rawValue
        _ = try SystemCall.retrying("look at", path) { unsafe gh_file_size(number, &size) }
        return size
    }

    /// Everything up to the end; EFBIG where that is more than `limit`.
    borrowing func readAll(_ path: ByteString, limit: Int) throws(SystemError) -> [UInt8] {
        let number = rawValue
        let size = try size(path)
        guard size <= UInt64(limit) else { throw SystemError(code: EFBIG, operation: "read", subject: path) }
        var bytes: [UInt8] = []
        // A file of procfs says it has no size, and a number in it can be read in one piece only (kernel/sysctl.c,
        // do_proc_dointvec).
        var step = size == 0 ? Descriptor.readStep : Int(size) + 1
        while true {
            let start = bytes.count
            bytes.append(contentsOf: repeatElement(0, count: step))
            let wanted = step
            let count = try SystemCall.retrying("read", path) {
                unsafe bytes.withUnsafeMutableBytes { buffer in
                    unsafe CLinux.read(number, buffer.baseAddress.map { unsafe $0 + start }, wanted)
                }
            }
            bytes.removeLast(step - count)
            if count == 0 { return bytes }
            guard bytes.count <= limit else { throw SystemError(code: EFBIG, operation: "read", subject: path) }
            step = Descriptor.readStep
        }
    }

    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    borrowing func read(_ count: Int, at offset: UInt64, _ path: ByteString) throws(SystemError) -> [UInt8] {
        let number = rawValue
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let have = filled
            let got = try SystemCall.retrying("read", path) {
                unsafe bytes.withUnsafeMutableBytes { buffer in
                    unsafe gh_pread(
                        number,
                        buffer.baseAddress.map { unsafe $0 + have },
                        count - have,
                        offset + UInt64(have)
                    )
                }
            }
            if got == 0 { break }
            filled += got
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    /// Writes all of `bytes` where the file stands (its end, where opened with O_APPEND).
    borrowing func writeAll(_ bytes: [UInt8], _ path: ByteString) throws(SystemError) {
        let number = rawValue
        var written = 0
        while written < bytes.count {
            let start = written
            written += try SystemCall.retrying("write", path) {
                unsafe bytes.withUnsafeBytes { buffer in
                    unsafe write(number, buffer.baseAddress.map { unsafe $0 + start }, bytes.count - start)
                }
            }
        }
    }

    /// Flushes the bytes of a file, and what is needed to find them, to the disk.
    borrowing func flushData(_ path: ByteString) throws(SystemError) {
        let number = rawValue
        _ = try SystemCall.retrying("flush", path) { fdatasync(number) }
    }

    /// Names in an open folder in byte order; takes the descriptor over.
    static func list(
        _ folder: consuming Descriptor,
        _ path: ByteString,
        limit: Int
    ) throws(SystemError) -> [ByteString] {
        let number = folder.release()
        guard let stream = unsafe gh_directory_open(number) else {
            let error = SystemError("list", path)
            _ = close(number)
            throw error
        }
        defer { unsafe gh_directory_close(stream) }
        var names: [ByteString] = []
        while let name = unsafe gh_directory_next(stream) {
            let name = unsafe ByteString(terminated: name)
            if name == "." || name == ".." { continue }
            guard names.count < limit else { throw SystemError(code: EOVERFLOW, operation: "list", subject: path) }
            names.append(name)
        }
        let code = gh_errno()
        guard code == 0 else { throw SystemError(code: code, operation: "list", subject: path) }
        return names.ordered()
    }
}
