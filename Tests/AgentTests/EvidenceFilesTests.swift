import ConfigurationFiles
import Foundation
import NetworkTypes
import TestSupport
import Testing

@testable import AgentProgram

/// The captures of devices in quarantine: the newest stay, and nothing that another hand put there goes.
struct EvidenceFilesTests {
    @Test func theOldestMakeRoom() async throws {
        try await TemporaryDirectory.with { directory in
            let state = StateDirectory(ByteString(utf8: directory.path))
            let files = EvidenceFiles(state)
            let folder = directory.appending(path: "evidence")
            for number in 0..<EvidenceFiles.maximumFiles + 6 {
                files.keep(
                    [1, 2, 3],
                    as: ByteString(utf8: "\(1_700_000_000_000 + number)-accc8e010203.pcap"),
                    Log(level: .error)
                )
                if number == 0 { try folder.appending(path: "notes.txt").write("mine") }
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(names.count == EvidenceFiles.maximumFiles + 1 && names.last == "notes.txt")
            #expect(names.first == "1700000000006-accc8e010203.pcap")
            let mode = try FileManager.default.attributesOfItem(atPath: folder.appending(path: names[0]).path)
            #expect((mode[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        }
    }
}
