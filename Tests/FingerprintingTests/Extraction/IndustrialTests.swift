import Fingerprinting
import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("Industrial protocols to signals")
struct IndustrialTests {
    static func segment(_ payload: [UInt8], at offset: Int = 0, from source: Int, to destination: Int = 50_000)
        -> [UInt8]
    {
        FrameBuilder.ethernet(
            from: SignalExtractorTests.camera,
            to: SignalExtractorTests.router,
            FrameBuilder.ip(
                from: "192.0.2.7",
                to: "192.0.2.9",
                transport: 6,
                FrameBuilder.tcp(from: source, to: destination, sequence: 7000 + UInt32(offset), payload)
            )
        )
    }

    static func datagram(_ payload: [UInt8], from source: Int, to destination: Int = 50_000) -> [UInt8] {
        SignalExtractorTests.udp(to: "192.0.2.9", ports: (source, destination), payload)
    }

    static func bytes(_ hexadecimal: String) -> [UInt8] { DiscoveryTests.bytes(hexadecimal) }

    static func modbus(transaction: String = "0001", unit: String = "ff") -> [UInt8] {
        bytes("\(transaction) 0000 0015 \(unit) 2b0e01010000 01 00 0b") + Array("WAGO GmbH&C".utf8)
    }
    static let s7 =
        bytes(
            "0300 0045 02f080 3207 0000 0001 000c 0028 000112 08 12 84 01 01 00 00 0000 ff09 0024 0011 0000 001c 0001 0001"
        )
        + Array("6ES7 214-1AG40-0XB0 ".utf8) + bytes("00c0 0001 0001")

    /// Answers in streams: port, message, what it says.
    static let answers: [(port: Int, message: [UInt8], said: [String])] = [
        (502, modbus(), ["modbus.identification vendor=WAGO GmbH&C"]),
        // A transaction number that looks like the beginning of MQTT and of TLS.
        (502, modbus(transaction: "1003"), ["modbus.identification vendor=WAGO GmbH&C"]),
        (502, modbus(transaction: "1603"), ["modbus.identification vendor=WAGO GmbH&C"]),
        (102, s7, ["s7.module product=6ES7 214-1AG40-0XB0"]),
        (
            44818,
            bytes("6300 2900 00000000 00000000 0000000000000000 00000000 0100 0c00 2300 0100")
                + bytes("0002af12c00002070000000000000000 0100 0e00 3600 2014 3000 01020304 01 41 03"),
            [
                "enip.identity vendorID=1", "enip.identity type=14", "enip.identity product=1/14/54",
                "enip.identity firmware=32.20", "enip.identity model=A",
            ]
        ),
        (3671, bytes("06100423 000e 0401 0200 0600 1087"), ["knx.device type=server"]),
        (
            9600,
            Array("FINS".utf8) + bytes("0000003e 00000002 00000000 c00002000100006300ef05010000")
                + Array("CJ2M-CPU32          ".utf8) + Array("02.01               ".utf8),
            ["fins.controller model=CJ2M-CPU32", "fins.controller firmware=02.01"]
        ),
        (
            5007, bytes("d000 00 ff ff03 00 1400 0000") + Array("R04CPU          ".utf8) + bytes("0048"),
            ["melsec.cpu model=R04CPU"]
        ),
        (
            5094,
            bytes(
                "01010300 0002 0023 06 80 00 16 00 00 fe 11d0 05 07 01 02 28 00 010203 05 04 0001 00 0011 0011 01 99"
            ),
            ["hart.device vendorID=17", "hart.device product=17/4560", "hart.device firmware=2"]
        ),
    ]

    @Test("in one segment, in two at every place; not from the other side", arguments: answers.indices)
    func byStream(_ index: Int) {
        let (port, message, said) = IndustrialTests.answers[index]
        #expect(DiscoveryTests.signals([IndustrialTests.segment(message, from: port)]) == said)
        for place in 1..<message.count {
            let first = IndustrialTests.segment(Array(message.prefix(place)), from: port)
            let second = IndustrialTests.segment(Array(message.dropFirst(place)), at: place, from: port)
            #expect(DiscoveryTests.signals([first, second]) == said, "split at \(place)")
        }
        let asked = IndustrialTests.segment(message, from: 50_000, to: port)
        #expect(DiscoveryTests.signals([asked]).isEmpty)
        let elsewhere = IndustrialTests.segment(message, from: 50_000, to: 50_001)
        #expect(DiscoveryTests.signals([elsewhere]).isEmpty)
    }

    static let datagrams: [(port: Int, message: [UInt8], said: [String])] = [
        (47808, bytes("810b 0018 0120ffff00ff 1000 c402000064 2205c4 9103 2105"), ["bacnet.device vendorID=5"]),
        (
            161,
            bytes(
                "302d 0201 01 0406 7075626c6963 a220 0201 05 0201 00 0201 00 3015 3013 0608 2b06010201010500 0407 73772d312e6c78"
            ),
            ["snmp.name sw-1.lx"]
        ),
        (
            5683, bytes("6045 0001 c128 ff") + Array("</a>".utf8),
            ["coap.resource type=server", "coap.resource link=/a"]
        ),
        (
            48899, bytes("03661471 00000000 01000080 c00002070101 1027 01000000 0500 0400 4358 2d00"),
            ["ads.device name=CX-"]
        ),
    ]

    @Test("datagrams from a port, not to it", arguments: datagrams.indices)
    func byDatagram(_ index: Int) {
        let (port, message, said) = IndustrialTests.datagrams[index]
        #expect(DiscoveryTests.signals([IndustrialTests.datagram(message, from: port)]) == said)
        let asked = IndustrialTests.datagram(message, from: 50_000, to: port)
        #expect(DiscoveryTests.signals([asked]).isEmpty)
    }

    @Test("PROFINET, with the tag of a priority")
    func profinet() {
        let answer = IndustrialTests.bytes("feff 05 01 00000001 0000 000a 0203 0006 0000 002a 0313")
        for tags in [[], [0]] {
            let frame = FrameBuilder.ethernet(
                from: SignalExtractorTests.camera,
                to: SignalExtractorTests.router,
                type: 0x8892,
                tags: tags,
                answer
            )
            #expect(
                DiscoveryTests.signals([frame]) == ["profinet.device vendorID=42", "profinet.device product=42/787"]
            )
        }
    }

    @Test("an answer that comes over and over, with other numbers around it, is one sighting")
    func polling() {
        let frames = (0..<50).map { index in
            let transaction = "00" + (index < 16 ? "0" : "") + String(index, radix: 16)
            return IndustrialTests.segment(IndustrialTests.modbus(transaction: transaction), from: 502)
        }
        let (sightings, counters) = SignalExtractorTests.extract(frames)
        #expect(sightings.count == 1)
        #expect(counters.malformed == 0 && counters.evictedStreams == 0)
    }

    @Test("what a gateway passes on is counted")
    func relayed() {
        let frames = [
            IndustrialTests.segment(IndustrialTests.modbus(unit: "11"), from: 502),
            IndustrialTests.datagram(
                IndustrialTests.bytes("8104 0018 c0000263bac0 0100 1000 c402000064 2205c4 9103"),
                from: 47808
            ),
        ]
        let (sightings, counters) = SignalExtractorTests.extract(frames)
        #expect(counters.relayedAnswers == 2)
        #expect(sightings.flatMap(\.signals).allSatisfy { $0.kind == .macBlock })
    }

    @Test("a whole answer that is too short inside is given up at once")
    func tooShort() {
        // One object of 200 bytes in a message of 21.
        var broken = IndustrialTests.modbus()
        broken[15] = 200
        let next = IndustrialTests.segment(IndustrialTests.modbus(), at: broken.count, from: 502)
        #expect(
            DiscoveryTests.signals([IndustrialTests.segment(broken, from: 502), next])
                == ["modbus.identification vendor=WAGO GmbH&C"]
        )
    }

    @Test("the web server of a device at such a port is read as one")
    func webServer() {
        let page = Array("HTTP/1.1 200 OK\r\nServer: Boa/0.94\r\n\r\n".utf8)
        #expect(DiscoveryTests.signals([IndustrialTests.segment(page, from: 9600)]) == ["http.server Boa/0.94"])
    }
}

@Suite("Industrial captures that others made", .enabled(if: CaptureData.isPresent, "GATEHOUSE_DATA holds no captures"))
struct IndustrialCaptureTests {
    /// All that a capture's devices declare in these protocols.
    static let truths: [(capture: String, kind: SignalKind, values: [String])] = [
        (
            "ICS-Security-Tools__EthernetIP__enip_test.pcap", .etherNetIPIdentity,
            ["vendorID=1", "type=12", "product=1/12/58", "firmware=4.3", "model=1756-ENBT/A"]
        ),
        (
            "ICS-Security-Tools__BACnet__bacnet_test.pcap", .bacnetDevice,
            ["vendorID=5", "vendor=JCI", "firmware=5.1.0.4400", "name=KBRNAE", "model=MS-NAE4510-2"]
        ),
        (
            "ICS-Security-Tools__s7__s7comm_reading_plc_status.pcap", .s7Module,
            ["product=6ES7 151-8AB01-0AB0", "firmware=3.2.6", "name=IM151-8-CPU", "model=IM151-8 PN/DP CPU"]
        ),
        (
            "ICS-Security-Tools__modicon__modicon_test.pcap", .modbusIdentification,
            ["type=umas", "model=140 CPU 311 10", "firmware=2.70"]
        ),
        ("nDPI__knxip.pcapng", .knxDevice, ["type=server"]),
    ]

    @Test("what tcpdump shows", arguments: truths.indices)
    func truth(_ index: Int) throws {
        let (capture, kind, values) = IndustrialCaptureTests.truths[index]
        let replay = try Replay(try CaptureData.bytes(capture))
        #expect(replay.values(kind) == values)
    }

    /// Both were asked through a router, whose own address the frames have: who made it is in dispute, and the BACnet
    /// device's maker not far enough believed for its model.
    @Test("who they are", .enabled(if: Rules.hasRegisters, "needs Debian's ieee-data and usb.ids"))
    func identities() throws {
        let knowledge = try Rules.knowledge()
        let expected: [(capture: String, deviceClass: DeviceClass, vendor: String, model: String?)] = [
            ("ICS-Security-Tools__EthernetIP__enip_test.pcap", .plc, "Rockwell", "1756-ENBT/A"),
            ("ICS-Security-Tools__BACnet__bacnet_test.pcap", .buildingController, "Johnson Controls", nil),
        ]
        for row in expected {
            let replay = try Replay(try CaptureData.bytes(row.capture))
            let address = try #require(MACAddress("00:19:07:24:3c:ca"))
            var tracker = IdentityTracker(device: DeviceKey(address), knowledge: knowledge)
            for sighting in replay.sightings where sighting.device == address {
                for signal in sighting.signals { tracker.add(signal, knowledge: knowledge) }
            }
            #expect(tracker.identity.deviceClass == row.deviceClass, "\(row.capture)")
            #expect(tracker.identity.vendor?.text == row.vendor, "\(row.capture)")
            #expect(tracker.identity.model?.text == row.model, "\(row.capture)")
        }
    }

    @Test("who is asked and who asks")
    func questions() throws {
        let snmp = try Replay(
            try CaptureData.bytes("protocols/zeek+zeek__testing__btest__Traces__snmp__snmpv1_get.pcap")
        )
        #expect(snmp.values(.snmpName) == ["B6300"])
        #expect(snmp.values(.snmpObjectID) == ["1.3.6.1.4.1.2001.1.1.1.297.93.1.27.2.2.1"])
        let walk = try Replay(
            try CaptureData.bytes("protocols/zeek+zeek__testing__btest__Traces__snmp__snmpv2_get_next.pcap")
        )
        #expect(walk.values(.snmpName).isEmpty)
        // It routes to devices of another maker, and says who it is itself.
        let bacnet = try Replay(try CaptureData.bytes("icsnpp-bacnet__bacnet_services.pcap"))
        #expect(bacnet.values(.bacnetDevice, of: "00:e0:c9:00:10:a5") == ["type=router", "vendorID=24"])
        #expect(bacnet.extractor.counters.relayedAnswers > 0)
        let asks = try Replay(try CaptureData.bytes("ICS-Security-Tools__BACnet__bacnet_test.pcap"))
        #expect(asks.values(.bacnetDevice, of: "3c:a9:f4:21:22:f8").isEmpty)
    }
}
