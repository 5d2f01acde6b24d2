/// The limits of the rulesets, in one place.
public enum EnforcementLimits {
    /// Most devices in the kernel's sets.
    public static let devices = 4096
    /// Most addresses bound to devices, per family.
    public static let boundAddresses = 16_384
    /// Most learned addresses, over all devices.
    public static let learnedAddresses = 65_535
    /// Most learned addresses that one device has.
    public static let learnedAddressesPerDevice = 4096
    /// Most ports of a name rule that are entered one by one; a rule with more has a set of its own.
    public static let expandedPorts = 16
    /// Connections are judged anew this often. Less than the shortest life of a learned address.
    public static let epochSeconds: UInt64 = 120
    /// How long a learned address lives at least, and after each time a connection that uses it was judged.
    public static let learnedSeconds: UInt64 = 300
    /// Logged packets a second and device, after a burst.
    public static let logRate = 10
    /// Burst of logged packets.
    public static let logBurst = 20
    /// Logged SYN packets a second and device: more, for the scan detector counts them.
    public static let synLogRate = 100
    /// Burst of logged SYN packets.
    public static let synLogBurst = 200
    /// Bytes of a packet that are logged: IPv6 and TCP headers, and the first bytes after them.
    public static let snapLength = 128
}
