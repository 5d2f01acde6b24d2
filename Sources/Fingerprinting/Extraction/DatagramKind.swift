import PacketParsing

/// What a UDP datagram holds, by its ports (IANA "Service Name and Transport Protocol Port Number Registry").
enum DatagramKind: UInt8, Sendable {
    case dnsQuery, dhcp, multicastDNS, ssdp, wsDiscovery, sip
    case dhcpv6, dnsAnswer, localNames, netbiosNames, netbiosDatagram, ntp
    case mikrotik, ubiquiti, dahua, hikvision, kasa, tapo, tuya, tuyaEncrypted, lifx
    /// What a client sends; of what a server answers its keys are not in the packet.
    case quic
    /// What `IndustrialDeclaration.Form` of the source port says.
    case industrial

    /// The kind; nil for a port that carries no signal.
    static func find(_ udp: UDPHeader) -> DatagramKind? {
        switch udp.destinationPort {
        case 53: return .dnsQuery
        case 67: return .dhcp
        case 547: return .dhcpv6
        case 443: return .quic
        // Devices send these to everybody; from these ports nothing comes.
        case 5678: return .mikrotik
        case 6666: return .tuya
        case 6667, 7000: return .tuyaEncrypted
        default: break
        }
        switch udp.sourcePort {
        case 53: return .dnsAnswer
        case 137: return .netbiosNames
        case 138: return .netbiosDatagram
        case 5353: return .multicastDNS
        case 5355: return .localNames
        // What comes from these is an answer; what is sent to them asks.
        case 9999: return .kasa
        case 20002: return .tapo
        case 56700: return .lifx
        default: break
        }
        return either(udp.destinationPort) ?? either(udp.sourcePort)
            ?? (SignalExtractor.industrialForm(udp.sourcePort) == nil ? nil : .industrial)
    }

    /// Ports where both what is sent to them and what comes from them is read.
    private static func either(_ port: UInt16) -> DatagramKind? {
        switch port {
        case 1900: return .ssdp
        case 123: return .ntp
        case 3702: return .wsDiscovery
        case 5060: return .sip
        case 10001: return .ubiquiti
        case 37020: return .hikvision
        case 37810: return .dahua
        default: return nil
        }
    }
}
