/// Where in a capture the bytes of a decoder stand.
public enum CapturePlace: Hashable, Sendable {
    /// The beginning of the file itself.
    case file
    /// Whole frames of a link type, by its number.
    case frame(linkType: UInt16)
    /// What follows the link header, by its EtherType.
    case etherType(UInt16)
    /// What follows an IP header, by the number of the transport.
    case transport(UInt8)
    /// Datagrams from or to a port.
    case udp(UInt16)
    /// Segments from or to a port.
    case tcp(UInt16)
    /// Segments from and to any port that begin with a byte.
    case tcpBeginning(UInt8)
}
