/// What is known of a captured frame beside its bytes.
public struct CapturedFrame: Hashable, Sendable {
    /// How the frame came by (linux/if_packet.h PACKET_HOST …).
    public enum Direction: UInt8, Hashable, Sendable {
        /// To this host.
        case toHost = 0
        /// To everybody.
        case broadcast = 1
        /// To a group.
        case multicast = 2
        /// To somebody else: seen because the interface is a bridge or promiscuous.
        case toOther = 3
        /// From this host, or forwarded by it out of this interface.
        case outgoing = 4
    }

    /// When, in microseconds since 1970 by the wall clock.
    public let timeMicroseconds: UInt64
    /// Length on the wire in bytes; more than was captured where the frame was longer than `CaptureFilter.snapBytes`.
    public let length: UInt32
    /// The 802.1Q tag control information that the kernel took off the frame; nil where it had no tag.
    public let vlanTag: UInt16?
    /// The interface.
    public let interfaceIndex: UInt32
    /// How it came by.
    public let direction: Direction
}
