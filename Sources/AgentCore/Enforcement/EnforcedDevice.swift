public import NetworkTypes

/// A network device as the kernel's rules know it.
public struct EnforcedDevice: Hashable, Sendable {
    /// Its hardware address.
    public var macAddress: MACAddress
    /// Addresses it was seen to hold, link-local ones included: the only ones it may send from.
    public var addresses: [IPAddress]
    /// Name of the allowlist that holds it; nil for the baseline's `unknown`.
    public var policy: ByteString?

    /// A device.
    public init(macAddress: MACAddress, addresses: [IPAddress] = [], policy: ByteString? = nil) {
        self.macAddress = macAddress
        self.addresses = addresses
        self.policy = policy
    }
}
