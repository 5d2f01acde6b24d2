import NetworkTypes
import PacketParsing
import TestSupport
import Testing

/// What must not be taken for a declaration of the sender: questions, and what is said of others.
@Suite("Industrial messages that declare nothing")
struct IndustrialRefusalTests {
    typealias Samples = IndustrialDeclarationTests

    static let quiet: [(what: String, form: IndustrialDeclaration.Form, message: [UInt8])] = [
        ("question for identities", .etherNetIP, Samples.encapsulated(0x63, [])),
        ("another EtherNet/IP command", .etherNetIP, Samples.encapsulated(0x6F, Samples.identity)),
        ("no item", .etherNetIP, Samples.encapsulated(0x63, [0, 0])),
        ("another item", .etherNetIP, Samples.encapsulated(0x63, [1, 0, 0x0D] + Samples.identity.dropFirst(3))),
        ("Who-Is", .bacnet, Samples.bacnet("0120 ffff00ff 1008")),
        ("ReadProperty", .bacnet, Samples.bacnet("0104 0005 01 0c 0c02000064 194d")),
        ("I-Am of no device", .bacnet, Samples.bacnet("0100 1000 c400000064 2205c4 9103 2105")),
        ("name of an input", .bacnet, Samples.bacnet("0100 3001 0c 0c00000001 194d 3e 7503 00 4f41 3f")),
        ("description of a device", .bacnet, Samples.bacnet("0100 3001 0c 0c02000064 191c 3e 7503 00 4f41 3f")),
        ("segmented answer", .bacnet, Samples.bacnet("0100 380100 0c 0c02000064 194d 3e 7503 00 4f41 3f")),
        ("BACnet result", .bacnet, Samples.bacnet("0030", function: 0)),
        ("Modbus question", .modbus, Samples.modbus(bytes("2b0e0100"))),
        ("Modbus registers", .modbus, Samples.modbus(bytes("0302012a"))),
        ("Modbus exception", .modbus, Samples.modbus(bytes("ab01"))),
        ("UMAS question", .modbus, Samples.modbus(bytes("5a0002"))),
        ("UMAS error", .modbus, Samples.modbus(bytes("5a00fd0102"))),
        ("S7 question", .s7, Samples.s7(bytes("00110000"), group: 0x44)),
        ("another list", .s7, Samples.s7(bytes("0132 0004 0028 0001") + [UInt8](repeating: 0x41, count: 40))),
        (
            "a list with elements of another length", .s7,
            Samples.s7(bytes("0011 0000 0014 0001") + Array(repeating: 65, count: 40))
        ),
        ("a session of another text", .s7, Samples.s7Plus("1;6GK7 215;V4.2")),
        ("a session without firmware", .s7, Samples.s7Plus("1;6ES7 215-1AG40-0XB0")),
        ("ISO connection confirm", .s7, bytes("0300000b 06d00001000100")),
        ("DCP Identify question", .profinet, Samples.profinet("fefe 05 00", Samples.stationBlocks)),
        ("DCP Set", .profinet, Samples.profinet("fefd 04 00", Samples.stationBlocks)),
        ("DCP Set answer", .profinet, Samples.profinet("fefd 04 01", Samples.stationBlocks)),
        ("cyclic data", .profinet, Samples.profinet("8000 05 01", Samples.stationBlocks)),
        ("KNX search", .knx, Samples.knx(0x0201, bytes("0801c00002070e57"))),
        ("KNX routing", .knx, Samples.knx(0x0530, bytes("2900bce0110109010000"))),
        ("KNX tunnelling request", .knx, Samples.knx(0x0420, bytes("04010000"))),
        ("SNMP question", .snmp, Samples.snmp(0xA0, Samples.systemGroup)),
        ("SNMP report", .snmp, Samples.snmp(0xA8, Samples.systemGroup)),
        ("SNMP error", .snmp, Samples.snmp(0xA2, status: 2, Samples.systemGroup)),
        ("SNMP version 3", .snmp, Samples.snmp(0xA2, version: 3, Samples.systemGroup)),
        ("other objects", .snmp, Samples.snmp(0xA2, Samples.binding("2b06010201020100", bytes("020105")))),
        ("CoAP question", .coap, bytes("4001 0001 bb") + Array(".well-known".utf8)),
        ("CoAP reset", .coap, bytes("7000 0001")),
        ("FINS question", .fins, bytes("800002 000100 006300 ef 0501 00") + [UInt8](repeating: 0x41, count: 60)),
        ("another FINS answer", .fins, bytes("c00002 000100 006300 ef 0101 0000") + Array(repeating: 0x41, count: 60)),
        ("FINS error", .fins, bytes("c00002 000100 006300 ef 0501 2201") + Array(repeating: 0x41, count: 60)),
        ("MELSOFT question", .melsec, [0x57] + Samples.melsoft.dropFirst()),
        ("SLMP words", .melsec, bytes("d000 00 ff ff03 00 0400 0000 4142")),
        (
            "20 bytes that name no CPU", .melsec,
            bytes("d000 00 ff ff03 00 1400 0000") + Array(repeating: 0x41, count: 18)
        ),
        ("HART question", .hart, bytes("01 00 03 00 0002 000d 02 80 00 00 82")),
        ("HART session", .hart, bytes("01 01 00 00 0001 000d 01 00004e20")),
        ("ADS question", .ads, [UInt8](Samples.ads[..<8]) + bytes("01000000") + Samples.ads[12...]),
    ]

    @Test("questions, data, errors", arguments: quiet.indices)
    func silent(_ index: Int) {
        let (what, form, message) = IndustrialRefusalTests.quiet[index]
        #expect(Samples.said(message, form).isEmpty, "\(what)")
    }

    @Test("BACnet of other networks and hosts")
    func bacnetRelayed() throws {
        let apdu = "1000 c402000064 2205c4 9103 220157"
        // SNET 2001 with a one-byte address: only that it routes.
        let routed = try Samples.declare(Samples.bacnet("0108 07d1 0105 \(apdu)"), .bacnet)
        #expect(routed.isRelayed && routed.statements.map(\.value) == ["router"])
        // Both DNET and SNET.
        let both = try Samples.declare(Samples.bacnet("0128 ffff00 07d1 0105 ff \(apdu)"), .bacnet)
        #expect(both.isRelayed && both.statements.map(\.value) == ["router"])
        let broadcast = try Samples.declare(Samples.bacnet("0120 ffff00 ff \(apdu)"), .bacnet)
        #expect(!broadcast.isRelayed && broadcast.statements.map(\.value) == ["343"])
        let network = try Samples.declare(Samples.bacnet("0180 01 07d1"), .bacnet)
        #expect(network.statements.map(\.value) == ["router"])
        let asks = try Samples.declare(Samples.bacnet("0180 00 07d1"), .bacnet)
        #expect(asks.statements.isEmpty)
        // Forwarded: another host's, then its own.
        let forwarded = Samples.bacnet(Samples.iAm, function: 4, before: "c0000208bac0")
        #expect(try Samples.declare(forwarded, .bacnet).isRelayed)
        #expect(Samples.said(forwarded, .bacnet).isEmpty)
        let own = Samples.bacnet(Samples.iAm, function: 4, before: "c0000207bac0")
        #expect(Samples.said(own, .bacnet) == ["vendorID=343"])
    }

    @Test("a Modbus gateway's other units")
    func modbusUnits() throws {
        let objects = Samples.objects([(0, "X")])
        for (unit, isOwn) in [(0, true), (1, true), (2, false), (247, false), (255, true)] as [(UInt8, Bool)] {
            let found = try Samples.declare(Samples.modbus(objects, unit: unit), .modbus)
            #expect(found.statements.isEmpty != isOwn && found.isRelayed != isOwn, "unit \(unit)")
        }
    }

    @Test("UMAS answers that have something else where a name could be")
    func umas() {
        for name in ["37ca81e6", "0041424344", "ff414243"] as [String] {
            let name = bytes(name)
            let answer = bytes("5a00fe") + [UInt8](repeating: 9, count: 22) + [UInt8(name.count)] + name
            #expect(Samples.said(Samples.modbus(answer, unit: 0), .modbus) == ["type=umas"])
        }
        let short = bytes("5a00fe") + [UInt8](repeating: 9, count: 22) + [20] + Array("BMX P34".utf8)
        #expect(Samples.said(Samples.modbus(short, unit: 0), .modbus) == ["type=umas"])
    }

    @Test("a KNX endpoint that is not the sender's")
    func knxEndpoint() throws {
        let other = try Samples.declare(
            Samples.knx(0x0202, bytes("0801c00002080e57") + Samples.knxDevice),
            .knx
        )
        #expect(other.isRelayed && other.statements.isEmpty)
        let anywhere = Samples.knx(0x0202, bytes("0801000000000e57") + Samples.knxDevice)
        #expect(Samples.said(anywhere, .knx).count == 3)
    }

    @Test("what another protocol sends to the port is told apart")
    func otherProtocols() {
        let http = Array("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n".utf8)
        let forms: [IndustrialDeclaration.Form] = [
            .etherNetIP, .bacnet, .modbus, .s7, .profinet, .knx, .snmp, .coap, .fins, .melsec, .hart, .ads,
        ]
        for form in forms { #expect(Samples.said(http, form).isEmpty, "\(form)") }
    }

    @Test("Shelly's reports")
    func shelly() {
        // Code 0.30; option 3332 is 11 (Uri-Path) and 3321 more, which is 14 and 3052.
        let report = bytes("501e 0001 b3 636974 01 73 ed 0bec 03") + Array("SHSW-25#AABBCC#2".utf8)
        #expect(Samples.said(report, .coap) == ["model=SHSW-25"])
    }

    @Test("text with control characters is none; too long is cut; BACnet lengths beyond a datagram")
    func texts() {
        #expect(Samples.said(Samples.modbus(Samples.objects([(0, "a\u{1B}[31m")])), .modbus).isEmpty)
        #expect(Samples.said(Samples.modbus(Samples.objects([(0, "a\u{0}b")])), .modbus) == ["vendor=a"])
        let long = Samples.snmp(
            0xA2,
            Samples.binding("2b06010201010100", Samples.ber(4, Array(repeating: 0x41, count: 300)))
        )
        #expect(Samples.said(long, .snmp) == ["description=" + String(repeating: "A", count: 240)])
        #expect(throws: DecodeError.self) {
            try Samples.declare(Samples.bacnet("0100 3001 0c 0c02000064 194d 3e 75ff 00001000 00"), .bacnet)
        }
        // An arc of more than 32 bits.
        let arc = Samples.binding("2b06010201010200", Samples.ber(6, bytes("2b06ffffffffff7f")))
        #expect(Samples.said(Samples.snmp(0xA2, arc), .snmp).isEmpty)
    }
}
