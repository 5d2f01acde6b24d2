internal import CLinux
internal import NetworkTypes

/// The records of one severity: segments, of which the last is written, and a place from which is read.
final class SpoolStream {
    /// Bytes read from the disk at a time; a longer record is read by itself.
    private static let chunkBytes = 16_384

    let severity: UInt8
    private let directory: ByteString
    private let segmentBytes: UInt64
    private let format = SpoolFormat()
    private(set) var segments: [SpoolSegment] = []
    private var nextNumber: UInt64 = 1
    private var writing: Descriptor?
    private(set) var isDirty = false
    /// The segment that was made of the reserve.
    private var reserveNumber: UInt64 = 0
    // Segments that were closed with bytes that are still to be flushed.
    private var closedDirty: [UInt64] = []

    // Where the next record is read: in segment `readNumber`, at `readOffset`.
    private var readNumber: UInt64 = 0
    private var readOffset: UInt64 = 0
    private var readMark = SpoolRecord.Mark.zero
    private var chunk: [UInt8] = []
    private var chunkOffset: UInt64 = 0
    private var peeked: SpoolRecord?

    init(severity: UInt8, directory: ByteString, segmentBytes: UInt64) {
        self.severity = severity
        self.directory = directory
        self.segmentBytes = segmentBytes
    }

    /// Length of all segments.
    var bytes: UInt64 { segments.reduce(0) { $0 + $1.bytes } }

    func path(_ number: UInt64) -> ByteString {
        var path = directory
        path.append(byte: 0x2F)
        path.append(SpoolSegment.name(severity: severity, number: number))
        return path
    }

    // MARK: Recovery

    /// Takes in a segment that an earlier run left, in ascending order of number. Records that are cut off or damaged
    /// are left out, and the file is written anew without them. Returns the number of bytes left out.
    func recover(_ number: UInt64) throws(SystemError) -> UInt64 {
        let path = path(number)
        let bytes = try FileSystem.read(path, limit: SpoolStore.segmentLimitBytes + SpoolStore.recordLimitBytes + 64)
        var segment = SpoolSegment(number: number)
        var sound: [UInt8] = []
        var offset = 0
        var lost: UInt64 = 0
        while offset < bytes.count {
            guard let found = format.decode(bytes, at: offset), found.record.severity == severity,
                found.record.mark > (segment.count > 0 ? segment.lastMark : lastMark)
            else {
                // A file that was made of the reserve ends with what is left of that.
                if bytes[offset...].allSatisfy({ $0 == SpoolStore.reserveByte }) {
                    reserveNumber = number
                    break
                }
                // Damage: go on at the next byte, where a sound record may begin.
                offset += 1
                lost += 1
                continue
            }
            segment.add(found.record, bytes: found.next - offset)
            sound.append(contentsOf: bytes[offset..<found.next])
            offset = found.next
        }
        nextNumber = max(nextNumber, number + 1)
        if segment.count == 0 {
            do throws(SystemError) { try FileSystem.remove(path) } catch {
                guard error.isOfTheDisk else { throw error }
            }
            return lost
        }
        if lost > 0 {
            do throws(SystemError) {
                try FileSystem.writeAtomically(sound, to: path, mode: SpoolStore.fileMode)
            } catch {
                guard error.isOfTheDisk else { throw error }
                // What is torn lies mostly at the end, which is not read. Elsewhere the file waits for the next start.
                if !sound.elementsEqual(bytes.prefix(sound.count)) { return UInt64(bytes.count) }
            }
        }
        segments.append(segment)
        return lost
    }

    /// The mark of the newest record; zero where there is none.
    var lastMark: SpoolRecord.Mark { segments.last?.lastMark ?? .zero }

    // MARK: Writing

    /// Bytes that `record` takes on the disk.
    func size(of record: SpoolRecord) -> UInt64 { UInt64(SpoolFormat.headerBytes + record.body.count) }

    private func limit(of segment: SpoolSegment) -> UInt64 {
        segment.number == reserveNumber ? min(UInt64(SpoolStore.reserveBytes), segmentBytes) : segmentBytes
    }

    /// Whether one of its segments was made of the reserve.
    var holdsReserve: Bool { segments.contains { $0.number == reserveNumber } }

    /// Appends a record to the last segment, or to a new one where that is full. Returns whether a file was made.
    /// After an error the segment is as it was before.
    func append(_ record: SpoolRecord) throws(SystemError) -> Bool {
        var isNew = false
        let isFull = segments.last.map { $0.bytes + size(of: record) > limit(of: $0) } ?? true
        if isFull || writing == nil {
            if isDirty, writing != nil, let last = segments.last { closedDirty.append(last.number) }
            writing = nil
            let path = path(nextNumber)
            let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, mode: SpoolStore.fileMode)
            writing = consume file
            segments.append(SpoolSegment(number: nextNumber))
            nextNumber += 1
            isNew = true
        }
        let last = segments.count - 1
        let bytes = format.encode(record)
        do throws(SystemError) {
            try write(bytes, path(segments[last].number))
        } catch {
            cutLast()
            throw error
        }
        segments[last].add(record, bytes: bytes.count)
        isDirty = true
        return isNew
    }

    /// Makes a file that takes room already the next segment; records are written over what is in it.
    func begin(in reserve: ByteString) throws(SystemError) {
        let path = path(nextNumber)
        try FileSystem.rename(reserve, path)
        let file = try Descriptor.open(path, O_WRONLY)
        if isDirty, writing != nil, let last = segments.last { closedDirty.append(last.number) }
        writing = consume file
        segments.append(SpoolSegment(number: nextNumber))
        nextNumber += 1
        reserveNumber = segments[segments.count - 1].number
    }

    /// Makes a segment the reserve again, without ever freeing its room.
    private func giveBack(_ path: ByteString) throws(SystemError) {
        reserveNumber = 0
        try FileSystem.overwrite(path, with: SpoolStore.reserveContent)
        try FileSystem.rename(path, SpoolStore.reservePath(in: directory))
    }

    private func write(_ bytes: [UInt8], _ path: ByteString) throws(SystemError) {
        guard let number = writing?.rawValue else { return }
        var written = 0
        while written < bytes.count {
            let start = written
            written += try SystemCall.retrying("write", path) {
                unsafe bytes.withUnsafeBytes { buffer in
                    unsafe CLinux.write(number, buffer.baseAddress.map { unsafe $0 + start }, bytes.count - start)
                }
            }
        }
    }

    /// Takes a record back that was written in part.
    private func cutLast() {
        guard let last = segments.last, let number = writing?.rawValue else { return }
        if last.number == reserveNumber {
            // Its room stays its own; what is torn is left out by `recover`.
            writing = nil
            return
        }
        if last.count == 0 {
            writing = nil
            segments.removeLast()
            _ = unsafe path(last.number).withTerminated { unsafe unlink($0) }
        } else if gh_truncate(number, last.bytes) < 0 {
            // The torn record stays behind in a segment that is not written any more; `recover` will leave it out.
            closedDirty.append(last.number)
            writing = nil
        }
    }

    /// Flushes what was appended since the last call. A segment that was closed meanwhile is flushed as well.
    func flush() throws(SystemError) {
        for number in closedDirty where segments.contains(where: { $0.number == number }) {
            let path = path(number)
            try Descriptor.open(path, O_WRONLY).flushData(path)
        }
        if let number = writing?.rawValue {
            _ = try SystemCall.retrying("flush", directory) { fdatasync(number) }
        }
        closedDirty.removeAll()
        isDirty = false
    }

    // MARK: Removing

    /// Removes the oldest segment.
    func removeFirst() throws(SystemError) {
        guard let first = segments.first else { return }
        if segments.count == 1 { writing = nil }
        let isReserve = first.number == reserveNumber && (try? giveBack(path(first.number))) != nil
        if !isReserve { try FileSystem.unlinkIfPresent(path(first.number)) }
        segments.removeFirst()
        if readNumber <= first.number { rewind() }
    }

    /// How many records of the oldest segment come after `mark`.
    func countOfFirst(after mark: SpoolRecord.Mark) throws(SystemError) -> UInt64 {
        guard let first = segments.first else { return 0 }
        if first.firstMark > mark { return first.count }
        let bytes = try FileSystem.read(path(first.number), limit: Int(first.bytes))
        var count: UInt64 = 0
        var offset = 0
        while let found = format.decode(bytes, at: offset) {
            if found.record.mark > mark { count += 1 }
            offset = found.next
        }
        return count
    }

    // MARK: Reading

    private func rewind() {
        readNumber = 0
        readOffset = 0
        readMark = .zero
        chunk = []
        peeked = nil
    }

    /// The first record after `mark`; nil where there is none. Cheap where `mark` does not go back.
    func first(after mark: SpoolRecord.Mark) throws(SystemError) -> SpoolRecord? {
        if mark < readMark { rewind() }
        readMark = mark
        while true {
            if let peeked, peeked.mark > mark { return peeked }
            peeked = nil
            guard let segment = segments.first(where: { $0.number >= readNumber && $0.lastMark > mark }) else {
                chunk = []
                return nil
            }
            if segment.number != readNumber {
                readNumber = segment.number
                readOffset = 0
                chunk = []
            }
            guard let record = try next(in: segment) else {
                // Unreadable although it was sound: the disk fails. Pass over the rest of the segment.
                readNumber = segment.number + 1
                readOffset = 0
                chunk = []
                damagedSegments += 1
                continue
            }
            peeked = record
        }
    }

    /// Segments of which a part could not be read back.
    private(set) var damagedSegments: UInt64 = 0

    private func next(in segment: SpoolSegment) throws(SystemError) -> SpoolRecord? {
        for wanted in [SpoolStream.chunkBytes, SpoolFormat.headerBytes + SpoolStore.recordLimitBytes] {
            if readOffset >= chunkOffset, readOffset - chunkOffset < UInt64(chunk.count),
                let found = format.decode(chunk, at: Int(readOffset - chunkOffset))
            {
                readOffset = chunkOffset + UInt64(found.next)
                return found.record
            }
            guard readOffset < segment.bytes else { return nil }
            let path = path(segment.number)
            let file = try Descriptor.open(path, O_RDONLY)
            chunk = try file.read(Int(min(UInt64(wanted), segment.bytes - readOffset)), at: readOffset, path)
            chunkOffset = readOffset
        }
        guard let found = format.decode(chunk, at: 0) else { return nil }
        readOffset = chunkOffset + UInt64(found.next)
        return found.record
    }
}
