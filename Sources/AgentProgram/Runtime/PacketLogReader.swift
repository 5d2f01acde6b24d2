import AgentCore
import NetworkTypes
import PacketParsing
import SystemIO

/// Turns logged packets into what the agent decides on.
enum PacketLogReader {
    /// How long a logged packet was, from its IP header on (RFC 791 §3.1, RFC 8200 §3); of the copy where that cannot be read.
    static func length(_ packet: LoggedPacket) -> Int {
        let bytes = packet.payload
        guard bytes.count >= 20 else { return bytes.count }
        switch bytes[0] >> 4 {
        case 4: return Int(bytes[2]) << 8 | Int(bytes[3])
        case 6: return 40 + (Int(bytes[4]) << 8 | Int(bytes[5]))
        default: return bytes.count
        }
    }

    /// The address that a packet came from; nil where that cannot be read.
    static func source(_ packet: LoggedPacket) -> IPAddress? {
        do throws(DecodeError) {
            var reader = ByteReader(packet.payload.span)
            return try IPHeader(parsing: &reader).source
        } catch {
            return nil
        }
    }

    /// The dropped packet that a log entry tells of; nil where another program's rule made it, or it names no device.
    ///
    /// `owner` gives the device that holds an address, for packets that were on their way to a device.
    static func read(_ packet: LoggedPacket, owner: (IPAddress) -> MACAddress?) -> DroppedPacket? {
        guard let prefix = ViolationPrefix(packet.prefix) else { return nil }
        do throws(DecodeError) {
            var reader = ByteReader(packet.payload.span)
            let ip = try IPHeader(parsing: &reader)
            let device = prefix.reason == .inbound ? owner(ip.destination) : packet.source
            guard let device else { return nil }
            var dropped = DroppedPacket(
                device: device,
                destination: prefix.reason == .inbound ? ip.source : ip.destination,
                transport: ip.transport,
                port: 0,
                prefix: prefix
            )
            guard ip.isFirstFragment else { return dropped }
            switch ip.transport {
            case .tcp:
                let tcp = try TCPHeader(parsing: &reader)
                (dropped.port, dropped.sourcePort) = (tcp.destinationPort, tcp.sourcePort)
                if tcp.isSYN, !tcp.isACK { dropped.synSequenceNumber = tcp.sequence }
            case .udp:
                let udp = try UDPHeader(parsing: &reader)
                (dropped.port, dropped.sourcePort) = (udp.destinationPort, udp.sourcePort)
            case .icmp, .icmpv6: dropped.port = UInt16(try reader.readUInt8())
            default: break
            }
            return dropped
        } catch {
            return nil
        }
    }
}
