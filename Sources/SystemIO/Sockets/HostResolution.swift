internal import CLinux
public import NetworkTypes

/// Finds the addresses of a name without holding the agent up: getaddrinfo(3) runs in a child process.
///
/// getaddrinfo blocks for as long as the resolvers in resolv.conf take, and the agent has one thread. The child is
/// a fork of a process with one thread, so it may call anything; it writes the addresses to a pipe and ends. An alarm
/// ends it when the time is over, and letting go of this object kills it. One child runs per (re)connect, not per
/// packet, so its cost (about a millisecond) does not matter.
public final class HostResolution {
    /// The most addresses one name may give; the rest is left out.
    public static let addressLimit = 16

    /// How far it is.
    public enum Progress: Hashable, Sendable {
        /// Wait for the descriptor.
        case pending
        /// Done, in the order to be tried (RFC 6724). Never empty.
        case addresses([IPAddress])
        /// The name could not be resolved: the resolver's words.
        case failed(ByteString)
    }

    private let pipe: Descriptor
    private let child: Int32
    private var received: [UInt8] = []
    private var isOver = false

    /// The number to register.
    public var descriptor: Int32 { pipe.rawValue }

    /// Begins to resolve. An address in place of a name is resolved too, at once.
    public init(_ host: ByteString, limitSeconds: UInt32) throws(SystemError) {
        try host.checkedAsPath("resolve")
        var ends: (Int32, Int32) = (-1, -1)
        _ = try SystemCall.retrying("make a pipe to resolve", host) { unsafe gh_pipe(&ends.0, &ends.1) }
        let reading = Descriptor(owning: ends.0)
        let writing = Descriptor(owning: ends.1)
        let number = writing.rawValue
        let process = gh_fork()
        if process == 0 {
            _ = alarm(max(limitSeconds, 1))
            HostResolution.work(host, number)
            _exit(0)
        }
        guard process > 0 else { throw SystemError("start a process to resolve", host) }
        pipe = reading
        child = process
    }

    deinit {
        if !isOver { _ = kill(child, SIGKILL) }
        // With SIGCHLD ignored (as the agent has it) the kernel has reaped it, and this says ECHILD.
        var status: Int32 = 0
        _ = unsafe waitpid(child, &status, 0)
    }

    /// Takes in what the child has written.
    public func progress() throws(SystemError) -> Progress {
        var chunk = [UInt8](repeating: 0, count: 512)
        while true {
            let got = try SystemCall.retryingUnlessBlocked("resolve", "a name") {
                unsafe chunk.withUnsafeMutableBytes { unsafe read(pipe.rawValue, $0.baseAddress, $0.count) }
            }
            guard let got else { return .pending }
            if got == 0 { break }
            received.append(contentsOf: chunk[0..<got])
        }
        isOver = true
        return HostResolution.parse(received)
    }

    /// Resolves and waits for it: for programs that do nothing else meanwhile (`enroll`).
    public static func blocking(_ host: ByteString) -> Progress {
        if let address = IPAddress(host) { return .addresses([address]) }
        return parse(lookUp(host))
    }

    // In the child: the addresses as family and 16 octets each, or 0 and the words of the error.
    private static func work(_ host: ByteString, _ number: Int32) {
        let bytes = lookUp(host)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(number, $0.baseAddress, $0.count) }
    }

    private static func lookUp(_ host: ByteString) -> [UInt8] {
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe host.withTerminated { unsafe gh_resolve($0, &list) }
        guard code == 0 else { return unsafe [0] + ByteString(terminated: gai_strerror(code)).bytes }
        defer { unsafe freeaddrinfo(list) }
        var bytes: [UInt8] = []
        var entry = unsafe list
        while let present = unsafe entry, bytes.count < addressLimit * 17 {
            var plain = gh_address()
            if unsafe gh_addrinfo_address(present, &plain) == 0, let address = IPAddress(plain) {
                let octets = address.octets
                bytes.append(address.family.rawValue)
                bytes.append(contentsOf: octets)
                bytes.append(contentsOf: repeatElement(0, count: 16 - octets.count))
            }
            unsafe entry = present.pointee.ai_next
        }
        return bytes
    }

    private static func parse(_ bytes: [UInt8]) -> Progress {
        guard let first = bytes.first else { return .failed("no answer in time") }
        if first == 0 { return .failed(ByteString(Array(bytes.dropFirst()))) }
        var addresses: [IPAddress] = []
        var offset = 0
        while offset + 17 <= bytes.count {
            let length = bytes[offset] == 4 ? 4 : 16
            if let address = IPAddress(octets: Array(bytes[(offset + 1)..<(offset + 1 + length)])) {
                addresses.append(address)
            }
            offset += 17
        }
        return addresses.isEmpty ? .failed("the name has no address") : .addresses(addresses)
    }
}
