/// Concise Binary Object Representation, as far as Gatehouse uses it: RFC 8949 with the core deterministic encoding
/// of §4.2.1 (shortest arguments, definite lengths, map keys in the order of their encoded bytes).
///
/// One value has one encoding, so a signature or a hash over it means one thing, and a decoder refuses every other
/// form. There are no floating-point numbers: the agent has none.
public enum CBOR {
    /// Deepest nesting of arrays and maps that a decoder follows; deeper input is refused.
    public static let maximumNesting = 32

    /// The three bits atop an item's first byte (RFC 8949 §3.1).
    public enum MajorType: UInt8, Hashable, Sendable {
        /// 0 and above.
        case unsigned = 0
        /// Below 0: the argument n stands for -1 - n.
        case negative = 1
        /// Bytes.
        case bytes = 2
        /// UTF-8.
        case text = 3
        /// Items.
        case array = 4
        /// Pairs of items.
        case map = 5
        /// A tag on one item.
        case tag = 6
        /// false, true, null (and the floating-point numbers, which are refused).
        case simple = 7
    }

    /// The first bytes of an item: its type and its argument (a value, a length or a count).
    public struct Head: Hashable, Sendable {
        /// The type.
        public let type: MajorType
        /// The argument.
        public let argument: UInt64

        /// A head.
        @inlinable
        public init(_ type: MajorType, _ argument: UInt64) {
            self.type = type
            self.argument = argument
        }
    }

    /// Argument of `simple` that stands for false.
    @usableFromInline static let simpleFalse: UInt64 = 20
    /// Argument of `simple` that stands for true.
    @usableFromInline static let simpleTrue: UInt64 = 21
    /// Argument of `simple` that stands for null.
    @usableFromInline static let simpleNull: UInt64 = 22
}
