public import NetworkTypes

/// Bytes that arrive in pieces, in any order: of a TCP stream, of a fragmented datagram, of QUIC's handshake.
public struct ReassemblyBuffer: Sendable {
    /// Most runs of bytes with gaps between them.
    public static let maximumRuns = 64

    /// What became of a piece.
    public enum Insertion: Sendable {
        /// All of it was new.
        case added
        /// All of it was there, and the same.
        case repeated
        /// Some of it was there, or there with other bytes: what was there first stays, what is new was taken.
        case overlapping
        /// Too far out, or one run too many: nothing was taken.
        case refused
    }

    /// Most bytes; what would lie beyond is refused.
    public let limit: Int
    /// What is there; zeros in the gaps.
    private var bytes: [UInt8] = []
    /// Where bytes are, in order, none touching another.
    private var runs: [(start: Int, end: Int)] = []

    /// Empty.
    public init(limit: Int) { self.limit = limit }

    /// How many bytes are there without a gap, from the start on.
    public var contiguousCount: Int {
        guard let first = runs.first, first.start == 0 else { return 0 }
        return first.end
    }

    /// Offset past the last byte that is there.
    public var end: Int { runs.last?.end ?? 0 }

    /// The bytes without a gap, from the start on.
    public var contiguous: [UInt8] {
        let count = contiguousCount
        return count == bytes.count ? bytes : Array(bytes.prefix(count))
    }

    /// Takes what the reader holds, to where it belongs.
    public mutating func insert(_ piece: borrowing ByteReader, at offset: Int) -> Insertion {
        let start = piece.position
        let count = piece.remaining
        guard offset >= 0, offset <= limit, count <= limit - offset else { return .refused }
        guard count > 0 else { return .repeated }
        let end = offset + count
        // What comes in order, as nearly everything does, is appended.
        if offset == bytes.count {
            if offset == 0 {
                bytes = ByteString(piece).bytes
                runs.append((start: 0, end: end))
                return .added
            }
            if let last = runs.indices.last, runs[last].end == offset {
                bytes.append(contentsOf: ByteString(piece).bytes)
                runs[last].end = end
                return .added
            }
        }
        var first = 0
        while first < runs.count, runs[first].end < offset { first += 1 }
        var last = first
        while last < runs.count, runs[last].start <= end { last += 1 }
        guard first < last || runs.count < ReassemblyBuffer.maximumRuns else { return .refused }
        while bytes.count < end { bytes.append(0) }
        var known = 0
        var isSame = true
        var cursor = offset
        for index in first..<last {
            let run = runs[index]
            while cursor < Swift.min(run.start, end) {
                bytes[cursor] = piece.bytes[start + cursor - offset]
                cursor += 1
            }
            while cursor < Swift.min(run.end, end) {
                if bytes[cursor] != piece.bytes[start + cursor - offset] { isSame = false }
                known += 1
                cursor += 1
            }
        }
        while cursor < end {
            bytes[cursor] = piece.bytes[start + cursor - offset]
            cursor += 1
        }
        var run = (start: offset, end: end)
        if first < last {
            run.start = Swift.min(run.start, runs[first].start)
            run.end = Swift.max(run.end, runs[last - 1].end)
            runs[first] = run
            for _ in (first + 1)..<last { runs.remove(at: first + 1) }
        } else {
            runs.insert(run, at: first)
        }
        return known == 0 ? .added : known == count && isSame ? .repeated : .overlapping
    }

    /// Forgets the first `count` bytes, which must be there; what follows them is the new start.
    public mutating func removeFirst(_ count: Int) {
        guard count > 0, count <= contiguousCount else { return }
        bytes.removeFirst(count)
        for index in runs.indices {
            runs[index].start = Swift.max(runs[index].start - count, 0)
            runs[index].end -= count
        }
        if runs[0].end == 0 { runs.removeFirst() }
    }
}
