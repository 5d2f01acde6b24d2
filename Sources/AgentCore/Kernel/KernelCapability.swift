public import NetworkTypes

/// Something of the kernel that the agent makes use of, and that a kernel may have been built without.
///
/// Most are asked for by a table of nftables that says nothing but that, and is gone again when the transaction ends; the
/// others by opening the socket that they are used through. No list of kernel versions stands anywhere: what counts is what
/// the kernel answers.
public enum KernelCapability: UInt8, CaseIterable, Hashable, Sendable {
    /// nf_tables, family inet.
    case tables = 0
    /// Sets of prefixes.
    case intervalSets = 1
    /// Sets whose elements are several fields, come and go by rules, and have a time of their own.
    case concatenatedSets = 2
    /// Which rules may judge a connection by, and mark it.
    case tracking = 3
    /// Packets a second of each device.
    case rateLimits = 4
    /// Named counters.
    case counters = 5
    /// DNS of devices leads to the agent.
    case redirection = 6
    /// TCP resets and "administratively prohibited".
    case rejection = 7
    /// What is refused is told to the agent: the rules.
    case logRules = 8
    /// What is refused is told to the agent: the socket (NFLOG).
    case logSocket = 9
    /// Connections at a time.
    case connectionCount = 10
    /// Bytes a second of each device.
    case byteRates = 11
    /// Whether an address is the gateway's own.
    case localAddresses = 12
    /// Another destination than the one asked for.
    case destinationTranslation = 13
    /// nf_tables for what passes between devices of one bridge.
    case bridgeTables = 14
    /// Connection tracking of that.
    case bridgeTracking = 15
    /// The table of connections, as netlink tells it.
    case connectionTable = 16
    /// TPACKET_V3.
    case captureRing = 17
    /// Adding an element that is there gives it its time anew (Linux 6.12).
    case timeoutRefresh = 18

    /// What is done where it is not there.
    public enum Need: Hashable, Sendable {
        /// Every policy needs it: all are refused.
        case everyPolicy
        /// Policies with a directive that needs it are refused.
        case directive
        /// The agent does not start without it.
        case start
        /// The agent has another way, or goes without.
        case nothing
    }

    /// What is done where it is not there.
    public var need: Need {
        switch self {
        case .connectionCount, .byteRates, .localAddresses, .destinationTranslation: return .directive
        case .bridgeTables, .bridgeTracking, .connectionTable, .timeoutRefresh: return .nothing
        case .captureRing, .logSocket: return .start
        default: return .everyPolicy
        }
    }

    /// `ct-count`: how it is called in `status` and `doctor`.
    public var name: ByteString {
        switch self {
        case .tables: return "nf-tables"
        case .intervalSets: return "interval-sets"
        case .concatenatedSets: return "concatenated-sets"
        case .tracking: return "conntrack"
        case .rateLimits: return "rate-limits"
        case .counters: return "counters"
        case .redirection: return "redirect"
        case .rejection: return "reject"
        case .logRules: return "log-rules"
        case .logSocket: return "log-socket"
        case .connectionCount: return "ct-count"
        case .byteRates: return "byte-rates"
        case .localAddresses: return "fib"
        case .destinationTranslation: return "dnat"
        case .bridgeTables: return "bridge-tables"
        case .bridgeTracking: return "bridge-conntrack"
        case .connectionTable: return "ctnetlink"
        case .captureRing: return "capture-ring"
        case .timeoutRefresh: return "timeout-refresh"
        }
    }

    /// The kernel's module for it, as Debian builds it.
    public var module: ByteString {
        switch self {
        case .tables, .intervalSets, .concatenatedSets, .timeoutRefresh, .bridgeTables: return "nf_tables"
        case .tracking: return "nft_ct"
        case .rateLimits, .byteRates: return "nft_limit"
        case .counters: return "nft_objref"
        case .redirection: return "nft_redir"
        case .rejection: return "nft_reject_inet"
        case .logRules: return "nft_log"
        case .logSocket: return "nfnetlink_log"
        case .connectionCount: return "nft_connlimit"
        case .localAddresses: return "nft_fib_inet"
        case .destinationTranslation: return "nft_nat"
        case .bridgeTracking: return "nf_conntrack_bridge"
        case .connectionTable: return "nf_conntrack_netlink"
        case .captureRing: return "af_packet"
        }
    }

    /// What follows where it is not there, in one line; for `timeoutRefresh` what the agent does in any case.
    public var consequence: ByteString {
        switch self {
        case .connectionCount: return "policies with limits.concurrentConnections are refused"
        case .byteRates: return "policies with limits.bytesPerSecond are refused"
        case .localAddresses: return "policies with dns.blocked: notice are refused"
        case .destinationTranslation:
            return "policies with dns.failMode: open are refused where the gateway asks resolvers in the clear"
        case .bridgeTables: return "devices of one bridge reach one another, whatever their policies say"
        case .bridgeTracking:
            return """
                between devices of one bridge answers are judged packet by packet: TCP from an allowed port passes unless it \
                is a SYN, and so does UDP
                """
        case .connectionTable: return "where connections of devices lead is not recorded"
        case .timeoutRefresh:
            return "times of learned addresses and quarantine are renewed by deleting and adding in one transaction"
        case .captureRing, .logSocket: return "the agent does not start"
        default: return "all policies are refused"
        }
    }

    /// Whether people are to be told that it is not there. Times are renewed in a way that every kernel knows, and where no
    /// devices share a bridge nothing is missing for them.
    public func isWorthSaying(_ hasBridge: Bool) -> Bool {
        switch self {
        case .timeoutRefresh: return false
        case .bridgeTables, .bridgeTracking: return hasBridge
        default: return true
        }
    }

    /// The family of the table that asks for it; nil where it is asked for in another way.
    var family: ByteString? {
        switch self {
        case .logSocket, .connectionTable, .captureRing, .timeoutRefresh: return nil
        case .bridgeTables, .bridgeTracking: return "bridge"
        default: return "inet"
        }
    }

    /// What is in that table.
    var content: ByteString {
        switch self {
        case .intervalSets: return "set s {\ntype ipv4_addr\nflags interval\nelements = { 192.0.2.0/24 }\n}\n"
        case .concatenatedSets:
            return """
                \(KernelCapability.learned)chain c {
                ether saddr . ip daddr . meta l4proto . th dport @s update @s { ether saddr . ip daddr . meta l4proto . \
                th dport timeout 1h } accept
                }

                """
        case .tracking:
            return """
                chain c {
                ct state established,related ct mark & 0x00ffff00 == 0x00000100 accept
                \(KernelCapability.mark)}

                """
        case .rateLimits:
            return """
                \(KernelCapability.meter)chain c {
                update @s { ether saddr limit rate over 10/second burst 9 packets } drop
                }

                """
        case .counters: return "counter n {\n}\nchain c {\ncounter name \"n\"\n}\n"
        case .redirection:
            return """
                chain c {
                type nat hook prerouting priority dstnat; policy accept;
                meta l4proto { tcp, udp } th dport 53 iifname "gatehouse_probe" redirect to :10053
                }

                """
        case .rejection:
            return "chain c {\nmeta l4proto tcp reject with tcp reset\nreject with icmpx admin-prohibited\n}\n"
        case .logRules: return "chain c {\nlog prefix \"gh1\" group 1077 snaplen 128\n}\n"
        case .connectionCount:
            return """
                set s {
                type ether_addr
                size 16
                flags dynamic
                }
                chain c {
                ct state new add @s { ether saddr ct count over 2 } drop
                }

                """
        case .byteRates:
            return """
                \(KernelCapability.meter)chain c {
                update @s { ether saddr limit rate over 1 mbytes/second burst 1 mbytes } drop
                }

                """
        case .localAddresses:
            return """
                chain c {
                type nat hook prerouting priority dstnat; policy accept;
                iifname "gatehouse_probe" fib daddr type local accept
                }

                """
        case .destinationTranslation:
            return """
                chain c {
                type nat hook prerouting priority dstnat; policy accept;
                iifname "gatehouse_probe" meta nfproto ipv4 meta l4proto udp dnat ip to 192.0.2.1
                iifname "gatehouse_probe" meta nfproto ipv6 meta l4proto udp dnat ip6 to 2001:db8::1
                }

                """
        // The family's own module for `meta` may be missing (net/bridge/netfilter/nft_meta_bridge.c).
        case .bridgeTables: return "chain c {\nmeta l4proto tcp log group 1077 accept\n}\n"
        case .bridgeTracking:
            return "chain c {\nct state established,related ct direction reply accept\n\(KernelCapability.mark)}\n"
        default: return ""
        }
    }

    private static let meter: ByteString =
        "set s {\ntype ether_addr\nsize 16\nflags dynamic,timeout\ntimeout 1m\n}\n"
    private static let learned: ByteString =
        "set s {\ntype ether_addr . ipv4_addr . inet_proto . inet_service\nsize 16\nflags dynamic,timeout\n}\n"
    private static let mark: ByteString = "ct mark set ct mark & 0xff0001ff | 0x00000100\n"
}
