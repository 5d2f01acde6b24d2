/// Bytes that outlive the call that made them and that nobody copies: an array, or a file mapped into memory.
///
/// A `Span` cannot be kept in an escaping value, and a pure module holds no unsafe pointer; so whoever owns the memory
/// conforms a class, and lends the bytes for the time of a closure. Class-bound, and without a generic method, because
/// Embedded Swift has no other existentials. A conforming class keeps its bytes unchanged for as long as it lives.
public protocol ByteStore: AnyObject, Sendable {
    /// Calls `body` once, before it returns, with all the bytes.
    func withBytes(_ body: (Span<UInt8>) -> Void)
}

/// An array as a byte store.
public final class ArrayByteStore: ByteStore {
    private let bytes: [UInt8]

    /// Keeps `bytes`.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Lends the array's bytes.
    public func withBytes(_ body: (Span<UInt8>) -> Void) {
        let shared = bytes
        body(shared.span)
    }
}
