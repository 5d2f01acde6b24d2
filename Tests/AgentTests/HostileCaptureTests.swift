import Foundation
import KnowledgeBuilder
import TestSupport
import Testing

/// `identify` on captures that nobody well-meaning wrote.
@Suite(.ownThread) struct HostileCaptureTests {
    /// Address space that the program may take, KiB: far below the size of the captures it reads here.
    static let addressSpaceKiB = 80 << 10
    static let captureBytes = 100 << 20

    /// Runs `identify`, with a knowledge file of one rule, in so much address space.
    static func identify(_ capture: URL, in directory: URL) async throws -> Programs.Outcome {
        let rule = """
            - rule: one
              when: { mdns.service: ["_one._tcp"] }
              says: { class: ip-camera }
              weight: 0.9
              source: https://example.com/
              examples: ["_one._tcp"]
              counterexamples: ["_two._tcp"]
            """
        let knowledge = directory.appending(path: "knowledge")
        try Data(KnowledgeBuilder.build(texts: [("r.yaml", rule), ("vendors.yaml", "vendors: []\n")])).write(
            to: knowledge
        )
        let command =
            "ulimit -v \(addressSpaceKiB); exec '\(Programs.path("gatehouse-agent"))' identify"
            + " --pcap '\(capture.path)' --knowledge '\(knowledge.path)' --json"
        return try await Programs.run("sh", ["-c", command], in: directory)
    }

    /// Bytes without any order, the same in every run: AES in counter mode over zeros.
    static func disorder(in directory: URL) async throws -> Data {
        let file = directory.appending(path: "disorder")
        let key = String(repeating: "7", count: 32)
        let outcome = try await Programs.run(
            "sh",
            [
                "-c",
                "head -c \(captureBytes) /dev/zero | openssl enc -aes-128-ctr -K \(key) -iv \(key) > '\(file.path)'",
            ],
            in: directory
        )
        try #require(outcome.status == 0, "\(outcome)")
        return try Data(contentsOf: file)
    }

    /// Magic, version 2.4, link type 1 (draft-ietf-opsawg-pcap §4).
    static let header = Data(
        [0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0] + [UInt8](repeating: 0, count: 8) + [0, 0, 4, 0, 1, 0, 0, 0]
    )

    static func record(_ bytes: Data, length: UInt32) -> Data {
        var record = Data(count: 8)
        for value in [length, length] { withUnsafeBytes(of: value.littleEndian) { record.append(contentsOf: $0) } }
        return record + bytes
    }

    @Test func aHundredMegabytesOfDisorderAreRefused() async throws {
        try await TemporaryDirectory.with { directory in
            let file = directory.appending(path: "random.pcap")
            try (try await Self.disorder(in: directory)).write(to: file)
            let outcome = try await Self.identify(file, in: directory)
            #expect(outcome.status == 65)
            #expect(outcome.errors.contains("not a pcap or pcapng file at byte 0"))
        }
    }

    @Test func aHundredMegabytesOfDisorderInFramesAreReadInLittleMemory() async throws {
        try await TemporaryDirectory.with { directory in
            let file = directory.appending(path: "frames.pcap")
            let disorder = try await Self.disorder(in: directory)
            var capture = Self.header
            capture.reserveCapacity(Self.captureBytes + Self.captureBytes / 64)
            for start in stride(from: 0, to: disorder.count, by: 1400) {
                let frame = disorder[start..<min(start + 1400, disorder.count)]
                capture += Self.record(frame, length: UInt32(frame.count))
            }
            try capture.write(to: file)
            let outcome = try await Self.identify(file, in: directory)
            #expect(outcome.status == 0, "\(outcome)")
        }
    }

    @Test func aTruncatedCaptureGivesItsWholeFramesAndSaysSo() async throws {
        try await TemporaryDirectory.with { directory in
            let file = directory.appending(path: "cut.pcap")
            let frame = Data(repeating: 0, count: 60)
            try (Self.header + Self.record(frame, length: 60) + Self.record(frame.prefix(20), length: 60)).write(
                to: file
            )
            let outcome = try await Self.identify(file, in: directory)
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("\(file.path): truncated after 1 whole frames"))
        }
    }

    @Test func aFrameOfFourGigabytesIsNotWaitedForInMemory() async throws {
        try await TemporaryDirectory.with { directory in
            let file = directory.appending(path: "huge.pcap")
            try (Self.header + Self.record(Data(count: 60), length: UInt32.max)).write(to: file)
            let outcome = try await Self.identify(file, in: directory)
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("truncated after 0 whole frames"))
        }
    }
}
