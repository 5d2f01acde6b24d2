import Captures
import Foundation
import Recog
import TestSupport
import Testing

/// The files that Rapid7 publishes, as far as they are at hand: each of their examples is a test of ours.
@Suite(.enabled(if: RecogData.isPresent, "needs GATEHOUSE_DATA with the folder recog"))
struct RapidSevenFilesTests {
    @Test func theirExamplesHold() throws {
        let library = try RecogLibrary(reading: RecogData.directory)
        #expect(library.problems.map(\.description) == [])
        #expect(library.databases.count >= 12)
        var examples = 0
        var held = 0
        for database in library.databases {
            let verification = RecogVerification(of: database)
            print(
                "\(verification.file): \(verification.held) of \(verification.examples) examples hold, "
                    + "\(verification.takenEarlier) taken by an earlier fingerprint"
            )
            for failure in verification.failures { print("  \(failure)") }
            examples += verification.examples
            held += verification.held
        }
        // A file that is read in part would hold whole.
        let texts = try library.databases.map { try RecogData.text($0.file) }
        #expect(
            library.fingerprintCount == texts.reduce(0) { $0 + $1.components(separatedBy: "<fingerprint ").count - 1 }
        )
        #expect(examples == texts.reduce(0) { $0 + $1.components(separatedBy: "<example").count - 1 })
        // Without native code they take more steps; the limits leave room for that too.
        for file in library.databases.map(\.file) {
            let bytes = Array(try RecogData.bytes(file))
            let database = try RecogLibrary.database(of: bytes, file: file, path: file, isInterpreted: true)
            #expect(RecogVerification(of: database).failures.filter { $0.message.contains("limit") } == [])
        }
        #expect(Double(held) >= 0.99 * Double(examples), "\(held) of \(examples)")
    }
}

enum RecogData {
    static var directory: String { CaptureData.root.appendingPathComponent("recog").path }
    static var isPresent: Bool { FileManager.default.fileExists(atPath: directory) }

    static func bytes(_ file: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: directory).appendingPathComponent(file))
    }

    /// A file without its comments.
    static func text(_ file: String) throws -> String {
        let parts = String(decoding: try bytes(file), as: UTF8.self).components(separatedBy: "<!--")
        return parts.enumerated().map { index, part in
            index == 0 ? part : part.components(separatedBy: "-->").dropFirst().joined(separator: "-->")
        }
        .joined()
    }
}
