public import NetworkTypes

/// One thing a device let be seen of itself.
public struct Signal: Hashable, Sendable {
    /// Most bytes of a value; longer ones are cut.
    public static let maximumValueLength = 256

    /// What kind of thing.
    public let kind: SignalKind
    /// The thing, in the form that `SignalKind` documents.
    public let value: ByteString

    /// A signal; `value` is cut at `maximumValueLength` bytes.
    public init(_ kind: SignalKind, _ value: ByteString) {
        self.kind = kind
        self.value =
            value.count <= Signal.maximumValueLength
            ? value : ByteString(Array(value.bytes.prefix(Signal.maximumValueLength)))
    }
}
