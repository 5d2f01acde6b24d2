internal import CLinux
public import NetworkTypes

/// A file mapped read-only: its pages are the page cache's, shared and reclaimable, so they are not the agent's memory.
///
/// The file must be replaced by rename, never written in place: a file that shrinks under its map is a SIGBUS.
@safe
public final class MappedFile {
    /// The path it was mapped from.
    public let path: ByteString
    /// Length in bytes.
    public let count: Int
    private let start: UnsafeRawPointer?

    /// Maps a whole file.
    ///
    /// - Parameter limit: a longer file is EFBIG.
    public init(_ path: ByteString, limit: Int) throws(SystemError) {
        try path.checkedAsPath("map")
        let file = try Descriptor.open(path, O_RDONLY)
        let size = try file.size(path)
        guard size <= UInt64(limit) else { throw SystemError(code: EFBIG, operation: "map", subject: path) }
        self.path = path
        count = Int(size)
        if size == 0 {
            unsafe start = nil
            return
        }
        guard let mapped = unsafe gh_map_file(file.rawValue, Int(size)) else { throw SystemError("map", path) }
        unsafe start = mapped
    }

    deinit {
        if let start = unsafe start { unsafe gh_unmap(start, count) }
    }

    /// The bytes, valid as long as the file object lives.
    public var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            guard let start = unsafe start else {
                let nothing = unsafe Span<UInt8>(_unsafeElements: UnsafeBufferPointer(start: nil, count: 0))
                return unsafe _overrideLifetime(nothing, borrowing: self)
            }
            let typed = unsafe start.assumingMemoryBound(to: UInt8.self)
            let span = unsafe Span<UInt8>(_unsafeStart: typed, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }
}
