import AgentCore
import NetworkTypes
import Policy
import Testing

/// Policies and devices that the enforcement tests share.
enum SamplePolicies {
    static let camera = MACAddress(rawValue: 0xACCC_8E01_0203)
    static let sensor = MACAddress(rawValue: 0x0200_0000_0042)
    static let settings = {
        var settings = EnforcementSettings(deviceInterfaces: ["br0", "lan1"], dnsPort: 10053, logGroup: 77)
        settings.resolvers = ["192.0.2.53", "192.0.2.54", "2001:db8::53"].compactMap { IPAddress($0) }
        return settings
    }()

    static func name(_ text: ByteString) throws -> DomainName { try #require(DomainName(text)) }

    static func prefix(_ text: ByteString) throws -> IPPrefix { try #require(IPPrefix(text)) }

    static func tcp(_ first: UInt16, _ last: UInt16? = nil) -> PortRange {
        PortRange(transport: .tcp, first: first, last: last ?? first)
    }

    static func udp(_ first: UInt16, _ last: UInt16? = nil) -> PortRange {
        PortRange(transport: .udp, first: first, last: last ?? first)
    }

    /// Every kind of rule there is.
    static func everything() throws -> PolicyBundle {
        var cameras = Allowlist(name: "cameras")
        cameras.match.classes = [.ipCamera]
        cameras.allow = [
            AllowRule(to: .name(NamePattern(name: try name("axis.com"), isWildcard: true)), ports: [tcp(443)]),
            AllowRule(to: .prefix(try prefix("10.20.0.5")), ports: [tcp(554), udp(5000, 5010)]),
            AllowRule(to: .prefix(try prefix("10.32.0.0/20")), ports: []),
            AllowRule(to: .prefix(try prefix("2001:db8::/64")), ports: [tcp(80), tcp(443), tcp(8000, 8010)]),
            AllowRule(
                to: .prefix(try prefix("0.0.0.0/0")),
                ports: [PortRange(transport: .icmp, first: 0, last: 65535)]
            ),
            AllowRule(to: .prefix(try prefix("::/0")), ports: [udp(123)]),
            AllowRule(to: .gateway, ports: [udp(123), tcp(80)]),
            AllowRule(
                to: .name(NamePattern(name: try name("turn.example.net"), isWildcard: false)),
                ports: [udp(49152, 65535)]
            ),
            AllowRule(to: .name(NamePattern(name: try name("any.example.net"), isWildcard: false)), ports: []),
        ]
        cameras.limits.newConnectionsPerSecond = 20
        cameras.limits.packetsPerSecond = 2000
        cameras.limits.concurrentConnections = 200
        cameras.limits.bytesPerSecond = 1 << 20
        var watched = Allowlist(name: "watched")
        watched.mode = .monitor
        watched.allow = [AllowRule(to: .gateway, ports: [])]
        var bundle = PolicyBundle()
        bundle.generation = 7
        var noticed = Allowlist(name: "noticed")
        noticed.dns.noticesBlocked = true
        noticed.dns.failsOpen = true
        noticed.allow = [AllowRule(to: .gateway, ports: [udp(123)])]
        bundle.allowlists = [cameras, watched, noticed]
        bundle.baseline.blockedPrefixes = [try prefix("203.0.113.0/24"), try prefix("2001:db8:bad::/48")]
        return bundle
    }

    static func devices() -> [EnforcedDevice] {
        let addresses = ["192.0.2.7", "192.0.2.10", "fe80::aecc:8eff:fe01:203"].compactMap {
            IPAddress(ByteString(utf8: $0))
        }
        return [
            EnforcedDevice(macAddress: camera, addresses: addresses, policy: "cameras"),
            EnforcedDevice(macAddress: sensor, addresses: [], policy: nil),
        ]
    }
}
