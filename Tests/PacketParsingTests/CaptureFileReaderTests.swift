import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("Capture files")
struct CaptureFileReaderTests {
    struct Frame: Equatable {
        let linkType: UInt16
        let nanoseconds: UInt64
        let bytes: [UInt8]
        let originalLength: UInt32
    }

    struct Outcome: Equatable {
        var frames: [Frame] = []
        var isTruncated = false
        var error: DecodeError?
        var oversized: UInt64 = 0
    }

    static func read(_ file: [UInt8], pieceLength: Int = .max) -> Outcome {
        var reader = CaptureFileReader()
        var outcome = Outcome()
        var offset = 0
        do throws(DecodeError) {
            while offset < file.count {
                let end = offset + min(pieceLength, file.count - offset)
                let piece = Array(file[offset..<end])
                try reader.feed(piece.span) { frame, bytes in
                    var copy: [UInt8] = []
                    for index in bytes.indices { copy.append(bytes[index]) }
                    outcome.frames.append(
                        Frame(
                            linkType: frame.linkType.rawValue,
                            nanoseconds: frame.timeNanoseconds,
                            bytes: copy,
                            originalLength: frame.originalLength
                        )
                    )
                }
                offset = end
            }
        } catch {
            outcome.error = error
        }
        outcome.isTruncated = reader.isTruncated
        outcome.oversized = reader.oversizedCount
        return outcome
    }

    static func number(_ value: UInt32, _ isLittleEndian: Bool) -> [UInt8] {
        isLittleEndian ? FrameBuilder.long(value).reversed() : FrameBuilder.long(value)
    }

    static func half(_ value: Int, _ isLittleEndian: Bool) -> [UInt8] {
        isLittleEndian ? FrameBuilder.word(value).reversed() : FrameBuilder.word(value)
    }

    /// draft-ietf-opsawg-pcap §4 and §5.
    static func pcap(_ isLittleEndian: Bool, isNano: Bool, frames: [[UInt8]]) -> [UInt8] {
        var file = number(isNano ? 0xA1B2_3C4D : 0xA1B2_C3D4, isLittleEndian)
        file += half(2, isLittleEndian) + half(4, isLittleEndian)
        for value: UInt32 in [0, 0, 65535, 1] { file += number(value, isLittleEndian) }
        for (index, frame) in frames.enumerated() {
            file += number(UInt32(100 + index), isLittleEndian) + number(7, isLittleEndian)
            file += number(UInt32(frame.count), isLittleEndian) + number(1500, isLittleEndian) + frame
        }
        return file
    }

    static func block(_ type: UInt32, _ body: [UInt8], _ isLittleEndian: Bool) -> [UInt8] {
        let padding = [UInt8](repeating: 0, count: (4 - body.count % 4) % 4)
        let length = number(UInt32(12 + body.count + padding.count), isLittleEndian)
        return number(type, isLittleEndian) + length + body + padding + length
    }

    /// draft-ietf-opsawg-pcapng §4: a section, an interface in nanoseconds, an unknown block, then one packet of
    /// each kind.
    static func pcapng(_ little: Bool) -> [UInt8] {
        let section = block(
            0x0A0D_0D0A,
            number(0x1A2B_3C4D, little) + half(1, little) + half(0, little)
                + [UInt8](repeating: 0xFF, count: 8),
            little
        )
        let options = half(9, little) + half(1, little) + [9, 0, 0, 0] + half(0, little) + half(0, little)
        let interface = block(1, half(113, little) + half(0, little) + number(0, little) + options, little)
        let unknown = block(0xBAD, [1, 2, 3, 4, 5], little)
        let enhanced = block(
            6,
            number(0, little) + number(1, little) + number(5, little) + number(3, little)
                + number(60, little) + [1, 2, 3],
            little
        )
        let simple = block(3, number(2, little) + [4, 5], little)
        let obsolete = block(
            2,
            half(0, little) + half(0, little) + number(0, little) + number(9, little)
                + number(1, little) + number(1, little) + [6],
            little
        )
        return section + interface + unknown + enhanced + simple + obsolete
    }

    static let frames: [[UInt8]] = [[1, 2, 3], [], [UInt8](repeating: 9, count: 300)]

    @Test("pcap, both orders, both resolutions, in pieces of every size", arguments: [true, false], [true, false])
    func readsPCAP(_ isLittleEndian: Bool, _ isNano: Bool) {
        let file = CaptureFileReaderTests.pcap(isLittleEndian, isNano: isNano, frames: CaptureFileReaderTests.frames)
        let whole = CaptureFileReaderTests.read(file)
        #expect(whole.frames.map(\.bytes) == CaptureFileReaderTests.frames)
        #expect(whole.frames[1].nanoseconds == 101_000_000_000 + (isNano ? 7 : 7000))
        #expect(whole.frames[0].linkType == 1 && whole.frames[0].originalLength == 1500)
        #expect(whole.error == nil && !whole.isTruncated)
        for pieceLength in 1...40 { #expect(CaptureFileReaderTests.read(file, pieceLength: pieceLength) == whole) }
    }

    @Test("pcapng, both orders, in pieces of every size", arguments: [true, false])
    func readsPCAPNG(_ isLittleEndian: Bool) {
        let file = CaptureFileReaderTests.pcapng(isLittleEndian)
        let whole = CaptureFileReaderTests.read(file)
        #expect(whole.frames.map(\.bytes) == [[1, 2, 3], [4, 5], [6]])
        #expect(whole.frames.map(\.nanoseconds) == [(1 << 32) + 5, 0, 9])
        #expect(whole.frames.map(\.linkType) == [113, 113, 113])
        #expect(whole.frames[0].originalLength == 60)
        #expect(whole.error == nil && !whole.isTruncated)
        for pieceLength in 1...40 { #expect(CaptureFileReaderTests.read(file, pieceLength: pieceLength) == whole) }
        // A second section in the other order takes its own interfaces.
        let both = CaptureFileReaderTests.read(file + CaptureFileReaderTests.pcapng(!isLittleEndian))
        #expect(both.frames == whole.frames + whole.frames)
    }

    @Test("every prefix gives what is whole and says that the rest is missing", arguments: [true, false])
    func prefixes(_ isBlocks: Bool) {
        let file =
            isBlocks
            ? CaptureFileReaderTests.pcapng(true)
            : CaptureFileReaderTests.pcap(true, isNano: false, frames: CaptureFileReaderTests.frames)
        let whole = CaptureFileReaderTests.read(file)
        for length in 0..<file.count {
            let outcome = CaptureFileReaderTests.read(Array(file.prefix(length)))
            #expect(outcome.error == nil)
            #expect(outcome.frames == Array(whole.frames.prefix(outcome.frames.count)))
            #expect(outcome.isTruncated || outcome.frames.count <= whole.frames.count)
        }
        #expect(CaptureFileReaderTests.read(Array(file.dropLast())).isTruncated)
    }

    @Test("a frame that claims 4 GB is passed over and counted, not kept")
    func oversized() {
        var file = CaptureFileReaderTests.pcap(true, isNano: false, frames: [[1]])
        let end = file.count
        file += [0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]
        file += [UInt8](repeating: 0xAA, count: 100_000)
        let outcome = CaptureFileReaderTests.read(file, pieceLength: 4096)
        #expect(outcome.frames.count == 1 && outcome.oversized == 1 && outcome.isTruncated, "after byte \(end)")
        // One byte above the limit, with a frame after it.
        let length = CaptureFileReader.maximumBlockLength + 1
        let long = CaptureFileReaderTests.pcap(
            false,
            isNano: false,
            frames: [[UInt8](repeating: 1, count: length), [2]]
        )
        let after = CaptureFileReaderTests.read(long, pieceLength: 65536)
        #expect(after.frames.map(\.bytes) == [[2]] && after.oversized == 1 && !after.isTruncated)
    }

    static let broken: [(what: String, file: [UInt8], error: DecodeError)] = [
        ("text", Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), DecodeError(.unsupported, at: 0)),
        (
            "pcap of version 3", [0xA1, 0xB2, 0xC3, 0xD4, 0, 3] + [UInt8](repeating: 0, count: 18),
            DecodeError(.unsupported, at: 4)
        ),
        (
            "a section without magic", FrameBuilder.long(0x0A0D_0D0A) + [UInt8](repeating: 0, count: 24),
            DecodeError(.malformed, at: 8)
        ),
        (
            "two lengths that differ", pcapng(true).dropLast(4) + [1, 0, 0, 0],
            DecodeError(.malformed, at: pcapng(true).count - 4)
        ),
        (
            "a block of 8 bytes", pcapng(false) + FrameBuilder.long(6) + FrameBuilder.long(8) + [0, 0, 0, 8],
            DecodeError(.malformed, at: pcapng(false).count + 4)
        ),
    ]

    @Test("refused, saying where", arguments: broken.indices)
    func refuses(_ index: Int) {
        let (what, file, error) = CaptureFileReaderTests.broken[index]
        for pieceLength in [1, 7, 65536] {
            #expect(CaptureFileReaderTests.read(file, pieceLength: pieceLength).error == error, "\(what)")
        }
    }

    @Test("an undescribed interface is counted; too many interfaces are refused")
    func interfaces() throws {
        var reader = CaptureFileReader()
        let section = CaptureFileReaderTests.pcapng(true).prefix(28)
        let packet = CaptureFileReaderTests.block(6, [UInt8](repeating: 0, count: 20), true)
        try reader.feed(Array(section + packet).span) { _, _ in Issue.record("no frame expected") }
        #expect(reader.unknownInterfaceCount == 1)
        let interface = CaptureFileReaderTests.block(1, [1, 0, 0, 0, 0, 0, 0, 0], true)
        for _ in 0..<CaptureFileReader.maximumInterfaces { try reader.feed(interface.span) { _, _ in } }
        #expect(throws: DecodeError.self) { try reader.feed(interface.span) { _, _ in } }
    }

    @Test("random bytes end in an error or a truncation, with and without a header")
    func random() {
        let seed: UInt64 = 2_718
        var generator = SeededGenerator(seed: seed)
        for round in 0..<300 {
            var file: [UInt8] = []
            if round % 3 == 1 { file = CaptureFileReaderTests.pcap(round % 2 == 0, isNano: false, frames: []) }
            if round % 3 == 2 { file = CaptureFileReaderTests.pcapng(round % 2 == 0) }
            for _ in 0..<2000 { file.append(UInt8.random(in: 0...255, using: &generator)) }
            let outcome = CaptureFileReaderTests.read(file, pieceLength: 512)
            #expect(
                outcome.error != nil || outcome.isTruncated || outcome.frames.count > 0,
                "seed \(seed) round \(round)"
            )
        }
    }

    @Test("mutated files give the same in pieces as in one")
    func mutations() {
        let seed: UInt64 = 31_415
        var generator = SeededGenerator(seed: seed)
        let bases = [
            CaptureFileReaderTests.pcapng(true),
            CaptureFileReaderTests.pcap(false, isNano: true, frames: CaptureFileReaderTests.frames),
        ]
        for round in 0..<2000 {
            var file = bases[round % bases.count]
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                file[Int.random(in: 0..<file.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            let whole = CaptureFileReaderTests.read(file)
            #expect(CaptureFileReaderTests.read(file, pieceLength: 13) == whole, "seed \(seed) round \(round)")
        }
    }
}
