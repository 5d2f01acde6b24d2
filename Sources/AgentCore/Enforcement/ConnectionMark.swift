/// The bits of `ct mark` that belong to Gatehouse.
///
/// ```
///  31        22 21                          8 7        0
/// +------------+-----------------------------+----------+
/// |  others'   |            epoch            | others'  |
/// +------------+-----------------------------+----------+
/// ```
///
/// A connection that was judged and allowed carries the gateway's *epoch*. The epoch rises with every policy generation,
/// whenever a device loses a permission, and every `EnforcementLimits.epochSeconds`. Established connections pass on one
/// comparison; those of an older epoch are judged again by the rules in force, and marked anew or cut. Being judged
/// again is also what keeps a learned address alive for as long as a connection uses it.
///
/// Epoch 0 means "never judged", the highest "judged and refused".
public enum ConnectionMark {
    /// The bits of Gatehouse; the others are never changed.
    public static let mask: UInt32 = 0x003F_FF00
    /// Marks a connection that was refused.
    public static let revoked: UInt32 = mask
    /// First epoch in use.
    public static let firstEpoch: UInt32 = 1
    /// Last epoch in use; the next one is the first again.
    public static let lastEpoch: UInt32 = 0x3FFE

    /// The bits of an epoch.
    public static func bits(epoch: UInt32) -> UInt32 { epoch << 8 & mask }

    /// The epoch after `epoch`.
    public static func epoch(after epoch: UInt32) -> UInt32 { epoch >= lastEpoch ? firstEpoch : epoch + 1 }
}
