import BlocklistBuilder
import CollectorAPI
import CollectorCore
import CollectorTestSupport
import Foundation
import KnowledgeBuilder
import NetworkTypes
import Policy
import TLS
import Testing

@testable import CollectorServer

/// Blocklists over the wire: what is downloaded, what may be signed, what is in force.
@Suite struct APIBlocklistTests {
    static func signed(
        _ version: UInt64,
        _ file: [UInt8],
        as kind: FileKind = .blocklist,
        key: Ed25519SigningKey
    ) throws -> [UInt8] {
        var manifest = FileManifest()
        manifest.version = version
        manifest.fileHash = ByteString(SHA256.hash(file))
        manifest.fileBytes = UInt64(file.count)
        let payload = manifest.encoded()
        let keyID = SignedEnvelope.keyID(of: key.publicKey)
        let signature = try key.sign(SignedEnvelope.toBeSigned(kind.subject, payload: payload, keyID: keyID))
        return SignedEnvelope(kind.subject, payload: payload, keyID: keyID, signature: signature).encoded() + file
    }

    /// Whether answers are what the OpenAPI document says.
    private static func checkShapes(_ answers: [(APIClient.Answer, String)], _ client: APIClient) async throws {
        let document = try await client.get("/api/v1/openapi.json").body
        let openAPI = try JSONSerialization.jsonObject(with: Data(document)) as? [String: Any]
        let shapes = DocumentedShapes(try #require(openAPI))
        for (answer, name) in answers {
            let value = try JSONSerialization.jsonObject(with: Data(answer.body))
            #expect(shapes.faults(of: value, as: name) == [])
        }
    }

    /// What is no file of blocklists, or of knowledge where that is asked for, or may not follow, or is not for this person.
    private static func checkRefusals(
        _ candidate: [UInt8],
        _ key: Ed25519SigningKey,
        _ push: ([UInt8]) async throws -> APIClient.Answer
    ) async throws {
        let knowledge = try KnowledgeBuilder.build(texts: [])
        for (file, kind) in [
            (candidate, FileKind.knowledge), (knowledge, .blocklist), (knowledge, .knowledge),
            ([UInt8](repeating: 1, count: 100), .blocklist),
        ] {
            #expect(try await push(try signed(2, file, as: kind, key: key)).status == 422, "\(kind)")
        }
        #expect(try await push(try signed(1, candidate, key: try .generate())).status == 409)
    }

    @Test func aCandidateIsFetchedSignedPushedAndCompared() async throws {
        let fixture = try LibraryFixture()
        let server = ListServer()
        let store = MemoryStore()
        try SampleFleet.fill(store)
        let key = try Ed25519SigningKey.generate()
        try await server.serving { port in
            server.set("/a", .answer(200, [:], (0..<10).map { "n\($0).example\n" }.joined()))
            let library = try fixture.library([
                "{ name: ads, url: \"http://127.0.0.1:\(port)/a\" }",
                "{ name: other, url: \"http://127.0.0.1:\(port)/missing\" }",
            ])
            try await LiveCollector.run(store, clock: fixture.clock, blocklists: library) { collector in
                let viewer = try await APIClient.loggedIn(collector, as: "viewer")
                let signer = try await APIClient.loggedIn(collector, as: "signer")
                let root = "/api/v1/blocklists"
                func status() async throws -> BlocklistStatusResource {
                    try await viewer.get("\(root)/status").decoded(BlocklistStatusResource.self)
                }
                func push(_ bytes: [UInt8], by client: APIClient? = nil) async throws -> APIClient.Answer {
                    try await (client ?? signer).send("POST", root, body: bytes, type: "application/octet-stream")
                }
                #expect(try await status().sources.map(\.state) == ["waiting", "waiting"])
                #expect(try await viewer.get("\(root)/candidate").status == 409)
                #expect(try await viewer.get("\(root)/target").status == 404)
                await library.update()
                let before = try await status()
                #expect(before.sources.map(\.state) == ["good", "failing"])
                #expect(before.sources[0].good?.names == 10 && before.sources[1].error?.contains("404") == true)
                #expect(before.lists.map(\.name) == ["ads"] && before.lists[0].candidateNames == 10)
                #expect(before.lists[0].added == nil && before.inForce == nil && before.problem == nil)
                let candidate = try await viewer.get("\(root)/candidate").body
                #expect(before.candidateHash == Hexadecimal.encode(Cryptography.sha256(candidate)).text)

                let answer = try await push(try Self.signed(1, candidate, key: key))
                #expect(answer.status == 202, "\(answer.text)")
                #expect(try answer.decoded(FilePushResponse.self).blocklist?.version == 1)
                #expect(try await viewer.get("\(root)/target").body == Self.signed(1, candidate, key: key))
                #expect(try await viewer.get(root).decoded(Page<SignedFileResource>.self).items.map(\.version) == [1])
                // Knowledge is another matter, with versions of its own.
                #expect(try await viewer.get("/api/v1/knowledge").decoded(Page<SignedFileResource>.self).items.isEmpty)
                try await Self.checkRefusals(candidate, key) { try await push($0) }
                #expect(try await push(try Self.signed(2, candidate, key: key), by: viewer).status == 403)

                // A source that shrinks is held back, and an operator may take it; who only looks may not.
                fixture.pass()
                server.set("/a", .answer(200, [:], "n0.example\nnew.example\n"))
                await library.update()
                let held = try await status()
                #expect(held.sources[0].state == "held" && held.sources[0].held?.names == 2)
                #expect(held.lists[0].added == 0 && held.lists[0].removed == 0 && held.lists[0].namesInForce == 10)
                let path = "\(root)/sources/\(held.sources[0].id)/accept"
                let person = try await APIClient.loggedIn(collector, as: "operator")
                for other in [viewer, signer] { #expect(try await other.send("POST", path).status == 403) }
                let accepted = try await person.send("POST", path)
                #expect(accepted.status == 200, "\(accepted.text)")
                #expect(try await person.send("POST", path).status == 409)
                #expect(try await person.send("POST", "\(root)/sources/none/accept").status == 404)
                let after = try await status()
                #expect(after.lists[0].added == 1 && after.lists[0].removed == 9 && after.lists[0].candidateNames == 2)
                let told = try await viewer.get("\(root)/status")
                try await Self.checkShapes([(told, "BlocklistStatus"), (accepted, "BlocklistSource")], viewer)
                let audit = try await store.auditRecords(tenant: TenantName.standard, before: nil, limit: 10).map(
                    \.entry.action
                )
                #expect(audit.contains("blocklist.push") && audit.contains("blocklist.accept"), "\(audit)")
            }
        }
    }
}
