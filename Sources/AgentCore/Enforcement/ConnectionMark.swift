/// The bits of `ct mark` that belong to Gatehouse, and what they say of a connection.
///
/// ```
///  31      24 23 22 21                          8 7        0
/// +----------+-----+-----------------------------+----------+
/// | others'  |tick |            epoch            | others'  |
/// +----------+-----+-----------------------------+----------+
/// ```
///
/// A connection that was judged and allowed carries the gateway's *epoch*. The epoch rises with every policy
/// generation, and whenever a device loses a permission (quarantine, another policy). Established connections pass on
/// one comparison; those of an older epoch are judged again by the rules in force, and marked anew or cut.
/// The *tick* turns every `EnforcementLimits.tickSeconds`: the first packet of a connection after a turn refreshes the
/// learned address it uses, so an address stays as long as a flow uses it, and no other packet pays for it.
///
/// Epoch 0 means "never judged" (new connections, and those older than the agent), the highest "judged and refused".
public enum ConnectionMark {
    /// All bits of Gatehouse; those outside belong to others and are never changed.
    public static let mask: UInt32 = 0x00FF_FF00
    /// The epoch's bits.
    public static let epochMask: UInt32 = 0x003F_FF00
    /// Marks a connection whose permission was withdrawn.
    public static let revoked: UInt32 = epochMask
    /// First epoch in use.
    public static let firstEpoch: UInt32 = 1
    /// Last epoch in use; the next one is the first again.
    public static let lastEpoch: UInt32 = 0x3FFE

    /// The bits of an epoch.
    public static func bits(epoch: UInt32) -> UInt32 { epoch << 8 & epochMask }

    /// The bits of an epoch and a tick (modulo 4).
    public static func bits(epoch: UInt32, tick: UInt32) -> UInt32 { bits(epoch: epoch) | (tick & 3) << 22 }

    /// The epoch after `epoch`.
    public static func epoch(after epoch: UInt32) -> UInt32 { epoch >= lastEpoch ? firstEpoch : epoch + 1 }

    /// The epoch in a mark.
    public static func epoch(of mark: UInt32) -> UInt32 { (mark & epochMask) >> 8 }

    /// The tick in a mark.
    public static func tick(of mark: UInt32) -> UInt32 { (mark & mask) >> 22 }
}
