import Decoders
import Fingerprinting
import NetworkTypes
import PacketParsing
import TestSupport
import Testing

/// What no decoder may do, whatever it is given. `make test` also damages 100,000 inputs for each of them in a release
/// build (`gatehouse-decoders mutate`): the checks that trap are in both, and a debug build takes minutes for it.
@Suite("Every decoder")
struct DecoderTests {
    /// Damaged inputs for each decoder here.
    static let rounds = 300
    static let seed: UInt64 = 48_151

    @Test("names are unique, and fit a folder")
    func names() {
        let names = DecoderTable.all.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names { #expect(name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }) }
    }

    @Test("there is something well-formed to damage", arguments: DecoderTable.all)
    func samples(_ decoder: Decoder) {
        // A decoder that refuses all of its seeds is tried at its door only; and captures are not everywhere.
        #expect(decoder.samples().contains { decoder.decode($0) })
    }

    @Test("every prefix, and damage", arguments: DecoderTable.all)
    func damage(_ decoder: Decoder) {
        let seeds = decoder.seeds
        for seed in seeds.prefix(4) {
            for length in 0...min(seed.count, 256) { _ = decoder.decode(Array(seed.prefix(length))) }
        }
        for round in 0..<DecoderTests.rounds {
            let input = Mutation.bytes(
                of: seeds,
                seed: DecoderTests.seed,
                round: round,
                maximumLength: decoder.maximumLength
            )
            #expect(input.count <= decoder.maximumLength)
            _ = decoder.decode(input)
        }
    }

    @Test("the same number makes the same damage, another makes another")
    func mutations() {
        let seeds = [Array("a message to damage".utf8), Array("another one".utf8)]
        func mutated(_ round: Int) -> [UInt8] {
            Mutation.bytes(of: seeds, seed: DecoderTests.seed, round: round, maximumLength: 64)
        }
        #expect((0..<500).allSatisfy { mutated($0) == mutated($0) })
        #expect(Set((0..<500).map { mutated($0) }).count > 400)
        #expect((0..<500).filter { seeds.contains(mutated($0)) }.count < 20)
    }

    @Test(
        "fed byte by byte, a capture passes through all of its prefixes",
        .enabled(if: CaptureData.isPresent, "no captures: GATEHOUSE_DATA says where they are"),
        arguments: CaptureData.captures.prefix(60)
    )
    func prefixes(_ capture: String) throws {
        let file = Array(try CaptureData.bytes(capture).prefix(8192))
        guard let whole = try? Replay(file) else { return }
        let pieces = try Replay(file, pieceLength: 1)
        #expect(pieces.sightings == whole.sightings && pieces.isTruncated == whole.isTruncated)
        var frames = 0
        var reader = CaptureFileReader()
        for length in file.indices {
            try reader.feed(file.span.extracting(length..<(length + 1))) { _, _ in frames += 1 }
            #expect(frames == Int(reader.frameCount))
        }
        #expect(frames == whole.frames)
    }
}
