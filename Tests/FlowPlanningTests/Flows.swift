import AgentCore
import NetworkTypes
import Policy

@testable import FlowPlanning

/// Flows as tests write them.
enum Flows {
    static let hour: UInt64 = 3_600_000
    static let start: UInt64 = 1_764_000_000_000

    static func facts(
        _ number: UInt64 = 1,
        _ deviceClass: DeviceClass = .ipCamera,
        _ vendor: ByteString = "Axis",
        _ model: ByteString = "M3045-V",
        confidence: UInt16 = 900
    ) -> DeviceFacts {
        var facts = DeviceFacts(key: DeviceKey(MACAddress(rawValue: 0xACCC_8E00_0000 + number)).byteString)
        facts.deviceClass = deviceClass
        facts.vendor = vendor
        facts.model = model
        facts.classConfidence = confidence
        facts.vendorConfidence = confidence
        facts.modelConfidence = confidence
        return facts
    }

    /// To a name, an address, `gateway`, or with `at` a name at an address; seen over two hours.
    static func flow(
        _ to: ByteString,
        _ port: UInt16 = 443,
        _ transport: TransportProtocol = .tcp,
        of device: DeviceFacts = facts(),
        at: ByteString = "203.0.113.5",
        hours: UInt64 = 2
    ) -> RecordedFlow {
        let address = IPAddress(to)
        var flow = RecordedFlow(
            device: device,
            direction: to == "gateway" ? .gateway : address?.isPrivate == true ? .device : .internet,
            name: to == "gateway" || address != nil ? nil : DomainName(to),
            address: address ?? IPAddress(at) ?? IPAddress(v4: 0),
            transport: transport,
            port: port
        )
        flow.count = hours == 0 ? 1 : 10
        flow.firstMilliseconds = start
        flow.lastMilliseconds = start + hours * hour
        return flow
    }

    static func rules(_ allowlist: Allowlist) -> [String] {
        allowlist.allow.map { rule in
            let to: String
            switch rule.to {
            case .name(let pattern): to = pattern.description
            case .prefix(let prefix): to = prefix.byteString.text
            case .gateway: to = "gateway"
            }
            let ports = rule.ports.map { range in
                if range.transport == .icmp { return "icmp" }
                return range.first == range.last
                    ? "\(range.first)/\(range.transport)" : "\(range.first)-\(range.last)/\(range.transport)"
            }
            return ([to] + ports).joined(separator: " ")
        }
    }
}
