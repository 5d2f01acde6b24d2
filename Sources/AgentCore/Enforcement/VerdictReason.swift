public import NetworkTypes

/// Why a packet was dropped, or would have been. The names stand in log prefixes, kernel counters and reports.
public enum VerdictReason: UInt8, CaseIterable, Hashable, Sendable {
    /// No rule of the device's policy allows it.
    case notAllowed = 0
    /// A live flow whose permission is gone.
    case withdrawn = 1
    /// The source address is not bound to the device.
    case spoofed = 2
    /// The destination is on the blocked list of the baseline.
    case blocked = 3
    /// The device is in quarantine.
    case quarantined = 4
    /// TCP in the middle of a connection that was never judged (RFC 9293 §3.10.7.1).
    case noConnection = 5
    /// DNS over TLS or QUIC, port 853: names are asked at the gateway (RFC 7858, RFC 9250).
    case encryptedDNS = 6
    /// Too many new connections a second.
    case connectionRate = 7
    /// Too many connections at a time.
    case connectionCount = 8
    /// Too many packets a second.
    case packetRate = 9
    /// Somebody outside opened a connection to the device.
    case inbound = 10
    /// Another device on the same bridge, which no rule allows.
    case neighbour = 11
    /// The address is allowed by a name, and the flow asked the server there for another one.
    case serverName = 12
    /// Too many TCP connections begun.
    case synFlood = 13
    /// Too many refused UDP packets.
    case udpFlood = 14
    /// Too much ICMP.
    case icmpFlood = 15
    /// Too many packets to the gateway's DNS.
    case dnsFlood = 16
    /// Too many refused packets of another protocol.
    case otherFlood = 17
    /// Too many bytes a second.
    case byteRate = 18

    /// `not-allowed`
    public var name: ByteString {
        switch self {
        case .notAllowed: return "not-allowed"
        case .withdrawn: return "withdrawn"
        case .spoofed: return "spoofed"
        case .blocked: return "blocked"
        case .quarantined: return "quarantined"
        case .noConnection: return "no-connection"
        case .encryptedDNS: return "encrypted-dns"
        case .connectionRate: return "connection-rate"
        case .connectionCount: return "connection-count"
        case .packetRate: return "packet-rate"
        case .inbound: return "inbound"
        case .neighbour: return "neighbour"
        case .serverName: return "server-name"
        case .synFlood: return "syn-flood"
        case .udpFlood: return "udp-flood"
        case .icmpFlood: return "icmp-flood"
        case .dnsFlood: return "dns-flood"
        case .otherFlood: return "protocol-flood"
        case .byteRate: return "byte-rate"
        }
    }

    /// The reason of a name, or nil.
    public init?(name: ByteString) {
        for reason in VerdictReason.allCases where reason.name == name {
            self = reason
            return
        }
        return nil
    }
}
