import NetworkTypes
import Policy

/// The small words of policies.
enum PolicySyntax {
    /// Named services and their ports (IANA "Service Name and Transport Protocol Port Number Registry").
    static let services: [(name: ByteString, ranges: [PortRange])] = [
        ("coap", [udp(5683)]), ("coaps", [udp(5684)]), ("dhcp", [udp(67)]), ("dns", [udp(53), tcp(53)]),
        ("http", [tcp(80)]), ("https", [tcp(443)]), ("icmp", [icmp]), ("mqtt", [tcp(1883)]), ("mqtts", [tcp(8883)]),
        ("ntp", [udp(123)]), ("rtsp", [tcp(554)]), ("rtsps", [tcp(322)]), ("ssh", [tcp(22)]), ("syslog", [udp(514)]),
    ]

    static let icmp = PortRange(transport: .icmp, first: 0, last: 0xFFFF)

    private static func tcp(_ port: UInt16) -> PortRange { PortRange(transport: .tcp, first: port, last: port) }
    private static func udp(_ port: UInt16) -> PortRange { PortRange(transport: .udp, first: port, last: port) }

    /// Whether the last label is a number: `10.20.0.256` is a wrong address, not a name.
    static func looksLikeAddress(_ text: ByteString) -> Bool {
        guard let last = text.split(0x2E).last else { return false }
        return Decimal.parse(last) != nil
    }

    /// `443/tcp`, `5000-5010/udp`, `ntp`, `icmp`; nil for anything else.
    static func portRanges(_ text: ByteString) -> [PortRange]? {
        for service in services where service.name == text { return service.ranges }
        let parts = text.split(0x2F)
        guard parts.count == 2 else { return nil }
        let transport: TransportProtocol
        switch parts[1] {
        case "tcp": transport = .tcp
        case "udp": transport = .udp
        default: return nil
        }
        let bounds = parts[0].split(0x2D).map { Decimal.parse($0, limit: 65535) }
        guard bounds.count <= 2, let first = bounds[0], let last = bounds[bounds.count - 1], first > 0, first <= last
        else {
            return nil
        }
        return [PortRange(transport: transport, first: UInt16(first), last: UInt16(last))]
    }

    /// The reverse of `portRanges`.
    static func text(of range: PortRange) -> ByteString {
        if range.transport == .icmp { return "icmp" }
        var text = ByteString()
        text.append(decimal: range.first)
        if range.last != range.first {
            text.append("-")
            text.append(decimal: range.last)
        }
        text.append("/")
        text.append(range.transport.byteString)
        return text
    }
}
