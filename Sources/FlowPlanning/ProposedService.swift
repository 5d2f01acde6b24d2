import NetworkTypes
import Policy

/// How often and by whom something was reached.
struct Seen: Hashable, Sendable {
    var count: UInt64 = 0
    var firstMilliseconds = UInt64.max
    var lastMilliseconds: UInt64 = 0
    var devices: Set<ByteString> = []

    mutating func add(_ flow: RecordedFlow) {
        count = count.addingReportingOverflow(flow.count).overflow ? UInt64.max : count + flow.count
        firstMilliseconds = min(firstMilliseconds, flow.firstMilliseconds)
        lastMilliseconds = max(lastMilliseconds, flow.lastMilliseconds)
        devices.insert(flow.device.key)
    }

    mutating func add(_ other: Seen) {
        count = count.addingReportingOverflow(other.count).overflow ? UInt64.max : count + other.count
        firstMilliseconds = min(firstMilliseconds, other.firstMilliseconds)
        lastMilliseconds = max(lastMilliseconds, other.lastMilliseconds)
        devices.formUnion(other.devices)
    }

    var spanMilliseconds: UInt64 { lastMilliseconds >= firstMilliseconds ? lastMilliseconds - firstMilliseconds : 0 }
}

/// Whom a rule names.
enum Target: Hashable, Sendable {
    case gateway
    case name(DomainName)
    case address(IPAddress)

    var text: String {
        switch self {
        case .gateway: return "gateway"
        case .name(let name): return name.description
        case .address(let address): return address.byteString.text
        }
    }

    /// The gateway first, then names, then addresses.
    static func isBefore(_ left: Target, _ right: Target) -> Bool {
        switch (left, right) {
        case (.address(let one), .address(let other)): return one < other
        case (.name(let one), .name(let other)): return one.byteString < other.byteString
        default: return left.rank < right.rank
        }
    }

    private var rank: Int {
        switch self {
        case .gateway: return 0
        case .name: return 1
        case .address: return 2
        }
    }
}

/// One port of one protocol; for ICMP 0.
struct Service: Hashable, Sendable {
    var transport: TransportProtocol
    var port: UInt16

    init(_ flow: RecordedFlow) {
        let isICMP = flow.transport == .icmp || flow.transport == .icmpv6
        transport = isICMP ? .icmp : flow.transport
        port = isICMP ? 0 : flow.port
    }

    var text: String { transport == .icmp ? "icmp" : "\(port)/\(transport)" }

    static func isBefore(_ left: Service, _ right: Service) -> Bool {
        (left.transport.rawValue, left.port) < (right.transport.rawValue, right.port)
    }
}
