import Glibc
import NetworkTypes
import SystemIO

/// Folders that are written whole or not at all.
enum FolderSwap {
    /// Puts a folder with these files in the place of `path`. An old one must hold nothing but `.xml` files, so that a slip
    /// of the finger replaces no other folder.
    static func write(_ files: [(name: String, bytes: [UInt8])], to path: String) throws(ControlError) {
        let target = ByteString(utf8: path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path)
        let temporary = ByteString(utf8: "\(target.text).new-\(getpid())")
        var old: [ByteString]?
        guard !isLink(target.text) else {
            throw ControlError(.badData, "\(target): is a link; name the folder that it leads to")
        }
        if FileSystem.exists(target) {
            let names = try attempt { () throws(SystemError) in try FileSystem.list(target, limit: 4096) }
            if let stranger = names.first(where: { !$0.text.hasSuffix(".xml") }) {
                throw ControlError(
                    .badData,
                    "\(target): has \(Table.clean(stranger.text)) in it, so it is not a folder that this command wrote"
                )
            }
            old = names
        }
        do throws(ControlError) {
            try attempt { () throws(SystemError) in
                try FileSystem.makeDirectory(temporary, mode: 0o755)
                // Whatever the umask: the collector is another user.
                _ = unsafe chmod(temporary.text, 0o755)
                for file in files {
                    try FileSystem.writeAtomically(file.bytes, to: child(file.name, of: temporary), mode: 0o644)
                }
                if old == nil {
                    try FileSystem.move(temporary, over: target)
                } else {
                    try FileSystem.exchange(temporary, target)
                }
            }
        } catch {
            remove(temporary, files.map(\.name))
            throw error
        }
        // What was there has the temporary name now.
        if let old { remove(temporary, old.map(\.text)) }
    }

    private static func attempt<Value>(_ work: () throws(SystemError) -> Value) throws(ControlError) -> Value {
        do throws(SystemError) {
            return try work()
        } catch {
            throw ControlError(.failed, "\(error)")
        }
    }

    private static func child(_ name: String, of folder: ByteString) -> ByteString {
        ByteString(utf8: "\(folder.text)/\(name)")
    }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// A folder that is left behind does no harm.
    private static func remove(_ folder: ByteString, _ names: [String]) {
        for name in names { try? FileSystem.remove(child(name, of: folder)) }
        _ = unsafe rmdir(folder.text)
    }
}
