import NetworkTypes
import PacketParsing
import TestSupport
import Testing

/// Every message here was put together by the specification that its decoder names.
@Suite("Declarations of industrial devices")
struct IndustrialDeclarationTests {
    typealias Form = IndustrialDeclaration.Form

    static func declare(_ message: [UInt8], _ form: Form) throws(DecodeError) -> IndustrialDeclaration {
        try decode(message) { reader throws(DecodeError) in
            try IndustrialDeclaration(parsing: &reader, form: form, source: IPAddress("192.0.2.7"))
        }
    }

    static func said(_ message: [UInt8], _ form: Form) -> [String] {
        ((try? declare(message, form))?.statements ?? []).map { "\($0.subject.word)=\($0.value)" }
    }

    static func text(_ text: String, padded length: Int, with padding: UInt8 = 0) -> [UInt8] {
        let bytes = Array(text.utf8)
        return bytes + [UInt8](repeating: padding, count: max(0, length - bytes.count))
    }

    // EtherNet/IP: vendor 47, type 14, product 1636, revision 1.32.
    static let identity =
        bytes("0100 0c00 2900 0100 0002af12c0000207 0000000000000000 2f00 0e00 6406 0120 3000 01020304 07")
        + Array("NX102-1".utf8) + [3]
    static func encapsulated(_ command: UInt8, _ body: [UInt8]) -> [UInt8] {
        [command, 0, UInt8(body.count), 0] + [UInt8](repeating: 0, count: 20) + body
    }
    static let etherNetIP = encapsulated(0x63, identity)

    // BACnet.
    static func bacnet(_ packet: String, function: UInt8 = 0x0A, before: String = "") -> [UInt8] {
        let body = bytes(before) + bytes(packet)
        return [0x81, function, 0, UInt8(body.count + 4)] + body
    }
    /// Device 100, APDU 1476, no segmentation, vendor 343.
    static let iAm = "0100 1000 c402000064 2205c4 9103 220157"
    /// Object name of device 100 in UTF-8, `AHU-1`.
    static let objectName = "0100 3001 0c 0c02000064 194d 3e 7506 00 4148552d31 3f"
    /// Vendor 5, model in UCS-2 with an umlaut, an error, firmware in Latin-1, of device 7; then a name of an input.
    static let multiple =
        "0100 3001 0e 0c02000007 1e 2978 4e 2105 4f 2946 4e 7507 04 004e 00fc 0045 4f 291c 5e 9102 9120 5f"
        + "292c 4e 7504 05 312e32 4f 1f 0c00000001 1e 294d 4e 7503 00 4f41 4f 1f"

    // Modbus: unit 1, conformity 1, three objects.
    static func modbus(_ body: [UInt8], unit: UInt8 = 1) -> [UInt8] {
        [0, 9, 0, 0] + FrameBuilder.word(body.count + 1) + [unit] + body
    }
    static func objects(_ objects: [(UInt8, String)]) -> [UInt8] {
        [0x2B, 0x0E, 1, 1, 0, 0, UInt8(objects.count)]
            + objects.flatMap { [$0.0, UInt8($0.1.utf8.count)] + Array($0.1.utf8) }
    }
    static let identification = modbus(
        objects([(0, "Schneider Electric"), (1, "BMX P34 2020"), (2, "v2.6"), (3, "www"), (4, "M340"), (5, "P34")])
    )
    static let umas = modbus(
        bytes("5a00fe 0b01 02030405 0000 5003") + [UInt8](repeating: 0, count: 12) + [12] + Array("BMX P34 2020".utf8)
            + [0],
        unit: 0
    )

    // S7: a response to "read system status list".
    static func s7(_ data: [UInt8], group: UInt8 = 0x84) -> [UInt8] {
        let list =
            bytes("320700000100000c") + FrameBuilder.word(data.count + 4)
            + [0, 1, 0x12, 8, 0x12, group, 1, 1, 0, 0, 0, 0, 0xFF, 9] + FrameBuilder.word(data.count) + data
        return [3, 0] + FrameBuilder.word(list.count + 7) + [2, 0xF0, 0x80] + list
    }
    static let s7Module = s7(
        bytes("0011 0000 001c 0002 0001") + text("6ES7 315-2EH14-0AB0", padded: 20, with: 0x20) + bytes("00c0 00070001")
            + bytes("0007") + text("", padded: 20, with: 0x20) + bytes("00c0 56030205")
    )
    static let s7Component = s7(
        bytes("001c 0000 0022 0003 0001") + text("Line 3", padded: 32) + bytes("0005") + text("S C-X4U1", padded: 32)
            + bytes("0007") + text("CPU 315-2 PN/DP", padded: 32)
    )

    /// S7comm-plus: the text of element 319 (0x82 0x3F) of a session, as a string of 26 bytes.
    static func s7Plus(_ text: String) -> [UInt8] {
        let content =
            bytes("720100 40 3200 04ca 0000 0001 a38240 00 823b 00 04 31 823f 00 15") + [UInt8(text.utf8.count)]
            + Array(text.utf8) + bytes("8240 00 15 00 72010000")
        return [3, 0] + FrameBuilder.word(content.count + 7) + [2, 0xF0, 0x80] + content
    }

    // PROFINET: an answer to Identify.
    static func profinet(_ head: String, _ blocks: [UInt8]) -> [UInt8] {
        bytes(head) + [0, 0, 0, 1, 0, 0] + FrameBuilder.word(blocks.count) + blocks
    }
    static let stationBlocks =
        bytes("0201 0009 0000") + Array("ET200SP".utf8) + [0] + bytes("0202 0007 0000") + Array("belt1".utf8) + [0]
        + bytes("0203 0006 0000 002a 0313 0204 0004 0000 0100 0102 000e 0001 c0000207 ffffff00 00000000")
    static let station = profinet("feff 05 01", stationBlocks)

    // KNXnet/IP: a search response with device and services.
    static let knxDevice =
        bytes("36 01 02 00 1101 0000 00a601020304 e000170c 0050c2793e03")
        + text("Enertex KNX IP Router", padded: 30) + bytes("0a02 0201 0301 0401 0501")
    static func knx(_ service: UInt16, _ body: [UInt8]) -> [UInt8] {
        [6, 0x10, UInt8(service >> 8), UInt8(service & 0xFF)] + FrameBuilder.word(body.count + 6) + body
    }
    static let knxSearch = knx(0x0202, bytes("0801c00002070e57") + knxDevice)

    // SNMP.
    static func ber(_ tag: UInt8, _ value: [UInt8]) -> [UInt8] {
        [tag] + (value.count < 128 ? [UInt8(value.count)] : [0x82] + FrameBuilder.word(value.count)) + value
    }
    static func binding(_ name: String, _ value: [UInt8]) -> [UInt8] { ber(0x30, ber(6, bytes(name)) + value) }
    static func snmp(_ pdu: UInt8, version: UInt8 = 1, status: UInt8 = 0, _ bindings: [UInt8]) -> [UInt8] {
        let head = ber(2, [1, 2, 3, 4]) + ber(2, [status]) + ber(2, [0])
        return ber(0x30, ber(2, [version]) + ber(4, Array("public".utf8)) + ber(pdu, head + ber(0x30, bindings)))
    }
    static let systemGroup =
        binding("2b06010201010100", ber(4, Array("HP ETHERNET MULTI-ENVIRONMENT".utf8)))
        + binding("2b06010201010200", ber(6, bytes("2b0601040109018404")))
        + binding("2b06010201010300", bytes("430400000001"))
        + binding("2b06010201010500", ber(4, Array("printer-2".utf8)))
        + binding("2b0601020101010101", ber(4, Array("no".utf8)))
    static let snmpSystem = snmp(0xA2, systemGroup)

    // CoAP: 2.05, token of two bytes, Content-Format 40.
    static let links = #"</a/b>;rt="oic.d.light x";if="i",</c>;title="not </d> this";rt=temp,</e>"#
    static let coapLinks = bytes("6245 0001 abcd c128 ff") + Array(links.utf8)

    // FINS: a response to 0501; over TCP too.
    static let finsAnswer =
        bytes("c00002 000100 006300 ef 0501 0000") + text("CJ2M-CPU32", padded: 20, with: 0x20)
        + text("02.01", padded: 20) + text("", padded: 52)
    static let finsTCP = Array("FINS".utf8) + bytes("0000006a 00000002 00000000") + finsAnswer

    // MELSEC.
    static let melsoft = [0xD7] + [UInt8](repeating: 0, count: 40) + text("Q03UDECPU", padded: 16, with: 0x20)
    static let slmp =
        bytes("d000 00 ff ff03 00 1400 0000") + text("R04CPU", padded: 16, with: 0x20) + bytes("0048")

    // HART-IP: command 0, HART 7.
    static let hart =
        bytes("01 01 03 00 0002 0023 06 80 00 16 00 00 fe 11d0 05 07 01 02 28 00 010203 05 04 0001 00 0011 0011 01 99")

    // ADS: name, then version.
    static let ads =
        bytes("03661471 00000000 01000080 c00002070101 1027 02000000 0500 0a00") + text("CX-1A2B3C", padded: 10)
        + bytes("0300 0400 0301 b80f")

    static let messages: [(form: Form, message: [UInt8], said: [String])] = [
        (
            .etherNetIP, etherNetIP,
            ["vendorID=47", "type=14", "product=47/14/1636", "firmware=1.32", "model=NX102-1"]
        ),
        (.bacnet, bacnet(iAm, function: 0x0B), ["vendorID=343"]),
        (.bacnet, bacnet(objectName), ["name=AHU-1"]),
        (.bacnet, bacnet(multiple), ["vendorID=5", "model=N?E", "firmware=1.2"]),
        (
            .modbus, identification,
            [
                "vendor=Schneider Electric", "product=BMX P34 2020", "firmware=v2.6", "description=M340", "model=P34",
            ]
        ),
        (.modbus, umas, ["type=umas", "model=BMX P34 2020", "firmware=3.50"]),
        (.s7, s7Module, ["product=6ES7 315-2EH14-0AB0", "firmware=3.2.5"]),
        (.s7, s7Component, ["name=Line 3", "model=CPU 315-2 PN/DP"]),
        (.s7, s7Plus("1;6ES7 215-1AG40-0XB0 ;V4.2"), ["product=6ES7 215-1AG40-0XB0", "firmware=4.2"]),
        (
            .profinet, station,
            ["model=ET200SP", "name=belt1", "vendorID=42", "product=42/787", "type=device"]
        ),
        (.knx, knxSearch, ["type=server", "vendorID=166", "name=Enertex KNX IP Router"]),
        (.knx, knx(0x0204, knxDevice), ["type=server", "vendorID=166", "name=Enertex KNX IP Router"]),
        (
            .snmp, snmpSystem,
            ["description=HP ETHERNET MULTI-ENVIRONMENT", "product=1.3.6.1.4.1.9.1.516", "name=printer-2"]
        ),
        (
            .coap, coapLinks,
            ["type=server", "link=/a/b", "type=oic.d.light x", "link=/c", "type=temp", "link=/e"]
        ),
        (.fins, finsAnswer, ["model=CJ2M-CPU32", "firmware=02.01"]),
        (.fins, finsTCP, ["model=CJ2M-CPU32", "firmware=02.01"]),
        (.melsec, melsoft, ["model=Q03UDECPU"]),
        (.melsec, slmp, ["model=R04CPU"]),
        (.hart, hart, ["vendorID=17", "product=17/4560", "firmware=2"]),
        (.ads, ads, ["name=CX-1A2B3C", "version=3.1.4024"]),
    ]

    @Test("well-formed", arguments: messages.indices)
    func wellFormed(_ index: Int) throws {
        let (form, message, said) = IndustrialDeclarationTests.messages[index]
        let found = try IndustrialDeclarationTests.declare(message, form)
        #expect(found.statements.map { "\($0.subject.word)=\($0.value)" } == said)
        #expect(!found.isRelayed)
    }

    @Test(
        "every prefix and every damaged byte decodes or throws; a prefix never says more",
        arguments: messages.indices
    )
    func damage(_ index: Int) {
        let (form, message, said) = IndustrialDeclarationTests.messages[index]
        survivesDamage(message) { reader throws(DecodeError) in
            try IndustrialDeclaration(parsing: &reader, form: form, source: nil)
        }
        for length in 0..<message.count {
            let found = IndustrialDeclarationTests.said(Array(message.prefix(length)), form)
            #expect(found.count <= said.count, "prefix of \(length)")
        }
    }

    @Test("mutations and random bytes never trap and stay within the limits")
    func random() {
        let seed: UInt64 = 5_020
        var generator = SeededGenerator(seed: seed)
        for (form, message, _) in IndustrialDeclarationTests.messages {
            for _ in 0..<400 {
                var damaged = message
                for _ in 0..<Int.random(in: 1...6, using: &generator) {
                    damaged[Int.random(in: damaged.indices, using: &generator)] =
                        UInt8.random(in: 0...255, using: &generator)
                }
                damaged += (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
                let found = (try? IndustrialDeclarationTests.declare(damaged, form))?.statements ?? []
                #expect(found.count <= IndustrialDeclaration.maximumStatements, "seed \(seed)")
                for statement in found {
                    #expect(!statement.value.isEmpty, "seed \(seed)")
                    #expect(statement.value.count <= IndustrialDeclaration.maximumValueLength + 16, "seed \(seed)")
                }
            }
        }
    }
}
