import CLinux
import NetworkTypes
import SystemIO

/// A file read from its beginning to its end, a piece at a time.
final class InputFile {
    private let path: ByteString
    private let descriptor: Int32

    init(_ path: ByteString) throws(SystemError) {
        var name = path.bytes.map { CChar(bitPattern: $0) }
        name.append(0)
        let number = unsafe gh_open(name, O_RDONLY | O_CLOEXEC, 0)
        guard number >= 0 else { throw SystemError(code: gh_errno(), operation: "open", subject: path) }
        self.path = path
        descriptor = number
    }

    deinit { close(descriptor) }

    /// Fills the front of `buffer`; 0 at the end of the file.
    func read(into buffer: inout [UInt8]) throws(SystemError) -> Int {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe CLinux.read(descriptor, bytes.baseAddress, bytes.count)
            }
            if count >= 0 { return count }
            guard gh_errno() == EINTR else {
                throw SystemError(code: gh_errno(), operation: "read", subject: path)
            }
        }
    }
}
