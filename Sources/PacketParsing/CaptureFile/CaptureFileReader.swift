public import NetworkTypes

/// Reads pcap and pcapng files piece by piece, in either byte order (draft-ietf-opsawg-pcap, -pcapng).
///
/// Frames that lie whole in the piece they were fed with are handed on without being copied; only what crosses the
/// end of a piece is kept. So memory is bounded by `maximumBlockLength`, whatever the file claims.
public struct CaptureFileReader: Sendable {
    /// Longest block or frame that is decoded; longer ones are passed over and counted. tcpdump's own limit.
    public static let maximumBlockLength = 262_144
    /// Most interfaces in a pcapng section; more are an error.
    public static let maximumInterfaces = 256

    enum Format { case unknown, pcap, pcapng }

    enum Progress {
        /// So many bytes were dealt with.
        case consumed(Int)
        /// So many are needed from here on.
        case needs(Int)
    }

    /// Frames handed on.
    public internal(set) var frameCount: UInt64 = 0
    /// Frames and blocks longer than `maximumBlockLength`.
    public internal(set) var oversizedCount: UInt64 = 0
    /// Packet blocks of an interface that no block described.
    public internal(set) var unknownInterfaceCount: UInt64 = 0
    /// Bytes dealt with.
    public private(set) var byteCount: UInt64 = 0

    var format = Format.unknown
    var isLittleEndian = false
    /// pcap: what the fraction of a second counts.
    var nanosecondsPerTick: UInt64 = 1000
    var linkType = LinkType.ethernet
    var interfaces: [CaptureInterface] = []
    /// Bytes to pass over.
    var skipCount: UInt64 = 0

    /// The start of a block whose end is still to come.
    private var carry: [UInt8] = []
    /// How long `carry` must be before it is looked at again.
    private var neededCount = 0

    /// Ready for the first byte of a file.
    public init() {}

    /// Takes the next bytes of the file and calls `frame` for every frame that is now whole, with its bytes.
    ///
    /// - Throws: `unsupported` where the file is no capture, `malformed` where blocks contradict themselves. The
    ///   offset counts from the start of the file. Nothing more may be fed then; what was handed on stays valid.
    public mutating func feed(
        _ chunk: borrowing Span<UInt8>,
        _ frame: (CapturedFrame, borrowing Span<UInt8>) -> Void
    ) throws(DecodeError) {
        var offset = 0
        while offset < chunk.count {
            if skipCount > 0 {
                let count = Int(Swift.min(skipCount, UInt64(chunk.count - offset)))
                skipCount -= UInt64(count)
                offset += count
                byteCount += UInt64(count)
            } else if !carry.isEmpty {
                let count = Swift.min(neededCount - carry.count, chunk.count - offset)
                for index in offset..<(offset + count) { carry.append(chunk[index]) }
                offset += count
                if carry.count == neededCount { try stepCarry(frame) }
            } else {
                switch try step(chunk, from: offset, frame) {
                case .consumed(let count):
                    offset += count
                    byteCount += UInt64(count)
                case .needs(let count):
                    neededCount = count
                    for index in offset..<chunk.count { carry.append(chunk[index]) }
                    offset = chunk.count
                }
            }
        }
    }

    /// Whether the file ends in the middle of a block, or before its header. Call it after the last byte.
    public var isTruncated: Bool { format == .unknown || skipCount > 0 || !carry.isEmpty }

    private mutating func stepCarry(_ frame: (CapturedFrame, borrowing Span<UInt8>) -> Void) throws(DecodeError) {
        var held: [UInt8] = []
        swap(&held, &carry)
        switch try step(held.span, from: 0, frame) {
        case .consumed(let count):
            byteCount += UInt64(count)
            held.removeFirst(count)
        case .needs(let count): neededCount = count
        }
        // Taken back for its memory; empty unless more is needed.
        carry = held
    }

    private mutating func step(
        _ bytes: borrowing Span<UInt8>,
        from start: Int,
        _ frame: (CapturedFrame, borrowing Span<UInt8>) -> Void
    ) throws(DecodeError) -> Progress {
        do throws(DecodeError) {
            switch format {
            case .unknown: return try stepHeader(bytes, from: start)
            case .pcap: return try stepRecord(bytes, from: start, frame)
            case .pcapng: return try stepBlock(bytes, from: start, frame)
            }
        } catch {
            let offset = byteCount + UInt64(Swift.max(error.offset - start, 0))
            throw DecodeError(error.reason, at: Int(clamping: offset))
        }
    }
}
