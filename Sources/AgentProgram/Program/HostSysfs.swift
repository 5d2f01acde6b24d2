import CLinux
import Fingerprinting
import NetworkTypes
import SystemIO

/// The sysfs of this host, or a tree like it below another root.
final class HostSysfs: SysfsTree {
    private let root: ByteString

    init(root: ByteString) {
        self.root = root == "/" ? "" : root
    }

    func entries(of directory: ByteString) -> [ByteString] {
        do throws(SystemError) {
            return try FileSystem.list("\(root)\(directory)", limit: 4096)
        } catch {
            return []
        }
    }

    func contents(of file: ByteString) -> ByteString? {
        do throws(SystemError) {
            return ByteString(try FileSystem.read("\(root)\(file)", limit: SysfsLimits.attributeBytes))
        } catch {
            return nil
        }
    }

    func resolve(_ path: ByteString) -> ByteString? {
        var terminated = ("\(root)\(path)" as ByteString).bytes.map { CChar(bitPattern: $0) }
        terminated.append(0)
        guard let resolved = unsafe realpath(terminated, nil) else { return nil }
        defer { unsafe free(resolved) }
        var bytes: [UInt8] = []
        var index = 0
        while unsafe resolved[index] != 0 {
            unsafe bytes.append(UInt8(bitPattern: resolved[index]))
            index += 1
        }
        let text = ByteString(bytes)
        // A link that leads out of the root leads nowhere.
        guard text.hasPrefix(root) else { return nil }
        return ByteString(Array(text.bytes.dropFirst(root.count)))
    }
}
