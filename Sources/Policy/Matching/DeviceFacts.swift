public import NetworkTypes

/// What is held to be true of a device when an allowlist is chosen for it.
public struct DeviceFacts: Hashable, Sendable {
    /// The text of its `DeviceKey`.
    public var key: ByteString
    /// Its class.
    public var deviceClass: DeviceClass = .unknown
    /// Its vendor; empty where not known.
    public var vendor: ByteString = ""
    /// Its model; empty where not known.
    public var model: ByteString = ""
    /// How sure the class is, 0...1000.
    public var classConfidence: UInt16 = 0
    /// How sure the vendor is, 0...1000.
    public var vendorConfidence: UInt16 = 0
    /// How sure the model is, 0...1000.
    public var modelConfidence: UInt16 = 0
    /// Whether its signals said that it is another device, under a policy that wants none of such: whatever it is held to be
    /// now, it may be neither (`ContradictionResponse`).
    public var isDistrusted = false
    /// The site of its gateway; empty where none is set.
    public var site: ByteString = ""

    /// Nothing known but the key.
    public init(key: ByteString) { self.key = key }
}
