import NetworkTypes
import Testing
import WireProtocol

/// Golden encodings from RFC 8949, appendix A.
@Suite struct CBORTests {
    @Test(arguments: [
        (UInt64(0), "00"), (1, "01"), (10, "0a"), (23, "17"), (24, "1818"), (25, "1819"), (100, "1864"),
        (1000, "1903e8"), (1_000_000, "1a000f4240"), (1_000_000_000_000, "1b000000e8d4a51000"),
        (18_446_744_073_709_551_615, "1bffffffffffffffff"),
    ])
    func unsigned(value: UInt64, hexadecimal: String) throws {
        var encoder = CBOREncoder()
        encoder.unsigned(value)
        #expect(Hexadecimal.encode(encoder.encoded).text == hexadecimal)
        #expect(try reading(encoder.encoded) { reader throws(DecodeError) in try reader.readCBORUnsigned() } == value)
    }

    @Test(arguments: [
        (Int64(-1), "20"), (-10, "29"), (-100, "3863"), (-1000, "3903e7"), (0, "00"), (Int64.min, "3b7fffffffffffffff"),
    ])
    func negative(value: Int64, hexadecimal: String) throws {
        var encoder = CBOREncoder()
        encoder.integer(value)
        #expect(Hexadecimal.encode(encoder.encoded).text == hexadecimal)
        #expect(try reading(encoder.encoded) { reader throws(DecodeError) in try reader.readCBORInteger() } == value)
    }

    @Test func stringsAndContainers() {
        var encoder = CBOREncoder()
        encoder.bytes([])
        encoder.bytes([1, 2, 3, 4])
        encoder.text("")
        encoder.text("IETF")
        encoder.text("\u{00fc}")
        encoder.text("\u{6c34}")
        encoder.text("\u{10151}")
        encoder.boolean(false)
        encoder.boolean(true)
        encoder.array(count: 3)
        encoder.map {
            $0.unsigned(1, 2)
            $0.unsigned(3, 4)
        }
        #expect(
            Hexadecimal.encode(encoder.encoded).text
                == "40" + "4401020304" + "60" + "6449455446" + "62c3bc" + "63e6b0b4" + "64f0908591" + "f4" + "f5" + "83"
                + "a201020304"
        )
    }

    /// Well-formed CBOR, or close to it, that the deterministic form does not allow.
    @Test(arguments: [
        ("1800", DecodeError.Reason.notCanonical), ("1817", .notCanonical), ("190018", .notCanonical),
        ("1a0000ffff", .notCanonical), ("1b00000000ffffffff", .notCanonical), ("5f42010243030405ff", .notCanonical),
        ("7f657374726561646d696e67ff", .notCanonical), ("9fff", .notCanonical),
        ("bf61610161629f0203ffff", .notCanonical),
        ("1c", .malformed), ("fe", .unsupported), ("ff", .malformed), ("f97c00", .unsupported),
        ("fb3ff199999999999a", .unsupported),
        ("c074323031332d30332d32315432303a30343a30305a", .unsupported), ("f7", .unsupported), ("f820", .unsupported),
        ("62c328", .malformed), ("61ff", .malformed), ("63eda080", .malformed), ("a2020101", .truncated),
        ("a202010101", .notCanonical), ("a201010101", .notCanonical), ("a262616101616202", .notCanonical),
        ("a1f501", .unsupported), ("a1800100", .unsupported),
        ("", .truncated), ("18", .truncated), ("19ff", .truncated), ("42ff", .truncated), ("8201", .truncated),
        ("5bffffffffffffffff", .truncated), ("9bffffffffffffffff", .truncated), ("bbffffffffffffffff", .truncated),
        ("5a04000000", .truncated), ("9a04000000", .truncated),
    ])
    func refused(hexadecimal: String, reason: DecodeError.Reason) throws {
        let bytes = try #require(Hexadecimal.decode(ByteString(utf8: hexadecimal)))
        let error = #expect(throws: DecodeError.self) { try skipping(bytes) }
        #expect(error?.reason == reason, "\(hexadecimal)")
    }

    /// From RFC 8949, appendix A: what may be skipped.
    @Test(arguments: [
        "00", "1bffffffffffffffff", "3903e7", "f4", "f5", "f6", "40", "4401020304", "62225c", "80", "83010203",
        "8301820203820405",
        "98190102030405060708090a0b0c0d0e0f101112131415161718181819", "a0", "a201020304", "a26161016162820203",
        "826161a161626163", "a56161614161626142616361436164614461656145",
    ])
    func skipped(hexadecimal: String) throws {
        let bytes = try #require(Hexadecimal.decode(ByteString(utf8: hexadecimal)))
        try skipping(bytes)
        for length in 0..<bytes.count {
            #expect(throws: DecodeError.self, "prefix of \(length) bytes") {
                try skipping(Array(bytes[..<length]))
            }
        }
    }

    @Test func nestingIsBounded() throws {
        let allowed = [UInt8](repeating: 0x81, count: CBOR.maximumNesting) + [0x00]
        try skipping(allowed)
        let arrays = [UInt8](repeating: 0x81, count: 10_000) + [0x00]
        var maps: [UInt8] = []
        for _ in 0..<10_000 { maps += [0xA1, 0x01] }
        maps.append(0x00)
        for deep in [arrays, maps] {
            let error = #expect(throws: DecodeError.self) { try skipping(deep) }
            #expect(error?.reason == .limitExceeded)
        }
    }

    @Test func limitsOfPullReads() throws {
        let text: [UInt8] = [0x63, 0x61, 0x62, 0x63]
        #expect(throws: DecodeError(.limitExceeded, at: 0)) {
            try reading(text) { reader throws(DecodeError) in try reader.readCBORText(limit: 2) }
        }
        #expect(throws: DecodeError(.malformed, at: 0)) {
            try reading(text) { reader throws(DecodeError) in try reader.readCBORBytes(limit: 9) }
        }
    }

    @Test func textIsSanitised() {
        let cases: [([UInt8], Int, String)] = [
            (Array("caf\u{e9}".utf8), 100, "caf\u{e9}"), (Array("caf\u{e9}".utf8), 4, "caf"),
            ([0x61, 0xFF, 0x62], 100, "a\u{FFFD}b"), ([0x61, 0xFF, 0x62], 3, "a"), ([0xE9], 100, "\u{FFFD}"),
            ([0xED, 0xA0, 0x80], 100, "\u{FFFD}\u{FFFD}\u{FFFD}"), ([0xC0, 0xAF], 100, "\u{FFFD}\u{FFFD}"),
            ([0xF4, 0x90, 0x80, 0x80], 100, "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"), ([], 0, ""),
        ]
        for (bytes, limit, expected) in cases {
            #expect(UTF8Text.sanitised(bytes, limit: limit) == Array(expected.utf8))
        }
    }
}

/// What `read` takes from `bytes`, all of which it must consume.
@discardableResult
private func reading<Value>(
    _ bytes: [UInt8],
    _ read: (inout ByteReader) throws(DecodeError) -> Value
) throws(DecodeError) -> Value {
    var reader = ByteReader(bytes.span)
    let value = try read(&reader)
    try reader.expectEnd()
    return value
}

private func skipping(_ bytes: [UInt8]) throws(DecodeError) {
    try reading(bytes) { reader throws(DecodeError) in try reader.skipCBORItem() }
}
