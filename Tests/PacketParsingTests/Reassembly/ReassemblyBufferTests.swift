import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("Bytes in pieces")
struct ReassemblyBufferTests {
    static func insert(
        _ buffer: inout ReassemblyBuffer,
        _ piece: [UInt8],
        at offset: Int
    ) -> ReassemblyBuffer.Insertion {
        buffer.insert(ByteReader(piece.span), at: offset)
    }

    @Test("random pieces in random order, held against a plain array")
    func random() {
        for seed in 1...200 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed: seed)
            let whole = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
            var known = [Bool](repeating: false, count: 200)
            var buffer = ReassemblyBuffer(limit: 200)
            while known.contains(false) {
                let start = Int.random(in: 0..<200, using: &random)
                let end = Int.random(in: start...min(200, start + 30), using: &random)
                let before = known[start..<end].filter { $0 }.count
                let result = ReassemblyBufferTests.insert(&buffer, Array(whole[start..<end]), at: start)
                for index in start..<end { known[index] = true }
                switch result {
                case .added: #expect(before == 0, "seed \(seed)")
                case .repeated: #expect(before == end - start, "seed \(seed)")
                case .overlapping: #expect(before > 0 && before < end - start, "seed \(seed)")
                case .refused: Issue.record("seed \(seed)")
                }
                let front = known.firstIndex(of: false) ?? 200
                #expect(buffer.contiguous == Array(whole[..<front]), "seed \(seed)")
                #expect(buffer.end == (known.lastIndex(of: true) ?? -1) + 1, "seed \(seed)")
            }
        }
    }

    @Test("what was there first stays, and a difference is told")
    func conflict() {
        var buffer = ReassemblyBuffer(limit: 10)
        _ = ReassemblyBufferTests.insert(&buffer, [1, 2, 3], at: 0)
        let result = ReassemblyBufferTests.insert(&buffer, [9, 9], at: 1)
        guard case .overlapping = result else {
            Issue.record("\(result)")
            return
        }
        #expect(buffer.contiguous == [1, 2, 3])
    }

    @Test("limits: length, runs")
    func limits() {
        var buffer = ReassemblyBuffer(limit: 1000)
        for (offset, count) in [(-1, 1), (1000, 1), (999, 2), (Int.max, 1), (2, 999)] {
            let piece = [UInt8](repeating: 1, count: count)
            guard case .refused = ReassemblyBufferTests.insert(&buffer, piece, at: offset) else {
                Issue.record("\(offset) \(count)")
                continue
            }
        }
        for index in 0..<ReassemblyBuffer.maximumRuns {
            guard case .added = ReassemblyBufferTests.insert(&buffer, [1], at: index * 2 + 1) else {
                Issue.record("run \(index)")
                return
            }
        }
        guard case .refused = ReassemblyBufferTests.insert(&buffer, [1], at: 900) else {
            Issue.record("one run too many")
            return
        }
        // What closes a gap needs no new run.
        guard case .added = ReassemblyBufferTests.insert(&buffer, [1, 1], at: 0)
        else {
            // Byte 1 is there: an overlap, which is taken all the same.
            #expect(buffer.contiguousCount == 2)
            return
        }
        Issue.record("byte 1 was there")
    }

    @Test("the front is forgotten")
    func removal() {
        var buffer = ReassemblyBuffer(limit: 20)
        _ = ReassemblyBufferTests.insert(&buffer, [1, 2, 3, 4], at: 0)
        _ = ReassemblyBufferTests.insert(&buffer, [7, 8], at: 6)
        buffer.removeFirst(5)
        #expect(buffer.contiguous == [1, 2, 3, 4], "more than is there")
        buffer.removeFirst(3)
        #expect(buffer.contiguous == [4] && buffer.end == 5)
        buffer.removeFirst(1)
        #expect(buffer.contiguous.isEmpty && buffer.contiguousCount == 0)
        _ = ReassemblyBufferTests.insert(&buffer, [5, 6], at: 0)
        #expect(buffer.contiguous == [5, 6, 7, 8])
    }
}
