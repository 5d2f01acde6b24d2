public import NetworkTypes

/// ARP for IPv4 over Ethernet (RFC 826).
///
/// ```
/// hardware (2) | protocol (2) | lengths (1, 1) | operation (2) | sender MAC (6), IP (4) | target MAC (6), IP (4)
/// ```
public struct ARPMessage: Hashable, Sendable {
    /// 1 request, 2 reply.
    public let operation: UInt16
    /// Who speaks.
    public let senderMAC: MACAddress
    /// The address the sender holds; 0.0.0.0 in a probe (RFC 5227).
    public let senderAddress: IPAddress
    /// Whom the message names.
    public let targetMAC: MACAddress
    /// The address asked for or answered to.
    public let targetAddress: IPAddress

    /// A message; other hardware or protocols are unsupported.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        let hardware = try reader.readUInt16()
        let network = try reader.readUInt16()
        let lengths = try reader.readUInt16()
        guard hardware == 1, network == EtherType.ipv4.rawValue, lengths == 0x0604 else {
            throw reader.error(.unsupported)
        }
        operation = try reader.readUInt16()
        senderMAC = try MACAddress(parsing: &reader)
        senderAddress = try IPAddress(parsingV4: &reader)
        targetMAC = try MACAddress(parsing: &reader)
        targetAddress = try IPAddress(parsingV4: &reader)
    }
}
