import NetworkTypes
import PacketParsing

/// The first bytes of TCP streams whose first message came in several segments.
///
/// A stream is kept only from the segment in which a message begins until that message is whole, so a table of a
/// few places serves a busy link, and a flood of SYNs does not touch it.
struct StreamTable: Sendable {
    /// Most unfinished streams; the oldest goes first.
    static let maximumStreams = 64
    /// Most bytes of one stream.
    static let maximumBytes = 8192
    /// Most segments of one stream.
    static let maximumSegments = 256

    /// Most unfinished streams of one device before it gives up its own where there is no room: a flood of one does not
    /// keep the messages of others from being read.
    static let maximumStreamsPerDevice = 16

    /// One direction of a connection.
    struct Key: Hashable, Sendable {
        /// Who sends; nil for what was not captured.
        let device: MACAddress?
        let source: IPAddress
        let destination: IPAddress
        let sourcePort: UInt16
        let destinationPort: UInt16
    }

    struct Stream: Sendable {
        let key: Key
        var kind: StreamKind
        /// Sequence number of the first byte of `buffer`.
        var firstSequence: UInt32
        /// When its first segment came.
        let sinceNanoseconds: UInt64
        var segmentCount = 1
        var buffer = ReassemblyBuffer(limit: StreamTable.maximumBytes)
    }

    enum Arrival {
        /// No stream is kept for this key.
        case unknown
        /// Nothing new can be decoded.
        case waits
        /// More bytes are there.
        case grew(Stream)
        /// The stream broke a limit and is forgotten.
        case oversized(Stream)
    }

    /// The oldest first.
    private var streams: [Stream] = []

    /// Whether nothing is kept.
    var isEmpty: Bool { streams.isEmpty }

    /// Keeps a stream; the one that had to go for it.
    mutating func insert(_ stream: Stream) -> Stream? {
        remove(stream.key)
        var evicted: Stream?
        if streams.count >= StreamTable.maximumStreams {
            var own = 0
            for other in streams where other.key.device == stream.key.device { own += 1 }
            let isFlood = own >= StreamTable.maximumStreamsPerDevice
            let index = isFlood ? streams.firstIndex { $0.key.device == stream.key.device } : 0
            evicted = streams.remove(at: index ?? 0)
        }
        streams.append(stream)
        return evicted
    }

    /// Takes out a ClientHello that began before a time.
    mutating func takeHello(before nanoseconds: UInt64) -> Stream? {
        guard let index = streams.firstIndex(where: { $0.kind == .tls && $0.sinceNanoseconds < nanoseconds }) else {
            return nil
        }
        return streams.remove(at: index)
    }

    mutating func remove(_ key: Key) {
        if let index = streams.firstIndex(where: { $0.key == key }) { streams.remove(at: index) }
    }

    /// Adds a segment to the stream it belongs to. A stream that grew is taken out: it is inserted again if its
    /// message is still not whole.
    mutating func append(_ key: Key, sequence: UInt32, _ payload: borrowing ByteReader) -> Arrival {
        guard let index = streams.firstIndex(where: { $0.key == key }) else { return .unknown }
        // Taken out while it is changed, so that its bytes are not copied.
        var stream = streams.remove(at: index)
        stream.segmentCount += 1
        let before = stream.buffer.contiguousCount
        // Before the first byte is what was read already; beyond the limit is what will not be.
        // Half of all numbers lie before; far ones of those are as good as those just before.
        let offset = Int(Swift.max(Int32(bitPattern: sequence &- stream.firstSequence), -0xFFFF))
        let start = payload.position + Swift.max(0, -offset)
        let room = StreamTable.maximumBytes - Swift.max(0, offset)
        let piece = ByteReader(payload.bytes, from: start, to: Swift.min(payload.end, start + Swift.max(0, room)))
        if room < 0 || start < payload.end && stream.isRefused(piece, at: Swift.max(0, offset)) {
            return .oversized(stream)
        }
        if stream.buffer.contiguousCount > before { return .grew(stream) }
        guard stream.segmentCount <= StreamTable.maximumSegments else { return .oversized(stream) }
        streams.insert(stream, at: index)
        return .waits
    }
}

extension StreamTable.Stream {
    var isOversized: Bool {
        buffer.contiguousCount >= StreamTable.maximumBytes || segmentCount >= StreamTable.maximumSegments
    }

    /// Takes a piece; true where there is no place for it.
    fileprivate mutating func isRefused(_ piece: borrowing ByteReader, at offset: Int) -> Bool {
        if case .refused = buffer.insert(piece, at: offset) { return true }
        return false
    }
}
