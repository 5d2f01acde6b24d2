public import NetworkTypes

/// Writes the pairs of a map with unsigned keys, which must ascend.
///
/// A field that is zero or empty is left out; the reader then has its default. Booleans, and whatever is written
/// through `encode`, are always there.
public struct CBORMapWriter {
    var body = CBOREncoder()
    var count = 0
    private var lastKey: UInt64?

    private mutating func begin(_ key: UInt64) {
        // A wrong order would be refused by every reader, so it may not leave a test run.
        assert(lastKey.map { $0 < key } ?? true, "keys of a map must ascend")
        lastKey = key
        count += 1
        body.unsigned(key)
    }

    /// A number, left out if 0.
    public mutating func unsigned(_ key: UInt64, _ value: UInt64) {
        guard value != 0 else { return }
        begin(key)
        body.unsigned(value)
    }

    /// A truth value.
    public mutating func boolean(_ key: UInt64, _ value: Bool) {
        begin(key)
        body.boolean(value)
    }

    /// A byte string, left out if empty.
    public mutating func bytes(_ key: UInt64, _ value: ByteString) {
        guard !value.isEmpty else { return }
        begin(key)
        body.bytes(value.bytes)
    }

    /// A text string, left out if empty, cut at `limit` bytes.
    public mutating func text(_ key: UInt64, _ value: ByteString, limit: Int = Int.max) {
        guard !value.isEmpty else { return }
        begin(key)
        body.text(value, limit: limit)
    }

    /// An array, left out if empty, cut at `limit` elements.
    public mutating func array<Element>(
        _ key: UInt64,
        _ elements: [Element],
        limit: Int = Int.max,
        _ encode: (Element, inout CBOREncoder) -> Void
    ) {
        guard !elements.isEmpty else { return }
        begin(key)
        let count = Swift.min(elements.count, limit)
        body.array(count: count)
        for element in elements[..<count] { encode(element, &body) }
    }

    /// A map within the map.
    public mutating func map(_ key: UInt64, _ fields: (inout CBORMapWriter) -> Void) {
        begin(key)
        body.map(fields)
    }

    /// Any one item.
    public mutating func item(_ key: UInt64, _ encode: (inout CBOREncoder) -> Void) {
        begin(key)
        encode(&body)
    }
}
