import Foundation
import Glibc
import NetworkTypes

/// Files that the commands read and write.
enum Files {
    /// Most bytes of a file that is read.
    static let maximumBytes = 16 << 20

    /// All of a file; `-` is standard input.
    static func read(_ path: String, limit: Int = Files.maximumBytes) throws(ControlError) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ControlError(.badData, "\(path): \(reason())") }
        defer { if descriptor != STDIN_FILENO { _ = close(descriptor) } }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ControlError(.badData, "\(path): \(reason())") }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= limit else {
                throw ControlError(.badData, "\(path): more than \(limit) bytes; that is not what is asked for")
            }
        }
    }

    /// Writes a file whole or not at all: into a new one beside it, which then takes its place.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(ControlError) {
        let temporary = "\(path).new-\(getpid())"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw ControlError(.failed, "\(temporary): \(reason())") }
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe buffer.baseAddress.map { unsafe Glibc.write(descriptor, $0 + offset, buffer.count - offset) }
                    ?? 0
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return try abandon(temporary, descriptor) }
            offset += count
        }
        guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else { return try abandon(temporary, descriptor) }
        _ = close(descriptor)
        guard unsafe rename(temporary, path) == 0 else {
            let why = reason()
            _ = unsafe unlink(temporary)
            throw ControlError(.failed, "\(path): \(why)")
        }
    }

    private static func abandon(_ path: String, _ descriptor: Int32) throws(ControlError) {
        let why = reason()
        _ = close(descriptor)
        _ = unsafe unlink(path)
        throw ControlError(.failed, "\(path): \(why)")
    }

    /// Whether something is there.
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// The first line of a file, without its end.
    static func line(_ path: String) throws(ControlError) -> String {
        let bytes = try read(path, limit: 65_536)
        let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
        return String(decoding: line, as: UTF8.self)
    }

    /// What `errno` says.
    static func reason() -> String { unsafe String(cString: strerror(errno)) }
}
