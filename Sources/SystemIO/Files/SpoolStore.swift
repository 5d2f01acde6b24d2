internal import CLinux
public import NetworkTypes

/// Reports on the disk until the collector has them.
///
/// Records of each severity lie in files of their own, so that giving up the least severe and oldest is the removal of
/// a file. Reading merges them in the order of their marks. A record is safe once `sync` has returned; what a power
/// cut tore is cut off at the next start, and counted.
public final class SpoolStore {
    /// The highest severity.
    public static let severityLimit: UInt8 = 3
    /// The longest a file grows, in bytes; files are shorter where `maximumBytes` is small.
    public static let segmentLimitBytes = 262_144
    /// The longest body of a record, in bytes.
    public static let recordLimitBytes = 65_536
    /// The most files a spool folder may have beside its own before it is refused.
    public static let fileLimit = 65_536
    /// Room that is kept for a full disk, in bytes:
    public static let reserveBytes = 65_536
    /// for records of at least this severity, so that it can be told that the disk is full, and what that prevents.
    public static let reserveSeverity: UInt8 = 2
    /// What fills that room until then.
    static let reserveByte: UInt8 = 0xA5
    /// Reports may name people's devices: nobody else reads them.
    static let fileMode: UInt32 = 0o600

    /// Where it lies.
    public let directory: ByteString
    /// The most bytes all files may have together.
    public let maximumBytes: UInt64
    /// Bytes that were cut off or left out because they were torn or damaged when the spool was opened.
    public private(set) var recoveredBytesLost: UInt64 = 0

    /// Whether the disk had no room for the last record, or only in place of others.
    public private(set) var isOutOfSpace = false

    private var streams: [SpoolStream] = []
    private var loss = SpoolLoss()
    /// The record that tells of it, while that is appended.
    private var account: SpoolRecord.Mark?
    private var forgotten = SpoolRecord.Mark.zero
    private var directoryIsDirty = false

    /// Opens the spool in a folder, making the folder where there is none, and takes in what is there.
    ///
    /// - Parameter maximumBytes: at least 16 times a record's greatest length.
    public init(directory: ByteString, maximumBytes: UInt64) throws(SystemError) {
        guard maximumBytes >= 16 * UInt64(SpoolStore.recordLimitBytes) else {
            throw SystemError(code: EINVAL, operation: "limit the spool to less than 1 MiB in", subject: directory)
        }
        self.directory = directory
        self.maximumBytes = maximumBytes
        let segmentBytes = min(UInt64(SpoolStore.segmentLimitBytes), maximumBytes / 16)
        for severity in 0...SpoolStore.severityLimit {
            streams.append(SpoolStream(severity: severity, directory: directory, segmentBytes: segmentBytes))
        }
        try FileSystem.makeDirectory(directory, mode: 0o700)
        // Names sort by severity, then number.
        for name in try FileSystem.list(directory, limit: SpoolStore.fileLimit) {
            guard let file = SpoolSegment.parse(name) else { continue }
            recoveredBytesLost += try streams[Int(file.severity)].recover(file.number)
        }
    }

    /// Bytes of all files together.
    public var bytes: UInt64 { streams.reduce(0) { $0 + $1.bytes } }

    /// Records in all files together; those of a file of which only a part is acknowledged are all counted.
    public var count: UInt64 {
        streams.reduce(0) { $0 + $1.segments.reduce(0) { $0 + $1.count } }
    }

    /// The mark of the newest record; zero where there is none. A new boot epoch must be greater than its epoch.
    public var lastMark: SpoolRecord.Mark { streams.reduce(.zero) { max($0, $1.lastMark) } }

    /// Files of which a part could not be read back although it was sound when it was written.
    public var damagedFiles: UInt64 { streams.reduce(0) { $0 + $1.damagedSegments } }

    /// Appends a record; it is safe when `sync` has returned.
    ///
    /// Where there is no room, the oldest file of the least severity is given up, again and again. A record less severe
    /// than all that is kept is given up itself: then this returns false. What was given up is in `takeLoss`.
    /// Throws EINVAL for a mark that is not greater than the last one of its severity, and EMSGSIZE for a body that is
    /// too long.
    public func append(_ record: SpoolRecord) throws(SystemError) -> Bool {
        guard record.body.count <= SpoolStore.recordLimitBytes else {
            throw SystemError(code: EMSGSIZE, operation: "spool a report in", subject: directory)
        }
        guard record.severity <= SpoolStore.severityLimit else {
            throw SystemError(code: EINVAL, operation: "spool a report of no known severity in", subject: directory)
        }
        let stream = streams[Int(record.severity)]
        guard record.mark > max(stream.lastMark, forgotten) else {
            throw SystemError(code: EINVAL, operation: "spool a report out of order in", subject: directory)
        }
        while bytes + stream.size(of: record) > maximumBytes {
            guard try giveUpOne(atMost: record.severity) else { return giveUp(record) }
        }
        isOutOfSpace = false
        while true {
            do throws(SystemError) {
                if try stream.append(record) { directoryIsDirty = true }
                return true
            } catch {
                // A full disk is a full spool.
                guard error.isOutOfSpace else {
                    _ = giveUp(record)
                    throw error
                }
                isOutOfSpace = true
                if try giveUpOne(atMost: record.severity) { continue }
                guard record.severity >= SpoolStore.reserveSeverity, useReserve(for: stream) else {
                    return giveUp(record)
                }
            }
        }
    }

    /// Makes everything appended so far last through a power cut. One call for a batch of appends.
    public func sync() throws(SystemError) {
        for stream in streams where stream.isDirty { try stream.flush() }
        if directoryIsDirty {
            try FileSystem.flushDirectory(directory)
            directoryIsDirty = false
        }
    }

    /// The records after `mark` in order, at most `count` of them and about `maximumBytes` bytes of bodies (at least
    /// one record, where there is one).
    public func read(
        after mark: SpoolRecord.Mark,
        count: Int,
        maximumBytes: Int
    ) throws(SystemError) -> [SpoolRecord] {
        var records: [SpoolRecord] = []
        var position = max(mark, forgotten)
        var bytes = 0
        while records.count < count {
            var next: SpoolRecord?
            for stream in streams {
                guard let candidate = try stream.first(after: position) else { continue }
                if let present = next, present.mark <= candidate.mark { continue }
                next = candidate
            }
            guard let next else { break }
            if !records.isEmpty, bytes + next.body.count > maximumBytes { break }
            bytes += next.body.count
            position = next.mark
            records.append(next)
        }
        return records
    }

    /// Forgets all records up to and with `mark`. Files that hold no others are removed; records of a file that holds
    /// others too are not read any more.
    public func forget(upTo mark: SpoolRecord.Mark) throws(SystemError) {
        forgotten = max(forgotten, mark)
        for stream in streams {
            while let first = stream.segments.first, first.lastMark <= mark { try stream.removeFirst() }
        }
    }

    /// What was given up and not told yet; nil where nothing was.
    public var unreportedLoss: SpoolLoss? { loss.count > 0 ? loss : nil }

    /// What was given up since the last call; nil where nothing was.
    public func takeLoss() -> SpoolLoss? {
        guard loss.count > 0 else { return nil }
        let taken = loss
        loss = SpoolLoss()
        return taken
    }

    /// Appends the record that tells of `told`, what `unreportedLoss` was. Where there is no room for it, that stays to be
    /// told, and the record itself is no part of it.
    public func append(_ record: SpoolRecord, telling told: SpoolLoss) throws(SystemError) -> Bool {
        loss = SpoolLoss()
        account = record.mark
        var isKept = false
        defer {
            account = nil
            // What others had to go for it is a new loss either way.
            if !isKept { loss.add(told) }
        }
        isKept = try append(record)
        return isKept
    }

    /// Keeps room for a full disk. To be called now and then: it was used, or there was none.
    public func keepReserve() {
        let path = SpoolStore.reservePath(in: directory)
        guard !FileSystem.exists(path), !streams.contains(where: { $0.holdsReserve }) else { return }
        _ = try? FileSystem.writeAtomically(SpoolStore.reserveContent, to: path, mode: SpoolStore.fileMode)
    }

    static func reservePath(in directory: ByteString) -> ByteString { "\(directory)/reserve" }

    /// Zeroes may take no room (on file systems with holes).
    static var reserveContent: [UInt8] { [UInt8](repeating: reserveByte, count: reserveBytes) }

    /// Lets a stream write its next records into the room that was kept; false where there is none. The room is never free
    /// for whoever fills the disk.
    private func useReserve(for stream: SpoolStream) -> Bool {
        do throws(SystemError) {
            try stream.begin(in: SpoolStore.reservePath(in: directory))
            directoryIsDirty = true
            return true
        } catch {
            return false
        }
    }

    /// Gives up the oldest file of the least severity that is not above `severity`; false where there is none.
    private func giveUpOne(atMost severity: UInt8) throws(SystemError) -> Bool {
        for stream in streams where stream.severity <= severity {
            guard let first = stream.segments.first else { continue }
            // Unreadable bytes cannot be told apart from acknowledged ones; then all are counted as lost.
            let count = (try? stream.countOfFirst(after: forgotten)) ?? first.count
            loss.add(
                count: count,
                severity: stream.severity,
                first: first.firstMilliseconds,
                last: first.lastMilliseconds
            )
            try stream.removeFirst()
            return true
        }
        return false
    }

    /// Counts a record that cannot be appended as given up.
    public func lose(_ record: SpoolRecord) { _ = giveUp(record) }

    private func giveUp(_ record: SpoolRecord) -> Bool {
        guard record.mark != account else { return false }
        loss.add(
            count: 1,
            severity: record.severity,
            first: record.timeMilliseconds,
            last: record.timeMilliseconds
        )
        return false
    }
}
