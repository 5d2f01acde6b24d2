import AgentCore
import Fingerprinting
import KnowledgeBuilder
import NetworkTypes
import PacketParsing
import Testing

/// What the agent makes of Bluetooth devices that are near.
@Suite struct BluetoothDevicesTests {
    private static let now = AgentTime(wallMilliseconds: 1_700_000_000_000, monotonicMilliseconds: 1_000)

    private static func agent() throws -> Agent {
        let rule = """
            - rule: ruuvi
              when: { bluetooth.manufacturer: { prefix: "0499:" } }
              says: { class: sensor }
              weight: 0.8
              source: https://example.com/
              examples: ["0499:05"]
              counterexamples: ["0500:05"]
            """
        let bytes = try KnowledgeBuilder.build(texts: [("r.yaml", rule), ("vendors.yaml", "vendors: []\n")])
        return Agent(settings: AgentSettings(), knowledge: try KnowledgeBase(opening: ArrayByteStore(bytes)))
    }

    /// A Device Found of an address and its type, with a company's data (doc/mgmt-api.txt of BlueZ).
    private static func sighting(_ address: [UInt8], type: UInt8) throws -> BluetoothManagementEvent.Sighting {
        let data: [UInt8] = [0x04, 0xFF, 0x99, 0x04, 0x05]
        let parameters = address.reversed() + [type, 0xC4, 0, 0, 0, 0, UInt8(data.count), 0] + data
        let message = [0x12, 0, 0, 0, UInt8(parameters.count), 0] + parameters
        var reader = ByteReader(message.span)
        return try #require(try BluetoothManagementEvent(parsing: &reader).sighting)
    }

    @Test func aDeviceIsToldByWhatItAdvertises() throws {
        var agent = try Self.agent()
        _ = agent.take(try Self.sighting([0xC4, 0x64, 0xE3, 1, 2, 3], type: 2), now: Self.now)
        let key = try #require(DeviceKey("bus:bluetooth-c4:64:e3:01:02:03"))
        #expect(agent.registry[key]?.tracker.identity.deviceClass == .sensor)
    }

    @Test func oneThatChangesItsAddressIsNone() throws {
        var agent = try Self.agent()
        _ = agent.take(try Self.sighting([0x44, 0x64, 0xE3, 1, 2, 3], type: 2), now: Self.now)
        #expect(agent.registry.devices.isEmpty)
    }

    @Test func inventedDevicesDoNotFillTheRegistry() throws {
        var agent = try Self.agent()
        for index in 0..<UInt8(200) {
            _ = agent.take(try Self.sighting([0xC4, 0, 0, 0, 0, index], type: 2), now: Self.now)
        }
        #expect(agent.registry.devices.count == Agent.maximumBluetoothDevices)
        #expect(agent.bluetoothTurnedAwayCount == 200 - UInt64(Agent.maximumBluetoothDevices))
    }
}
