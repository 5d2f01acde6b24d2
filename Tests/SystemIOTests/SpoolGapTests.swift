import Foundation
import NetworkTypes
import SystemIO
import TestSupport
import Testing

/// What a spool gave up is told once, when there is room for it, and never forgotten before.
@Suite struct SpoolGapTests {
    private static func record(_ sequence: UInt64, severity: UInt8, bytes: Int = 60_000) -> SpoolRecord {
        SpoolRecord(
            mark: SpoolRecord.Mark(bootEpoch: 2, sequence: sequence),
            severity: severity,
            timeMilliseconds: 1_000_000 + sequence,
            body: [UInt8](repeating: 9, count: bytes)
        )
    }

    @Test func anAccountThatFindsNoRoomStaysToBeToldAndIsNoPartOfItself() throws {
        let directory = try TemporaryDirectory()
        let store = try SpoolStore(directory: directory.path, maximumBytes: 1 << 20)
        var sequence: UInt64 = 0
        repeat {
            sequence += 1
            #expect(try store.append(Self.record(sequence, severity: 3)))
        } while store.bytes + 60_040 <= 1 << 20
        for severity in [0, 2] as [UInt8] {
            sequence += 1
            #expect(try store.append(Self.record(sequence, severity: severity)) == false)
        }
        let loss = try #require(store.unreportedLoss)
        #expect(loss.count == 2 && loss.severity == 2 && !store.isOutOfSpace)
        for _ in 0..<3 {
            sequence += 1
            let told = try #require(store.unreportedLoss)
            #expect(try store.append(Self.record(sequence, severity: 2), telling: told) == false)
            #expect(store.unreportedLoss == loss)
        }
        try store.forget(upTo: SpoolRecord.Mark(bootEpoch: 2, sequence: 3))
        sequence += 1
        #expect(try store.append(Self.record(sequence, severity: 2), telling: loss))
        #expect(store.unreportedLoss == nil)
        // What the account itself drives out is told by the next.
        store.lose(Self.record(sequence + 1, severity: 1))
        #expect(store.unreportedLoss?.count == 1)
    }

    @Test func roomIsKeptOnceAndIsNoReport() throws {
        let directory = try TemporaryDirectory()
        let store = try SpoolStore(directory: directory.path, maximumBytes: 1 << 20)
        store.keepReserve()
        store.keepReserve()
        let path = directory.url.appendingPathComponent("reserve").path
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        #expect(size == SpoolStore.reserveBytes && store.bytes == 0)
        let again = try SpoolStore(directory: directory.path, maximumBytes: 1 << 20)
        #expect(again.count == 0 && again.recoveredBytesLost == 0)
    }

    /// A file that was made of the reserve: its records are read, and what is left of the reserve is no damage.
    @Test func whatIsLeftOfTheReserveIsNoDamage() throws {
        let directory = try TemporaryDirectory()
        do {
            let store = try SpoolStore(directory: directory.path, maximumBytes: 1 << 20)
            for sequence in 1...3 as ClosedRange<UInt64> {
                _ = try store.append(Self.record(sequence, severity: 2, bytes: 100))
            }
            try store.sync()
        }
        let files = try FileManager.default.contentsOfDirectory(at: directory.url, includingPropertiesForKeys: nil)
        let file = try #require(files.first)
        try (try Data(contentsOf: file) + Data(repeating: 0xA5, count: 5000)).write(to: file)
        let store = try SpoolStore(directory: directory.path, maximumBytes: 1 << 20)
        #expect(store.recoveredBytesLost == 0 && store.count == 3)
        // Once it is acknowledged, it is the reserve again.
        try store.forget(upTo: SpoolRecord.Mark(bootEpoch: 2, sequence: 3))
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.url.path)
        #expect(names == ["reserve"])
    }
}
