internal import CLinux
public import NetworkTypes

/// What the kernel says of this host and of this process.
public struct HostFacts: Hashable, Sendable {
    /// `uname -r`: `6.1.0-18-arm64`
    public let kernelRelease: ByteString
    /// `uname -m`: `aarch64`, `armv7l`, `x86_64`
    public let machine: ByteString
    /// The host's name.
    public let hostName: ByteString

    /// Asks the kernel.
    public init() throws(SystemError) {
        var facts = utsname()
        _ = try SystemCall.retrying("ask for the facts of", "this host") { unsafe uname(&facts) }
        kernelRelease = unsafe HostFacts.text(of: &facts.release)
        machine = unsafe HostFacts.text(of: &facts.machine)
        hostName = unsafe HostFacts.text(of: &facts.nodename)
    }

    /// Resident memory of this process in bytes, and the private part of it; nil where /proc does not say.
    public static func residentBytes() -> (total: UInt64, own: UInt64)? {
        // /proc/self/statm (proc(5)): size, resident, shared, … in pages.
        guard let text = try? FileSystem.read("/proc/self/statm", limit: 256) else { return nil }
        let words = ByteString(text).split(0x20)
        guard words.count > 2, let resident = Decimal.parse(words[1]), let shared = Decimal.parse(words[2]) else {
            return nil
        }
        let page = UInt64(max(sysconf(Int32(_SC_PAGESIZE)), 1))
        return (resident * page, (resident - min(shared, resident)) * page)
    }

    private static func text<Field>(of field: UnsafeMutablePointer<Field>) -> ByteString {
        var bytes: [UInt8] = []
        let raw = unsafe UnsafeRawBufferPointer(start: field, count: MemoryLayout<Field>.size)
        for index in raw.indices {
            let byte = unsafe raw[index]
            if byte == 0 { break }
            bytes.append(byte)
        }
        return ByteString(bytes)
    }
}
