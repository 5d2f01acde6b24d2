/// The limits of the rulesets, in one place.
public enum EnforcementLimits {
    /// Most devices in the kernel's sets.
    public static let devices = 4096
    /// Most addresses bound to devices, per family.
    public static let boundAddresses = 16_384
    /// Most addresses of one device.
    public static let addressesPerDevice = 64
    /// Most learned addresses, over all devices.
    public static let learnedAddresses = 65_535
    /// Most learned addresses that one device has.
    public static let learnedAddressesPerDevice = 4096
    /// Most elements of one command.
    public static let elementsPerCommand = 256
    /// Most ports of a name rule that are entered one by one; a rule with more has a set of its own.
    public static let expandedPorts = 16
    /// A connection refreshes the learned address it uses this often. Less than the shortest life of one.
    public static let tickSeconds: UInt64 = 120
    /// How long a learned address lives at least after it was asked for.
    public static let learnedSeconds: UInt64 = 300
    /// How long it is entered for. Until half of that is over it may be asked for again without a change in the kernel, which
    /// costs twenty times what the answer does.
    public static let enteredSeconds: UInt64 = 2 * learnedSeconds
    /// How long it lives after a connection used it: a connection may be quiet that long and still find it when a new
    /// policy has it judged again.
    public static let usedSeconds: UInt64 = 3600
    /// Most flows cut at a time for the server name they asked for.
    public static let cuts = 4096
    /// Most of one device; then it loses the address.
    public static let cutsPerDevice = 64
    /// How long a flow that was cut stays so after its last packet.
    public static let cutSeconds: UInt64 = 300
    /// Shortest time between two turns of the epoch for flows that were cut: each has all connections judged again.
    public static let cutTurnMilliseconds: UInt64 = 250
    /// Logged packets a second and device, after a burst.
    public static let logRate = 10
    /// Burst of logged packets.
    public static let logBurst = 20
    /// Logged packets of a flood a second and device: one is enough, and none may be missed for what was logged before.
    public static let floodLogRate = 1
    /// Burst of them.
    public static let floodLogBurst = 2
    /// Logged SYN packets a second and device: more, for the scan detector counts them.
    public static let synLogRate = 100
    /// Burst of logged SYN packets.
    public static let synLogBurst = 200
    /// Bytes of a packet that are logged: IPv6 and TCP headers, and the first bytes after them.
    public static let snapLength = 128
}
