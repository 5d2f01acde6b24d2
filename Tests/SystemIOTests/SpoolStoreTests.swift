import Foundation
import NetworkTypes
import SystemIO
import TestSupport
import Testing

@Suite("Spool")
struct SpoolStoreTests {
    private static let mebibyte: UInt64 = 1 << 20

    private static func record(
        _ sequence: UInt64,
        epoch: UInt64 = 1,
        severity: UInt8 = 1,
        _ body: [UInt8] = Array("a report".utf8)
    ) -> SpoolRecord {
        SpoolRecord(
            mark: SpoolRecord.Mark(bootEpoch: epoch, sequence: sequence),
            severity: severity,
            timeMilliseconds: 1_000_000 + sequence,
            body: body
        )
    }

    private static func mark(_ sequence: UInt64, epoch: UInt64 = 1) -> SpoolRecord.Mark {
        SpoolRecord.Mark(bootEpoch: epoch, sequence: sequence)
    }

    private static func sequences(_ store: SpoolStore, after mark: SpoolRecord.Mark = .zero) throws -> [UInt64] {
        try store.read(after: mark, count: 1_000_000, maximumBytes: Int.max).map(\.mark.sequence)
    }

    private static func files(_ directory: TemporaryDirectory) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: directory.url, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }
    }

    @Test("records come back in order, whole, over severities and restarts")
    func order() throws {
        let directory = try TemporaryDirectory()
        var expected: [SpoolRecord] = []
        do {
            let store = try SpoolStore(directory: directory.path, maximumBytes: Self.mebibyte)
            for sequence in 1...100 as ClosedRange<UInt64> {
                let body = [UInt8](repeating: UInt8(sequence), count: Int(sequence) * 7 % 300)
                let record = Self.record(sequence, severity: UInt8(sequence * 7 % 4), body)
                #expect(try store.append(record))
                expected.append(record)
            }
            try store.sync()
            #expect(try store.read(after: .zero, count: 1_000, maximumBytes: Int.max) == expected)
            #expect(store.count == 100)
        }
        let store = try SpoolStore(directory: directory.path, maximumBytes: Self.mebibyte)
        #expect(store.recoveredBytesLost == 0)
        #expect(store.lastMark == Self.mark(100))
        #expect(try store.read(after: .zero, count: 1_000, maximumBytes: Int.max) == expected)
        // The next start of the agent: a greater epoch begins at 1 again.
        let next = Self.record(1, epoch: 2, severity: 0)
        #expect(try store.append(next))
        #expect(try store.read(after: Self.mark(99), count: 9, maximumBytes: Int.max) == [expected[99], next])
    }

    @Test("a read has its limits, goes on where it is told, and can go back")
    func reading() throws {
        let directory = try TemporaryDirectory()
        let store = try SpoolStore(directory: directory.path, maximumBytes: Self.mebibyte)
        for sequence in 1...20 as ClosedRange<UInt64> {
            _ = try store.append(
                Self.record(sequence, severity: UInt8(sequence % 2), [UInt8](repeating: 0, count: 100))
            )
        }
        func read(_ after: UInt64, _ count: Int, _ bytes: Int = .max) throws -> [UInt64] {
            try store.read(after: Self.mark(after), count: count, maximumBytes: bytes).map(\.mark.sequence)
        }
        #expect(try read(0, 3) == [1, 2, 3])
        #expect(try read(3, 3) == [4, 5, 6])
        #expect(try read(6, 100, 250) == [7, 8])
        #expect(try read(6, 100, 10) == [7], "one record at least")
        #expect(try read(0, 2) == [1, 2], "a new connection starts again")
        #expect(try read(19, 5) == [20])
        #expect(try read(20, 5) == [])
        #expect(try read(5, 0) == [])
        _ = try store.append(Self.record(21))
        #expect(try read(20, 5) == [21], "what comes after an empty read is seen")
    }

    @Test("what is acknowledged is forgotten, and its files go")
    func forgetting() throws {
        let directory = try TemporaryDirectory()
        let store = try SpoolStore(directory: directory.path, maximumBytes: 2 * Self.mebibyte)
        for sequence in 1...30 as ClosedRange<UInt64> {
            _ = try store.append(Self.record(sequence, [UInt8](repeating: 1, count: 30_000)))
        }
        let before = store.bytes
        #expect(try Self.files(directory).count > 5)
        try store.forget(upTo: Self.mark(17))
        #expect(store.bytes < before)
        #expect(try Self.sequences(store) == Array(18...30))
        try store.forget(upTo: Self.mark(30))
        #expect(store.bytes == 0)
        #expect(try Self.files(directory).isEmpty)
        #expect(try Self.sequences(store) == [])
        #expect(store.takeLoss() == nil)
        _ = try store.append(Self.record(31))
        #expect(try Self.sequences(store) == [31])
    }

    @Test("a record out of order, too long or of no severity is refused, and nothing changes")
    func refused() throws {
        let directory = try TemporaryDirectory()
        let store = try SpoolStore(directory: directory.path, maximumBytes: Self.mebibyte)
        _ = try store.append(Self.record(5))
        let long = [UInt8](repeating: 0, count: SpoolStore.recordLimitBytes + 1)
        for (record, code) in [
            (Self.record(5), EINVAL), (Self.record(4), EINVAL), (Self.record(9, epoch: 0), EINVAL),
            (Self.record(6, severity: 4), EINVAL), (Self.record(6, long), EMSGSIZE),
        ] {
            let error = #expect(throws: SystemError.self) { try store.append(record) }
            #expect(error?.code == code)
        }
        #expect(try Self.sequences(store) == [5])
        #expect(throws: SystemError.self) { try SpoolStore(directory: directory.path, maximumBytes: 1_000) }
    }

    @Test("a full spool gives up the least severe and oldest first, and accounts for it")
    func overflow() throws {
        let directory = try TemporaryDirectory()
        let store = try SpoolStore(directory: directory.path, maximumBytes: Self.mebibyte)
        let body = [UInt8](repeating: 9, count: 10_000)
        var kept: Set<UInt64> = []
        var losses: [SpoolLoss] = []
        for sequence in 1...300 as ClosedRange<UInt64> {
            // Every tenth is critical, the others by turns informational and notice.
            let severity: UInt8 = sequence % 10 == 0 ? 3 : sequence % 2 == 0 ? 1 : 0
            let isKept = try store.append(Self.record(sequence, severity: severity, body))
            #expect(isKept || severity == 0)
            kept.insert(sequence)
            #expect(store.bytes <= Self.mebibyte)
            if let loss = store.takeLoss() { losses.append(loss) }
        }
        let present = try Self.sequences(store)
        #expect(present.filter { $0 % 10 == 0 } == (1...30).map { $0 * 10 }, "no critical record was given up")
        let lost = kept.subtracting(present)
        #expect(losses.reduce(0) { $0 + $1.count } == UInt64(lost.count))
        #expect(losses.allSatisfy { $0.severity < 3 && $0.countBySeverity[3] == 0 && $0.countBySeverity[2] == 0 })
        #expect(losses.map(\.firstMilliseconds).min() == lost.min().map { $0 + 1_000_000 })
        #expect(losses.map(\.lastMilliseconds).max() == lost.max().map { $0 + 1_000_000 })
        // Of the notices the newest are there; the informational ones went before any of them.
        let notices = { (number: UInt64) in number % 10 != 0 && number % 2 == 0 }
        let oldest = try #require(present.filter(notices).min())
        #expect(lost.filter(notices).allSatisfy { $0 < oldest })
        #expect(!present.contains { $0 % 2 == 1 })
    }

    @Test("a record less severe than all that is kept is given up itself")
    func lessSevere() throws {
        let directory = try TemporaryDirectory()
        let store = try SpoolStore(directory: directory.path, maximumBytes: Self.mebibyte)
        let body = [UInt8](repeating: 9, count: 60_000)
        var sequence: UInt64 = 0
        repeat {
            sequence += 1
            #expect(try store.append(Self.record(sequence, severity: 3, body)))
        } while store.bytes + 60_040 <= Self.mebibyte
        #expect(try store.append(Self.record(sequence + 1, severity: 0, body)) == false)
        let loss = try #require(store.takeLoss())
        #expect(loss.count == 1)
        #expect(loss.severity == 0)
        #expect(loss.firstMilliseconds == 1_000_000 + sequence + 1)
        #expect(try Self.sequences(store) == Array(1...sequence))
    }

    @Test("what is acknowledged is not counted as lost")
    func acknowledgedIsNotLost() throws {
        let directory = try TemporaryDirectory()
        let store = try SpoolStore(directory: directory.path, maximumBytes: Self.mebibyte)
        // 64 KiB a file: six records.
        let body = [UInt8](repeating: 9, count: 10_000)
        for sequence in 1...100 as ClosedRange<UInt64> { _ = try store.append(Self.record(sequence, body)) }
        _ = store.takeLoss()
        let oldest = try #require(try Self.sequences(store).first)
        try store.forget(upTo: Self.mark(oldest + 1))
        for sequence in 101...104 as ClosedRange<UInt64> { _ = try store.append(Self.record(sequence, body)) }
        var lost: UInt64 = 0
        if let loss = store.takeLoss() {
            lost = loss.count
        }
        #expect(try Self.sequences(store).count == 104 - Int(oldest + 1) - Int(lost))
    }

    @Test("every torn tail is cut, counted, and written on after")
    func tornTail() throws {
        let source = try TemporaryDirectory()
        do {
            let store = try SpoolStore(directory: source.path, maximumBytes: Self.mebibyte)
            for sequence in 1...3 as ClosedRange<UInt64> { _ = try store.append(Self.record(sequence)) }
            try store.sync()
        }
        let file = try #require(try Self.files(source).first)
        let whole = try Data(contentsOf: file)
        #expect(whole.count == 3 * 48)
        for length in 0...whole.count {
            let directory = try TemporaryDirectory()
            try whole.prefix(length).write(to: directory.url.appendingPathComponent(file.lastPathComponent))
            let store = try SpoolStore(directory: directory.path, maximumBytes: Self.mebibyte)
            let sound = UInt64(length / 48)
            #expect(try Self.sequences(store) == Array(1..<(sound + 1)))
            #expect(store.recoveredBytesLost == UInt64(length % 48))
            _ = try store.append(Self.record(9))
            try store.sync()
            let again = try SpoolStore(directory: directory.path, maximumBytes: Self.mebibyte)
            #expect(try Self.sequences(again) == Array(1..<(sound + 1)) + [9])
            #expect(again.recoveredBytesLost == 0)
        }
    }

    @Test("one flipped bit anywhere costs the record it is in, and no other")
    func flippedBits() throws {
        let source = try TemporaryDirectory()
        do {
            let store = try SpoolStore(directory: source.path, maximumBytes: Self.mebibyte)
            for sequence in 1...3 as ClosedRange<UInt64> { _ = try store.append(Self.record(sequence)) }
            try store.sync()
        }
        let file = try #require(try Self.files(source).first)
        let whole = try Data(contentsOf: file)
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for index in whole.indices {
            var damaged = whole
            damaged[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
            let directory = try TemporaryDirectory()
            try damaged.write(to: directory.url.appendingPathComponent(file.lastPathComponent))
            let store = try SpoolStore(directory: directory.path, maximumBytes: Self.mebibyte)
            let expected = [1, 2, 3].filter { $0 != UInt64(index / 48) + 1 }
            #expect(try Self.sequences(store) == expected, "seed \(seed), byte \(index)")
            #expect(store.recoveredBytesLost == 48)
        }
    }

    @Test("other files in the folder are left alone")
    func otherFiles() throws {
        let directory = try TemporaryDirectory()
        for name in [
            "notes.txt", "9-0000000000000001.spool", "1-zz00000000000001.spool", "1-0000000000000001.spool.new",
        ] {
            try Data("x".utf8).write(to: directory.url.appendingPathComponent(name))
        }
        let store = try SpoolStore(directory: directory.path, maximumBytes: Self.mebibyte)
        #expect(store.count == 0)
        _ = try store.append(Self.record(1))
        #expect(try Self.files(directory).count == 5)
    }

    @Test("random work against a list in memory")
    func model() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let directory = try TemporaryDirectory()
        var store = try SpoolStore(directory: directory.path, maximumBytes: 4 * Self.mebibyte)
        var model: [SpoolRecord] = []
        var sequence: UInt64 = 0
        var acknowledged = SpoolRecord.Mark.zero
        for step in 0..<800 {
            switch Int.random(in: 0..<40, using: &random) {
            case 0..<28:
                sequence += UInt64.random(in: 1...3, using: &random)
                let size = Int.random(in: 0..<2, using: &random) == 0 ? 50 : Int.random(in: 0...20_000, using: &random)
                let severity = UInt8.random(in: 0...3, using: &random)
                let record = Self.record(
                    sequence,
                    severity: severity,
                    [UInt8](repeating: UInt8(step % 256), count: size)
                )
                if try store.append(record) { model.append(record) }
                // The model does not know which files there are: it asks what is left when something was given up.
                if store.takeLoss() != nil {
                    let left = Set(try store.read(after: acknowledged, count: .max, maximumBytes: .max).map(\.mark))
                    model.removeAll { $0.mark > acknowledged && !left.contains($0.mark) }
                }
            case 28..<37:
                let from = model.randomElement(using: &random)?.mark ?? .zero
                let after = max(from, acknowledged)
                let count = Int.random(in: 1...40, using: &random)
                let read = try store.read(after: after, count: count, maximumBytes: .max)
                #expect(read == Array(model.filter { $0.mark > after }.prefix(count)), "seed \(seed), step \(step)")
            case 37..<39:
                guard let target = model.prefix(20).randomElement(using: &random)?.mark else { break }
                acknowledged = max(acknowledged, target)
                try store.forget(upTo: acknowledged)
                model.removeAll { $0.mark <= acknowledged }
            default:
                try store.sync()
                store = try SpoolStore(directory: directory.path, maximumBytes: 4 * Self.mebibyte)
                #expect(store.recoveredBytesLost == 0)
                try store.forget(upTo: acknowledged)
            }
        }
        #expect(try store.read(after: acknowledged, count: .max, maximumBytes: .max) == model, "seed \(seed)")
    }
}
