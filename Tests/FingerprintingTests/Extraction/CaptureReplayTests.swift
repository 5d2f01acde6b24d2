import Fingerprinting
import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite(
    "Captures that others made",
    .longComputation,
    .enabled(if: CaptureData.isPresent, "GATEHOUSE_DATA holds no captures")
)
struct CaptureReplayTests {
    /// What a person saw in the captures with another program, and wrote into labels.json.
    static let truths: [(capture: String, device: String, kind: SignalKind, value: String)] = [
        ("IoT_Sentinel__D-LinkCam__Setup-C-1-STA.pcap", "b0:c5:54:25:5b:0e", .dhcpHostname, "DCS-935L"),
        ("IoT_Sentinel__D-LinkCam__Setup-C-1-STA.pcap", "b0:c5:54:25:5b:0e", .dhcpVendorClass, "udhcp 1.22.1"),
        ("IoT_Sentinel__D-LinkCam__Setup-C-1-STA.pcap", "b0:c5:54:25:5b:0e", .dhcpParameterList, "1,3,6,12,15,28,42"),
        (
            "IoT_Sentinel__D-LinkCam__Setup-C-1-STA.pcap", "b0:c5:54:25:5b:0e", .ssdpServer,
            "Linux,    UPnP/1.0 DCS-935L/1.0"
        ),
        ("IoT_Sentinel__D-LinkCam__Setup-C-1-STA.pcap", "b0:c5:54:25:5b:0e", .mdnsService, "_dhnap._tcp"),
        (
            "IoT_Sentinel__D-LinkCam__Setup-C-1-STA.pcap", "b0:c5:54:25:5b:0e", .mdnsInstance,
            "D-Link DCS-935L Configuration Utility"
        ),
        ("IoT_Sentinel__HueBridge__Setup-C-1-STA.pcap", "00:17:88:24:76:ff", .mdnsText, "_hap._tcp md=BSB002"),
        ("IoT_Sentinel__HueBridge__Setup-C-1-STA.pcap", "00:17:88:24:76:ff", .mdnsInstance, "Philips hue - 2476FF"),
        (
            "IoT_Sentinel__HueBridge__Setup-C-1-STA.pcap", "00:17:88:24:76:ff", .ssdpServer,
            "Linux/3.14.0 UPnP/1.0 IpBridge/1.9.0"
        ),
        ("IoT_Sentinel__HueBridge__Setup-C-1-STA.pcap", "00:17:88:24:76:ff", .dnsQuery, "bridge.meethue.com"),
        ("IoT_Sentinel__MAXGateway__Setup-C-1-STA.pcap", "00:1a:22:03:cb:be", .dhcpHostname, "KEQ0817541"),
        ("IoT_Sentinel__TP-LinkPlugHS110__Setup-C-1-STA.pcap", "50:c7:bf:00:c7:03", .dhcpHostname, "HS110(EU)"),
        ("IoT_Sentinel__Withings__Setup-C-1-STA.pcap", "00:24:e4:24:80:2a", .dhcpVendorClass, "Withings00"),
        ("IoT_Sentinel__Withings__Setup-C-1-STA.pcap", "00:24:e4:24:80:2a", .httpUserAgent, "Withings UserAgent"),
        ("IoT_Sentinel__WeMoSwitch__Setup-C-1-STA.pcap", "94:10:3e:35:01:c1", .tlsServerName, "api.xbcs.net"),
        ("IoT_Sentinel__EdimaxPlug1101W__Setup-C-1-STA.pcap", "74:da:38:4a:76:49", .dnsQuery, "www.myedimax.com"),
        ("mercury__emix.pcap", "00:17:88:09:41:80", .ssdpServer, "FreeRTOS/6.0.5, UPnP/1.0, IpBridge/0.1"),
        ("nDPI__ipp.pcap", "00:12:79:80:69:60", .httpServer, "Virata-EmWeb/R6_2_1"),
        ("nDPI__ipp.pcap", "00:1b:63:98:bf:36", .httpUserAgent, "CUPS/1.3.4"),
        // By relay: the label names the relay's address, the message that of the client.
        ("tcpdump__dhcp-mud.pcap", "b8:27:eb:b8:53:c8", .macBlock, "b827eb"),
        // suricata-verify tests/ja4-tls/test.yaml
        (
            "protocols/OISF+suricata-verify__tests__ja4-tls__input.pcap", "0a:00:27:00:00:00", .tlsJA4,
            "t12i1810s1_27d4652c4487_06a4338d0495"
        ),
        (
            "protocols/zeek+zeek__testing__btest__Traces__dns__mdns.pcap", "8a:3c:d6:e1:4d:c4", .mdnsHostname,
            "johanna-QEMU-Virtual-Machine.local"
        ),
        (
            "protocols/zeek+zeek__testing__btest__Traces__mqtt.pcap", "28:cf:e9:21:14:8f", .mqttClientID,
            "paho/34AAE54A75D839566E"
        ),
        // With tcpdump.
        (
            "tcpdump__lldp_mudurl.pcap", "00:23:54:c2:57:02", .lldpMUDURL,
            "https://imright.mud.example.com/.well-known/mud/v1/vomitv2.0"
        ),
        ("mercury__emix.pcap", "", .sshServer, "OpenSSH_8.9p1 Ubuntu-3ubuntu0.6"),
        (
            "protocols/the-tcpdump-group+tcpdump__tests__dhcpv6-mud.pcap", "b8:27:eb:b8:53:c8", .dhcpv6MUDURL,
            "https://mudctl.example.com/.well-known/mud/v1/rasbp101"
        ),
        ("mercury__emix.pcap", "e0:91:f5:73:8c:c2", .ndpRole, "router"),
        ("tcpdump__lldp_mudurl.pcap", "00:23:54:c2:57:02", .lldpCapabilities, "wlan-ap"),
        (
            "zeek__lldp.pcap", "00:22:2d:81:db:10", .lldpSystemDescription, "SMCGS8P-Smart - SMCGS8P-Smart v3.20"
        ),
        ("protocols/the-tcpdump-group+tcpdump__tests__3560_CDP.pcap", "", .cdpPlatform, "cisco WS-C3560G-24PS"),
        ("protocols/zeek+zeek__testing__btest__Traces__cdp-v1.pcap", "", .cdpPlatform, "cisco 1601"),
    ]

    @Test("what was seen with other programs", arguments: truths.indices)
    func truth(_ index: Int) throws {
        let row = CaptureReplayTests.truths[index]
        let replay = try Replay(try CaptureData.bytes(row.capture))
        #expect(
            replay.values(row.kind, of: row.device.isEmpty ? nil : row.device).contains(row.value),
            "\(row.capture)"
        )
    }

    @Test("a MUD URL by way of a relay")
    func manufacturerUsageDescription() throws {
        let replay = try Replay(try CaptureData.bytes("tcpdump__dhcp-mud.pcap"))
        let urls = replay.values(.dhcpMUDURL, of: "b8:27:eb:b8:53:c8")
        #expect(urls.count == 1 && urls[0].hasPrefix("http"), "\(urls)")
    }

    @Test("who only asks is nothing")
    func asking() throws {
        let replay = try Replay(try CaptureData.bytes("protocols/zeek+zeek__testing__btest__Traces__dns__mdns.pcap"))
        #expect(replay.values(.mdnsService).isEmpty, "questions for _ipp._tcp say nothing of who asks")
        let emix = try Replay(try CaptureData.bytes("mercury__emix.pcap"))
        #expect(emix.values(.ssdpType, of: "00:50:56:9f:8a:23").isEmpty)
        #expect(emix.values(.ssdpSearch, of: "00:50:56:9f:8a:23").contains("urn:dial-multiscreen-org:service:dial:1"))
    }

    @Test("every capture runs through, in pieces as in one", arguments: CaptureData.captures)
    func everyCapture(_ capture: String) throws {
        let file = try CaptureData.bytes(capture)
        do throws(DecodeError) {
            let whole = try Replay(file)
            let pieces = try Replay(file, pieceLength: 977)
            #expect(pieces.sightings == whole.sightings)
            #expect(pieces.extractor.counters == whole.extractor.counters)
        } catch {
            #expect(error.reason == .unsupported || error.reason == .malformed, "\(capture): \(error)")
        }
    }

    @Test("mutated captures never trap", arguments: CaptureData.captures)
    func mutated(_ capture: String) throws {
        let seed: UInt64 = 20_260
        var generator = SeededGenerator(seed: seed)
        let file = try CaptureData.bytes(capture)
        guard file.count > 64 else { return }
        // Frames, not the file's own headers, are what is to be damaged; big captures are run over in parts.
        let length = min(file.count, 20_000)
        for _ in 0..<20 {
            var damaged = Array(file.prefix(length))
            for _ in 0..<100 {
                damaged[Int.random(in: 24..<damaged.count, using: &generator)] =
                    UInt8.random(in: 0...255, using: &generator)
            }
            guard let replay = try? Replay(damaged) else { continue }
            #expect(replay.sightings.count <= replay.extractor.counters.frames, "seed \(seed)")
        }
    }
}
