import CLinux
import NetworkTypes
import SystemIO

/// Standard output and standard error, as lines.
enum Output {
    /// One line to standard output.
    static func line(_ text: ByteString) { write(text, to: 1) }

    /// One line to standard error.
    static func error(_ text: ByteString) { write(text, to: 2) }

    /// Bytes as they are to standard output.
    static func raw(_ text: ByteString) { put(text.bytes, to: 1) }

    private static func write(_ text: ByteString, to descriptor: Int32) {
        var line = text
        line.append(byte: 0x0A)
        put(line.bytes, to: descriptor)
    }

    private static func put(_ bytes: [UInt8], to descriptor: Int32) {
        var offset = 0
        while offset < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { buffer in
                unsafe CLinux.write(descriptor, buffer.baseAddress.map { unsafe $0 + offset }, bytes.count - offset)
            }
            guard written > 0 else {
                if written < 0, gh_errno() == EINTR { continue }
                return
            }
            offset += written
        }
    }
}
