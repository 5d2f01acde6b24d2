import Captures
import Foundation
import PacketParsing

/// The frames of all labelled Ethernet captures, one of each capture in turn until the last has none left, as one capture.
struct MixedCapture {
    /// Captures that gave frames.
    private(set) var captures = 0
    /// One pass through all of them.
    private(set) var frames: [[UInt8]] = []

    init() throws {
        var all: [[[UInt8]]] = []
        for path in Set(try CaptureLabel.all().map(\.path)).sorted() {
            var frames: [[UInt8]] = []
            var reader = CaptureFileReader()
            let file = try CaptureData.bytes(path)
            try? reader.feed(file.span) { frame, bytes in
                if frame.linkType == .ethernet { frames.append((0..<bytes.count).map { bytes[$0] }) }
            }
            if !frames.isEmpty { all.append(frames) }
        }
        captures = all.count
        for index in 0..<(all.map(\.count).max() ?? 0) {
            for capture in all where index < capture.count { frames.append(capture[index]) }
        }
        guard !frames.isEmpty else { throw BenchError("no labelled capture has Ethernet frames") }
    }

    /// Writes at least `count` frames, in whole passes; returns how many it were.
    func write(_ count: Int, to file: URL, longest: Int = Int.max) throws -> Int {
        guard FileManager.default.createFile(atPath: file.path, contents: Data(CaptureWriter.header)) else {
            throw BenchError("cannot write \(file.path)")
        }
        let handle = try FileHandle(forWritingTo: file)
        defer { try? handle.close() }
        try handle.seekToEnd()
        var written = 0
        var time: UInt64 = 1_700_000_000_000_000
        while written < count {
            var pass: [UInt8] = []
            for frame in frames where frame.count <= longest {
                CaptureWriter.append(frame, timeMicroseconds: time, to: &pass)
                time += 1000
                written += 1
            }
            try handle.write(contentsOf: Data(pass))
        }
        return written
    }
}
