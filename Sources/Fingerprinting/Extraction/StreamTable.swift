import NetworkTypes

/// The first bytes of TCP streams whose first message came in several segments.
///
/// A stream is kept only from the segment in which a message begins until that message is whole, so a table of a
/// few places serves a busy link, and a flood of SYNs does not touch it.
struct StreamTable: Sendable {
    /// Most unfinished streams; the oldest goes first.
    static let maximumStreams = 64
    /// Most bytes of one stream.
    static let maximumBytes = 8192
    /// Most segments of one stream: each is one more attempt to decode it.
    static let maximumSegments = 12
    /// Most segments that came too early and wait for the gap to close.
    static let maximumWaiting = 4

    /// One direction of a connection.
    struct Key: Hashable, Sendable {
        let source: IPAddress
        let destination: IPAddress
        let sourcePort: UInt16
        let destinationPort: UInt16
    }

    struct Stream: Sendable {
        let key: Key
        let kind: StreamKind
        var bytes: [UInt8]
        /// Sequence number of the byte that comes next.
        var nextSequence: UInt32
        var segmentCount = 1
        var waiting: [(sequence: UInt32, bytes: [UInt8])] = []
    }

    enum Arrival {
        /// No stream is kept for this key.
        case unknown
        /// Nothing new can be decoded.
        case waits
        /// More bytes are there.
        case grew(Stream)
        /// The stream broke a limit and is forgotten.
        case oversized
    }

    /// The oldest first.
    private var streams: [Stream] = []

    /// Whether nothing is kept.
    var isEmpty: Bool { streams.isEmpty }

    /// Keeps a stream; true if another had to go.
    mutating func insert(_ stream: Stream) -> Bool {
        remove(stream.key)
        let isFull = streams.count >= StreamTable.maximumStreams
        if isFull { streams.removeFirst() }
        streams.append(stream)
        return isFull
    }

    mutating func remove(_ key: Key) {
        if let index = streams.firstIndex(where: { $0.key == key }) { streams.remove(at: index) }
    }

    /// Adds a segment to the stream it belongs to. A stream that grew is taken out: it is inserted again if its
    /// message is still not whole.
    mutating func append(_ key: Key, sequence: UInt32, _ payload: borrowing ByteReader) -> Arrival {
        guard let index = streams.firstIndex(where: { $0.key == key }) else { return .unknown }
        var stream = streams[index]
        stream.segmentCount += 1
        let distance = Int32(bitPattern: sequence &- stream.nextSequence)
        if distance > 0 {
            guard stream.waiting.count < StreamTable.maximumWaiting, stream.segmentCount <= StreamTable.maximumSegments,
                Int(distance) + payload.remaining <= StreamTable.maximumBytes
            else {
                streams.remove(at: index)
                return .oversized
            }
            stream.waiting.append((sequence, ByteString(payload).bytes))
            streams[index] = stream
            return .waits
        }
        let before = stream.bytes.count
        stream.append(sequence: sequence, ByteString(payload).bytes)
        stream.closeGaps()
        guard stream.bytes.count > before else {
            streams[index].segmentCount += 1
            if streams[index].segmentCount > StreamTable.maximumSegments { streams.remove(at: index) }
            return .waits
        }
        streams.remove(at: index)
        return stream.isOversized ? .oversized : .grew(stream)
    }
}

extension StreamTable.Stream {
    var isOversized: Bool {
        bytes.count >= StreamTable.maximumBytes || segmentCount >= StreamTable.maximumSegments
    }

    /// Takes what is new of a segment that begins at or before the next byte.
    mutating func append(sequence: UInt32, _ segment: [UInt8]) {
        let known = Int(clamping: nextSequence &- sequence)
        guard known < segment.count else { return }
        let room = StreamTable.maximumBytes - bytes.count
        let new = segment[known..<Swift.min(segment.count, known + room)]
        bytes.append(contentsOf: new)
        nextSequence = nextSequence &+ UInt32(truncatingIfNeeded: new.count)
    }

    mutating func closeGaps() {
        var found = true
        while found {
            found = false
            for index in waiting.indices where Int32(bitPattern: waiting[index].sequence &- nextSequence) <= 0 {
                let segment = waiting.remove(at: index)
                append(sequence: segment.sequence, segment.bytes)
                found = true
                break
            }
        }
    }
}
