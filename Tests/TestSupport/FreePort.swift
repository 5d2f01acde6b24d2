import Foundation
import Glibc
import Synchronization

/// TCP ports of 127.0.0.1 for programs that must be told theirs beforehand.
public enum FreePort {
    private static let taken = Mutex<Set<Int>>([])

    /// A port that nobody listens on, and that no other test of this process got.
    public static func take() throws -> Int {
        for _ in 0..<100 {
            guard let port = freePort() else { continue }
            if taken.withLock({ $0.insert(port).inserted }) { return port }
        }
        throw TestFailure("no free port")
    }

    /// What the kernel gives for port 0.
    private static func freePort() -> Int? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return bind(descriptor, port: 0) ? port(of: descriptor) : nil
    }

    /// Whether somebody listens on a port.
    public static func isListenedOn(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = loopback(port)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// Runs `body` with a port that somebody else listens on meanwhile.
    public static func whileOccupied<Value>(_ body: (Int) async throws -> Value) async throws -> Value {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw TestFailure("no free port") }
        defer { close(descriptor) }
        guard bind(descriptor, port: 0), listen(descriptor, 1) == 0, let port = port(of: descriptor) else {
            throw TestFailure("no free port")
        }
        return try await body(port)
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func bind(_ descriptor: Int32, port: Int) -> Bool {
        var address = loopback(port)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func port(of descriptor: Int32) -> Int? {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isKnown = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) == 0 }
        }
        return isKnown ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }
}
