public import NetworkTypes

/// The options of a TCP header and their layout (IANA "TCP Option Kind Numbers").
public struct TCPOptions: Hashable, Sendable {
    /// Kinds in order; an end-of-list closes them.
    public private(set) var kinds: [UInt8] = []
    /// Bytes after an end-of-list.
    public private(set) var paddingLength = 0
    /// Some of those bytes are not zero.
    public private(set) var hasNonzeroPadding = false
    /// An option runs past the end or has a length that its kind does not allow.
    public private(set) var isMalformed = false
    /// Option 2.
    public private(set) var maximumSegmentSize: UInt16?
    /// Option 3: by how many bits windows are shifted.
    public private(set) var windowScale: UInt8?
    /// Option 8: own and echoed clock.
    public private(set) var timestamps: (own: UInt32, echoed: UInt32)?

    /// All that `reader` has left; what is wrong is noted, not refused, because it is a trait of the sender.
    public init(parsing reader: inout ByteReader) {
        while let kind = reader.peek() {
            kinds.append(kind)
            do throws(DecodeError) {
                try reader.skip(1)
                switch kind {
                case 0:
                    readPadding(&reader)
                    return
                case 1: continue
                default:
                    let length = Int(try reader.readUInt8())
                    guard length >= 2 else { throw reader.error(.malformed) }
                    var content = try reader.slice(length - 2)
                    try read(kind, &content)
                }
            } catch {
                isMalformed = true
                return
            }
        }
    }

    private mutating func readPadding(_ reader: inout ByteReader) {
        paddingLength = reader.remaining
        while let byte = try? reader.readUInt8() {
            if byte != 0 { hasNonzeroPadding = true }
        }
    }

    private mutating func read(_ kind: UInt8, _ content: inout ByteReader) throws(DecodeError) {
        switch kind {
        case 2: maximumSegmentSize = try content.readUInt16()
        case 3: windowScale = try content.readUInt8()
        case 4: break
        case 5:
            guard content.remaining >= 8, content.remaining <= 32 else { throw content.error(.malformed) }
            return
        case 8: timestamps = (try content.readUInt32(), try content.readUInt32())
        default: return
        }
        guard content.isAtEnd else { throw content.error(.trailingBytes) }
    }

    /// All but the timestamps, which are clocks, not traits.
    public static func == (left: TCPOptions, right: TCPOptions) -> Bool {
        left.kinds == right.kinds && left.paddingLength == right.paddingLength
            && left.hasNonzeroPadding == right.hasNonzeroPadding && left.isMalformed == right.isMalformed
            && left.maximumSegmentSize == right.maximumSegmentSize && left.windowScale == right.windowScale
    }

    /// Consistent with `==`.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(kinds)
        hasher.combine(maximumSegmentSize)
        hasher.combine(windowScale)
    }
}
