import NetworkTypes
import SystemIO

/// What the host says of itself.
enum ProcessFacts {
    /// The host's name.
    static var hostname: ByteString { read("/proc/sys/kernel/hostname").trimmed }

    /// The kernel's release.
    static var kernelRelease: ByteString { read("/proc/sys/kernel/osrelease").trimmed }

    /// Debian's name of the architecture this program was built for.
    static var architecture: ByteString {
        #if arch(arm64)
        return "arm64"
        #elseif arch(arm)
        return "armhf"
        #else
        return "amd64"
        #endif
    }

    /// Resident memory of this process, KiB (proc(5), `VmRSS`).
    static var residentKiB: UInt64 {
        for line in read("/proc/self/status").split(0x0A) where line.hasPrefix("VmRSS:") {
            for word in line.split(0x20) { if let value = Decimal.parse(word) { return value } }
        }
        return 0
    }

    /// The words after the program's name (proc(5), `cmdline`): Embedded Swift has no `CommandLine` for Linux on ARM.
    static var arguments: [ByteString] {
        var words = read("/proc/self/cmdline", limit: 64 << 10).split(0)
        if words.last?.isEmpty == true { words.removeLast() }
        return Array(words.dropFirst())
    }

    /// A small file of procfs; empty where there is none.
    private static func read(_ path: ByteString, limit: Int = 4096) -> ByteString {
        do throws(SystemError) { return ByteString(try FileSystem.read(path, limit: limit)) } catch { return "" }
    }
}
