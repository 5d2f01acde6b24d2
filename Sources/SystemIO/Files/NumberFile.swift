internal import CLinux
public import NetworkTypes

/// One number kept in a file: the boot epoch, the time floor, the highest policy generation seen.
public struct NumberFile: Sendable {
    /// Where it is kept.
    public let path: ByteString
    /// The longest a number file may be: 20 digits and a line feed, with room for an editor's blanks.
    public static let limitBytes = 64

    /// The file at `path`, which need not exist yet.
    public init(_ path: ByteString) { self.path = path }

    /// The number; nil where there is no file. A file that holds something else is EILSEQ, never a silent zero:
    /// an epoch that starts anew would make the collector drop reports as repeated.
    public func read() throws(SystemError) -> UInt64? {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileSystem.read(path, limit: NumberFile.limitBytes)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
        guard let value = Decimal.parse(ByteString(bytes).trimmed) else {
            throw SystemError(code: EILSEQ, operation: "read a number from", subject: path)
        }
        return value
    }

    /// Keeps `value`; it is on the disk when this returns.
    ///
    /// A full disk has no room for a new file beside it, but the block that the file has already is its own: then it is
    /// written there. A power cut in that moment may leave both numbers mixed, or an empty file.
    public func write(_ value: UInt64) throws(SystemError) {
        var text = ByteString()
        text.append(decimal: value)
        text.append(byte: 0x0A)
        do throws(SystemError) {
            try FileSystem.writeAtomically(text.bytes, to: path, mode: 0o600)
        } catch {
            guard error.isOutOfSpace, FileSystem.exists(path) else { throw error }
            try FileSystem.overwrite(path, with: text.bytes)
        }
    }

    /// Adds one, keeps it, and returns it: 1 the first time.
    public func increment() throws(SystemError) -> UInt64 {
        let next = (try read() ?? 0) &+ 1
        try write(next)
        return next
    }

    /// Keeps the greater of `value` and what is there, and returns it (a floor that never sinks).
    public func raise(to value: UInt64) throws(SystemError) -> UInt64 {
        let present = try read() ?? 0
        guard value > present else { return present }
        try write(value)
        return value
    }
}
