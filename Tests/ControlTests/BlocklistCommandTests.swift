import Foundation
import Policy
import TestSupport
import Testing

/// `blocklist build|sign`: what becomes a signed file, and what does not.
@Suite struct BlocklistCommandTests {
    @Test func aFileIsSignedAsBlocklistsAndAsNothingElse() async throws {
        try await TemporaryDirectory.with { directory in
            func control(_ arguments: [String]) async throws -> Programs.Outcome {
                try await Programs.run(
                    Programs.path("gatehousectl"),
                    arguments,
                    in: directory,
                    environment: ["GATEHOUSE_PROFILE": directory.appending(path: "none").path]
                )
            }
            try directory.appending(path: "hosts").write("0.0.0.0 evil.example\n")
            #expect(try await control(["blocklist", "build", "malware=hosts", "-o", "lists.bin"]).status == 0)
            #expect(try await control(["policy", "keygen", "key.pem"]).status == 0)
            let sign = ["sign", "lists.bin", "--key", "key.pem", "--version", "4", "-o"]
            let done = try await control(["blocklist"] + sign + ["lists.signed"])
            #expect(done.status == 0 && done.output.hasPrefix("lists.signed: version 4, "), "\(done)")
            let bytes = Array(try Data(contentsOf: directory.appending(path: "lists.signed")))
            let signed = try SignedFile(.blocklist, parsing: bytes.span)
            #expect(try signed.unverified().version == 4)
            #expect(throws: FileRefusal.self) { try SignedFile(.knowledge, parsing: bytes.span) }
            let refused = try await control(["knowledge"] + sign + ["no.signed"])
            #expect(refused.status == 65 && refused.errors.contains("lists.bin"), "\(refused)")
            for wrong in ["hosts", "lists.signed"] {
                let refused = try await control([
                    "blocklist", "sign", wrong, "--key", "key.pem", "--version", "5", "-o", "no.signed",
                ])
                #expect(refused.status == 65 && refused.errors.contains(wrong), "\(refused)")
            }
            #expect(!FileManager.default.fileExists(atPath: directory.appending(path: "no.signed").path))
            // Nothing of it needs a collector; what does says that there is none.
            for arguments in [["status"], ["fetch", "-o", "x"], ["update", "--key", "key.pem"], ["accept", "x"]] {
                #expect(try await control(["blocklist"] + arguments).status == 78, "\(arguments)")
            }
        }
    }
}
