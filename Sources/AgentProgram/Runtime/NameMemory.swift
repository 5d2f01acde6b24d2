import AgentCore
import NetworkTypes
import WireProtocol

/// The names devices asked and the addresses they were told, across a restart (DESIGN §8.7). Times are by the wall clock.
enum NameMemory {
    static func encode(_ enforcement: Enforcement, now: AgentTime) -> [UInt8] {
        let names = enforcement.learnedNames.filter { $0.name.expiresMilliseconds > now.monotonicMilliseconds }
        var encoder = CBOREncoder()
        encoder.array(count: names.count)
        for (address, name) in names {
            encoder.map { map in
                map.unsigned(1, address.device.rawValue)
                map.bytes(2, ByteString(address.address.octets))
                map.text(3, name.name.byteString)
                map.unsigned(4, now.wallMilliseconds + name.expiresMilliseconds - now.monotonicMilliseconds)
                switch address.target {
                case .service(let transport, let port):
                    map.unsigned(5, UInt64(transport.rawValue))
                    map.unsigned(6, UInt64(port))
                case .rule(let policy, let number):
                    map.text(7, policy)
                    map.unsigned(8, UInt64(number))
                // Of one connection, and for minutes: not kept.
                case .cut: break
                }
            }
        }
        return encoder.encoded
    }

    static func restore(_ bytes: [UInt8], into enforcement: inout Enforcement, now: AgentTime) throws(DecodeError) {
        var reader = ByteReader(bytes.span)
        for _ in 0..<(try reader.readCBORArray(limit: EnforcementLimits.learnedAddresses)) {
            var device = MACAddress(rawValue: 0)
            var address: IPAddress?
            var name: DomainName?
            var expires: UInt64 = 0
            var transport: UInt8 = 0
            var port: UInt16 = 0
            var policy: ByteString?
            var number = 0
            var map = try CBORMapReader(parsing: &reader)
            while let key = try map.nextKey(&reader) {
                switch key {
                case 1: device = MACAddress(rawValue: try reader.readCBORUnsigned())
                case 2: address = IPAddress(octets: try reader.readCBORBytes(limit: 16).bytes)
                case 3: name = DomainName(try reader.readCBORText(limit: DomainName.maximumLength))
                case 4: expires = try reader.readCBORUnsigned()
                case 5: transport = UInt8(truncatingIfNeeded: try reader.readCBORUnsigned(limit: 255))
                case 6: port = UInt16(truncatingIfNeeded: try reader.readCBORUnsigned(limit: 65535))
                case 7: policy = try reader.readCBORText(limit: 64)
                case 8: number = Int(try reader.readCBORUnsigned(limit: 65535))
                default: try reader.skipCBORItem()
                }
            }
            guard let address, let name, expires > now.wallMilliseconds else { continue }
            let target: LearnedAddress.Target =
                policy.map { .rule(policy: $0, number: number) }
                ?? .service(TransportProtocol(rawValue: transport), port)
            enforcement.restore(
                LearnedAddress(device: device, address: address, target: target),
                name: name,
                expiresMilliseconds: now.monotonicMilliseconds + expires - now.wallMilliseconds
            )
        }
        try reader.expectEnd()
    }
}
