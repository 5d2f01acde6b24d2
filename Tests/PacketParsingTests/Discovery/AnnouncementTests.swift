import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("Announcements of vendors")
struct AnnouncementTests {
    static func statements(_ message: [UInt8], _ form: DeviceAnnouncement.Form) throws(DecodeError) -> [String] {
        let announcement = try decode(message) { reader throws(DecodeError) in
            try DeviceAnnouncement(parsing: &reader, form: form)
        }
        return announcement.statements.map { "\($0.subject.word)=\($0.value)" }
    }

    @Test(
        "fields of JSON and XML",
        arguments: [
            (#"{"model":"HS110(EU)"}"#, ["model=HS110(EU)"]), (#"{ "model" : "a b" }"#, ["model=a b"]),
            (#"{"model":12,"x":0}"#, ["model=12"]), (#"{"model":7}"#, ["model=7"]), (#"[{"model":7]"#, ["model=7"]),
            (#"{"alias":"my \"lamp\" \\ 1"}"#, [#"name=my "lamp" \ 1"#]), (#"{"model":""}"#, []),
            (#"{"model":"open"#, []), (#"{"model":"#, []), (#"{"model""#, []), (#"{"models":"x"}"#, []),
            (#"{"model":"first","model":"second"}"#, ["model=first"]),
            ("<DeviceDescription> DS-2CD2042WD-I\r\n</DeviceDescription>", ["model=DS-2CD2042WD-I"]),
            ("<DeviceDescription>DS", []), ("<DeviceDescription></DeviceDescription>", []), ("", []),
        ]
    )
    func fields(_ text: String, _ expected: [String]) throws {
        #expect(try AnnouncementTests.statements(Array(text.utf8), .text) == expected)
    }

    @Test("a value that goes on and on is none")
    func longValues() throws {
        let fits = String(repeating: "x", count: DeviceAnnouncement.maximumValueLength)
        #expect(try AnnouncementTests.statements(Array("{\"model\":\"\(fits)\"}".utf8), .text).count == 1)
        #expect(try AnnouncementTests.statements(Array("{\"model\":\"\(fits)xx\"}".utf8), .text).isEmpty)
    }

    /// As RouterOS sends them: MAC address, identity, version, platform, uptime, board.
    static let mikrotik =
        bytes("0000 0000 0001 0006 4c5e0c010203 0005 0008 4d696b726f54696b 0007 0006 362e34392e36")
        + bytes("0008 0008 4d696b726f54696b 000a 0004 01020304 000c 0008 5242373530477233")
    /// As airOS sends them: addresses, firmware, name, short and full name of the model.
    static let ubiquiti =
        bytes("01 00 003b 02 000a 00156d010203c0a80114 03 0009 584d2e76352e362e35 0b 0002 4150 0c 0003 4c4d35")
        + bytes("14 000e 4e616e6f53746174696f6e204d35")

    @Test("MikroTik and Ubiquiti")
    func elements() throws {
        #expect(
            try AnnouncementTests.statements(AnnouncementTests.mikrotik, .mikrotik)
                == ["name=MikroTik", "firmware=6.49.6", "vendor=MikroTik", "model=RB750Gr3"]
        )
        #expect(
            try AnnouncementTests.statements(AnnouncementTests.ubiquiti, .ubiquiti)
                == ["firmware=XM.v5.6.5", "name=AP", "product=LM5", "model=NanoStation M5"]
        )
        // Two bytes of type: 0x0105 is not 5.
        #expect(try AnnouncementTests.statements(bytes("00000000 0105 0001 61"), .mikrotik).isEmpty)
        #expect(throws: DecodeError.self) {
            try AnnouncementTests.statements(bytes("01020304 0005 0001 61"), .mikrotik)
        }
        #expect(throws: DecodeError.self) { try AnnouncementTests.statements(bytes("03000004 0b 0001 61"), .ubiquiti) }
        #expect(throws: DecodeError.self) { try AnnouncementTests.statements(bytes("01000004 0b 0002 61"), .ubiquiti) }
    }

    @Test("LIFX refuses what is not its own")
    func lifx() {
        let header = bytes("2400 0034") + [UInt8](repeating: 0, count: 28) + bytes("0200 0000")
        #expect(throws: Never.self) { try AnnouncementTests.statements(header, .lifx) }
        #expect(throws: DecodeError.self) {
            try AnnouncementTests.statements(bytes("2400 0033") + header.dropFirst(4), .lifx)
        }
        #expect(throws: DecodeError.self) { try AnnouncementTests.statements(header + [0], .lifx) }
        let version =
            bytes("3000 0014") + [UInt8](repeating: 0, count: 28) + bytes("2100 0000 01000000 16000000 00000000")
        survivesDamage(version) { reader throws(DecodeError) in try DeviceAnnouncement(parsing: &reader, form: .lifx) }
    }

    @Test("damage decodes or throws, random bytes too")
    func damage() {
        let json = Array(#"{"model":"a\"b","sw_ver":1}"#.utf8)
        let forms: [DeviceAnnouncement.Form] = [
            .lldp, .cdp, .mikrotik, .ubiquiti, .text, .scrambledText, .tuya, .lifx,
        ]
        for form in forms {
            for message in [AnnouncementTests.mikrotik, AnnouncementTests.ubiquiti, json] {
                survivesDamage(message) { reader throws(DecodeError) in
                    try DeviceAnnouncement(parsing: &reader, form: form)
                }
            }
        }
        let seed: UInt64 = 4_861
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let message = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            for form in forms {
                let found = try? AnnouncementTests.statements(message, form)
                #expect((found?.count ?? 0) <= DeviceAnnouncement.maximumStatements, "seed \(seed): \(message)")
            }
        }
    }
}
