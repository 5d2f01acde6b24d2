import NetworkTypes
import SystemIO

/// A mapped file, or all of it from some byte on: its pages belong to the page cache, not to the agent.
final class MappedBytes: ByteStore {
    nonisolated(unsafe) private let file: MappedFile
    private let start: Int

    init(_ file: MappedFile, from start: Int = 0) {
        unsafe self.file = file
        self.start = start
    }

    func withBytes(_ body: (Span<UInt8>) -> Void) {
        let mapped = unsafe file
        let bytes = mapped.bytes
        body(bytes.extracting(Swift.min(start, bytes.count)..<bytes.count))
    }

    /// SHA-256 of all of it.
    var hash: [UInt8] {
        var hash = SHA256()
        withBytes { bytes in hash.update(bytes, from: 0, to: bytes.count) }
        return hash.finish()
    }
}
