import Fingerprinting
import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("Discovery protocols to signals")
struct DiscoveryTests {
    /// What a frame said, the maker of the interface left out: `kind value`.
    static func signals(_ frames: [[UInt8]]) -> [String] {
        SignalExtractorTests.extract(frames).sightings.flatMap(\.signals)
            .filter { $0.kind != .macBlock }.map { "\($0.kind.name) \($0.value)" }
    }

    @Test("LLDP and CDP, once each")
    func linkDiscovery() {
        let unit: [UInt8] = [2, 2, 7, 0x61, 4, 2, 7, 0x31, 6, 2, 0, 120, 10, 1, 0x6E, 14, 4, 0, 4, 0, 4, 0, 0]
        let lldp = FrameBuilder.ethernet(from: SignalExtractorTests.camera, to: "01:80:c2:00:00:0e", type: 0x88CC, unit)
        let said = ["lldp.chassis a", "lldp.systemName n", "lldp.capabilities bridge"]
        #expect(DiscoveryTests.signals([lldp, lldp]) == said)
        let packet = DeviceAnnouncement.cdpPrefix + [2, 180, 0, 0, 0, 6, 0, 7, 0x73, 0x2D, 0x31]
        let cdp = FrameBuilder.ethernet(
            from: SignalExtractorTests.camera,
            to: "01:00:0c:cc:cc:cc",
            type: packet.count,
            packet
        )
        #expect(DiscoveryTests.signals([cdp, cdp]) == ["cdp.platform s-1"])
    }
}
