public import NetworkTypes

/// Walks over a map with unsigned keys, which must ascend.
///
///     var map = try CBORMapReader(parsing: &reader)
///     while let key = try map.nextKey(&reader) {
///         switch key {
///         case 1: generation = try reader.readCBORUnsigned()
///         default: try reader.skipCBORItem()
///         }
///     }
public struct CBORMapReader {
    /// Most pairs of a map with integer keys; formats of this project have far fewer.
    public static let maximumPairCount = 256

    private var remaining: Int
    private var lastKey: UInt64?

    /// The head of a map.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        remaining = try reader.readCBORMap(limit: CBORMapReader.maximumPairCount)
    }

    /// The next key, or nil after the last pair. Its value must be read or skipped before the next call.
    ///
    /// A key that is not an unsigned integer is `.unsupported`: negative keys are kept for what a reader may not
    /// skip. Keys out of order or doubled are `.notCanonical`.
    public mutating func nextKey(_ reader: inout ByteReader) throws(DecodeError) -> UInt64? {
        guard remaining > 0 else { return nil }
        remaining -= 1
        let start = reader.position
        let head = try reader.readCBORHead()
        guard head.type == .unsigned else { throw DecodeError(.unsupported, at: start) }
        if let lastKey, lastKey >= head.argument { throw DecodeError(.notCanonical, at: start) }
        lastKey = head.argument
        return head.argument
    }
}
