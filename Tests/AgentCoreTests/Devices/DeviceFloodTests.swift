import AgentCore
import Fingerprinting
import KnowledgeBuilder
import NetworkTypes
import TLS
import TestSupport
import Testing

@Suite("A flood of invented devices", .longComputation)
struct DeviceFloodTests {
    /// A knowledge file needs a rule, and this one says nothing of any device here.
    static let rules = """
        - rule: names
          when: { hostname: { prefix: axis- } }
          says: { class: ip-camera }
          weight: 0.7
          source: https://example.com/
          examples: ["axis-1"]
          counterexamples: ["praxis-1"]
        """

    /// An ARP request, from the sender itself.
    static func arp(_ device: MACAddress, _ address: UInt32) -> [UInt8] {
        FrameBuilder.ethernet(
            from: device.byteString,
            type: 0x0806,
            [0, 1, 8, 0, 6, 4, 0, 1] + device.octets + FrameBuilder.long(address) + [UInt8](repeating: 0, count: 10)
        )
    }

    @Test("10,000 in a second: the registry's limit holds, the devices that were there stay, their addresses too")
    func flood() throws {
        let knowledge = try KnowledgeBase(
            opening: ArrayByteStore(
                try KnowledgeBuilder.build(texts: [(file: "rules.yaml", text: DeviceFloodTests.rules)])
            )
        )
        var agent = Agent(settings: AgentSettings(), knowledge: knowledge)
        var extractor = SignalExtractor(onLink: .guessed, ciphers: .openSSL)
        func see(_ device: MACAddress, _ address: UInt32, atMilliseconds now: UInt64) -> [AgentAction] {
            let frame = DeviceFloodTests.arp(device, address)
            guard let sighting = extractor.extract(frame.span, timeNanoseconds: now * 1_000_000) else { return [] }
            return agent.take(
                sighting,
                interface: "br0",
                now: AgentTime(wallMilliseconds: now, monotonicMilliseconds: now)
            )
        }
        let real = (0..<50).map { MACAddress(rawValue: 0xACCC_8E00_0000 + UInt64($0)) }
        for (index, device) in real.enumerated() { _ = see(device, 0xC0A8_0100 + UInt32(index), atMilliseconds: 1_000) }
        let seed: UInt64 = 10_000
        var random = SeededGenerator(seed: seed)
        var letGo = 0
        for index in 0..<10_000 {
            let invented = MACAddress(rawValue: UInt64.random(in: 1..<0xACCC_0000_0000, using: &random) & ~(1 << 40))
            let now = 70_000 + UInt64(index) / 10
            for action in see(invented, 0x0A00_0000 + UInt32(index), atMilliseconds: now) {
                if case .letGo(let device) = action {
                    letGo += 1
                    #expect(!real.contains(device))
                }
            }
            #expect(agent.registry.devices.count <= DeviceRegistry.maximumDevices)
        }
        #expect(agent.registry.devices.count == DeviceRegistry.maximumDevices)
        for (index, device) in real.enumerated() {
            let found = agent.registry[DeviceKey(device)]
            #expect(found?.sortedAddresses.map(\.description) == ["192.168.1.\(index)"], "\(device), seed \(seed)")
        }
        // Whoever came was let in and another let go, or was turned away: nobody is lost count of.
        let turned = agent.registry.turnedAwayCount + agent.registry.evictedCount
        #expect(letGo == Int(agent.registry.evictedCount))
        #expect(turned + UInt64(DeviceRegistry.maximumDevices - real.count) == 10_000)
    }
}
