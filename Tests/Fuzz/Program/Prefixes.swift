import Captures
import Decoders
import Fingerprinting
import Foundation
import NetworkTypes
import PacketParsing
import TLS

/// Every prefix of every capture. A capture is read piece by piece, so fed byte by byte it passes through the state that
/// each of its prefixes ends in; and of each frame every prefix goes to the extractor, as a capture with a shorter
/// "snapshot length" would have it.
enum Prefixes {
    /// Frames are longer where the capture was made behind the segmentation of a network interface.
    static let longestFrame = 1600

    static func run() {
        guard CaptureData.isPresent else {
            print("skip  no captures: GATEHOUSE_DATA says where they are")
            return
        }
        Watch.begin("prefixes")
        var files = 0
        var prefixes = 0
        var frames = 0
        var cutFrames = 0
        for capture in CaptureData.captures {
            guard let file = try? CaptureData.bytes(capture) else { FuzzProgram.fail(1, "cannot read \(capture)") }
            files += 1
            var reader = CaptureFileReader()
            var extractor = SignalExtractor(onLink: .guessed, ciphers: .openSSL)
            var sightings: UInt64 = 0
            for index in file.indices {
                Watch.next(prefixes, [])
                prefixes += 1
                do throws(DecodeError) {
                    try reader.feed(file.span.extracting(index..<(index + 1))) { frame, bytes in
                        let time = frame.timeNanoseconds
                        if extractor.extract(bytes, linkType: frame.linkType, timeNanoseconds: time) != nil {
                            sightings += 1
                        }
                        frames += 1
                        for length in 0..<Swift.min(bytes.count, longestFrame) {
                            var short = SignalExtractor(onLink: .guessed, ciphers: .openSSL)
                            _ = short.extract(
                                bytes.extracting(0..<length),
                                linkType: frame.linkType,
                                timeNanoseconds: 1
                            )
                            cutFrames += 1
                        }
                    }
                } catch {
                    // A broken capture ends here; no later prefix is read any further.
                    break
                }
                guard sightings <= reader.frameCount else {
                    FuzzProgram.fail(1, "\(capture): more sightings than frames")
                }
            }
        }
        print("\(files) captures, \(prefixes) prefixes; \(frames) frames, \(cutFrames) prefixes of them: no trap")
    }
}
