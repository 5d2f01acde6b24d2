import NetworkTypes
import PacketParsing
import TestSupport
import Testing

/// Messages made after doc/mgmt-api.txt of BlueZ and the Core Specification's formats; no capture of them was at hand.
@Suite("Bluetooth advertisements")
struct BluetoothTests {
    static func statements(_ data: [UInt8]) throws(DecodeError) -> [String] {
        let advertisement = try decode(data) { reader throws(DecodeError) in
            try BluetoothAdvertisement(parsing: &reader)
        }
        return advertisement.statements.map { "\($0.kind)=\($0.value)" }
    }

    static func event(_ bytes: [UInt8]) throws(DecodeError) -> BluetoothManagementEvent {
        try decode(bytes) { reader throws(DecodeError) in try BluetoothManagementEvent(parsing: &reader) }
    }

    @Test(
        "each kind of structure",
        arguments: [
            ("020106", []), ("0303 95fe", ["service=fe95"]), ("0502 0d18 0f18", ["service=180d", "service=180f"]),
            ("05 05 d2fc0000", ["service=fcd2"]), ("05 05 01000100", ["service=00010001"]),
            ("1107 ba5cf7933b12d389e411e7ad6e1f2eb4", ["service=b42e1f6e-ade7-11e4-89d3-123b93f75cba"]),
            ("1106 fb349b5f80000080001000000d180000", ["service=180d"]),
            ("0909 52757576692041 31", ["name=Ruuvi A1"]), ("0408 4c4544", ["name=LED"]),
            ("0516 95fe5020", ["serviceData=fe95"]), ("0620 d2fc00004000", ["serviceData=fcd2"]),
            ("1221 ba5cf7933b12d389e411e7ad6e1f2eb4 01", ["serviceData=b42e1f6e-ade7-11e4-89d3-123b93f75cba"]),
            ("07ff 9904 05112233", ["manufacturer=0499:05112233"]), ("03ff 4c00", ["manufacturer=004c:"]),
            ("0cff 4c00 0215a495bb30c5b14b", ["manufacturer=004c:0215a495bb30"]),
            ("0319 c103", ["appearance=15/1"]), ("040d 0c025a", ["majorClass=02"]),
            ("0303 95fe 00 000000", ["service=fe95"]),
            ("0303 95fe 0302 95fe", ["service=fe95"]), ("", []), ("00", []), ("0109", []), ("03 7f 0102", []),
        ]
    )
    func structures(_ text: String, _ expected: [String]) throws {
        #expect(try Self.statements(bytes(text)) == expected)
    }

    @Test(
        "structures that are broken",
        arguments: ["03", "0303", "030395", "0403 95fe 01", "0216 01", "1107 00", "0119", "020d 00", "02ff 00"]
    )
    func broken(_ text: String) {
        #expect(throws: DecodeError.self) { try Self.statements(bytes(text)) }
    }

    @Test("no more statements than the limit")
    func limit() throws {
        var data: [UInt8] = []
        for index in 0..<UInt8(200) { data += [0x03, 0x03, index, 0x18] }
        #expect(try Self.statements(data).count == BluetoothAdvertisement.statementLimit)
    }

    /// A Device Found of `hci0`: C4:64:E3:01:02:03, LE random, -60 dBm, with flags, a company and a name.
    static let found = bytes(
        "1200 0000 2100 030201e364c4 02 c4 00000000 1300 020106 06ff9904051122 0809527575766920 41"
    )

    @Test("a device that is found")
    func deviceFound() throws {
        let event = try Self.event(Self.found)
        #expect(event.code == BluetoothManagementEvent.deviceFound && event.controller == 0)
        let sighting = try #require(event.sighting)
        #expect(sighting.address.byteString == "c4:64:e3:01:02:03")
        #expect(sighting.isLasting && !sighting.isPublic)
        #expect(
            sighting.advertisement.statements.map(\.value) == ["0499:051122", "Ruuvi A"]
        )
    }

    @Test(
        "which addresses last",
        arguments: [
            (0x00, 0x00, true, true), (0x00, 0x01, true, true), (0xC0, 0x02, true, false), (0xFF, 0x02, true, false),
            (0x40, 0x02, false, false), (0x7F, 0x02, false, false), (0x00, 0x02, false, false),
            (0xBF, 0x02, false, false),
        ] as [(UInt8, UInt8, Bool, Bool)]
    )
    func addresses(first: UInt8, type: UInt8, isLasting: Bool, isPublic: Bool) throws {
        var message = Self.found
        message[11] = first
        message[12] = type
        let sighting = try #require(try Self.event(message).sighting)
        #expect(sighting.isLasting == isLasting && sighting.isPublic == isPublic)
    }

    @Test("answers, and events that say nothing here")
    func others() throws {
        // Command Status of Start Discovery: 0x0f, not powered. Index Added. Discovering.
        #expect(try Self.event(bytes("0200 0100 0300 2300 0f")).status == 0x0F)
        #expect(try Self.event(bytes("0400 0000 0000")).sighting == nil)
        #expect(try Self.event(bytes("1300 0000 0200 06 01")).status == 0)
    }

    @Test(
        "messages that are broken",
        arguments: [
            "", "1200", "1200 0000 0100", "0400 0000 0000 00", "0200 0000 0200 2300", "1200 0000 0400 01020304",
        ]
    )
    func brokenMessages(_ text: String) {
        #expect(throws: DecodeError.self) { try Self.event(bytes(text)) }
    }

    @Test("damage does no harm")
    func damage() {
        survivesDamage(Self.found) { reader throws(DecodeError) in try BluetoothManagementEvent(parsing: &reader) }
        for seed in UInt64(0)..<5_000 {
            var generator = SeededGenerator(seed: seed)
            var message = Self.found
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                let index = Int.random(in: 0..<message.count, using: &generator)
                message[index] = UInt8.random(in: 0...255, using: &generator)
            }
            guard let event = try? Self.event(message), let sighting = event.sighting else { continue }
            #expect(
                sighting.advertisement.statements.count <= BluetoothAdvertisement.statementLimit,
                "seed \(seed)"
            )
        }
    }
}
