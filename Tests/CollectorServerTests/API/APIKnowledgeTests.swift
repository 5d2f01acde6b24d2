import CollectorAPI
import CollectorCore
import CollectorTestSupport
import Fingerprinting
import KnowledgeBuilder
import NetworkTypes
import Policy
import TLS
import Testing

@testable import CollectorServer

/// Knowledge files over the wire: what the collector takes without trusting anybody.
@Suite struct APIKnowledgeTests {
    private let clock = WallClock { SampleFleet.nowMilliseconds }

    private static func signed(
        _ version: UInt64,
        _ file: [UInt8],
        rollbackFrom: UInt64? = nil,
        as subject: SignedEnvelope.Subject = .knowledge
    ) throws -> [UInt8] {
        let key = try Ed25519SigningKey.generate()
        var manifest = FileManifest()
        manifest.version = version
        manifest.fileHash = ByteString(SHA256.hash(file))
        manifest.fileBytes = UInt64(file.count)
        manifest.rollbackFrom = rollbackFrom
        let payload = manifest.encoded()
        let keyID = SignedEnvelope.keyID(of: key.publicKey)
        let message = SignedEnvelope.toBeSigned(subject, payload: payload, keyID: keyID)
        let signature = try key.sign(message)
        return SignedEnvelope(subject, payload: payload, keyID: keyID, signature: signature).encoded() + file
    }

    @Test func filesAreCheckedAndListed() async throws {
        let store = MemoryStore()
        try SampleFleet.fill(store)
        let file = try KnowledgeBuilder.build(texts: [])
        try await LiveCollector.run(store, clock: clock) { collector in
            let client = try await APIClient.loggedIn(collector, as: "signer")
            func push(_ bytes: [UInt8], type: String = "application/octet-stream") async throws -> APIClient.Answer {
                try await client.send("POST", "/api/v1/knowledge", body: bytes, type: type)
            }
            #expect(try await client.get("/api/v1/knowledge").decoded(Page<SignedFileResource>.self).items.isEmpty)
            let answer = try await push(try Self.signed(2, file))
            #expect(answer.status == 202, "\(answer.text)")
            let pushed = try answer.decoded(FilePushResponse.self)
            #expect(pushed.offered.isEmpty, "nobody is connected")
            #expect(pushed.knowledge?.hash == Hexadecimal.encode(Cryptography.sha256(file)).text)
            #expect(pushed.knowledge?.version == 2 && pushed.knowledge?.bytes == file.count)
            #expect(try await store.targetFile(.knowledge, tenant: TenantName.standard)?.file == file)

            // Not above, but for a grant.
            for version in [1, 2] as [UInt64] {
                #expect(try await push(try Self.signed(version, file)).status == 409)
            }
            #expect(try await push(try Self.signed(1, file, rollbackFrom: 2)).status == 202)
            let listed = try await client.get("/api/v1/knowledge").decoded(Page<SignedFileResource>.self).items
            #expect(listed.map(\.version) == [1, 2] && listed.map(\.isTarget) == [true, false])
            #expect(listed.first?.rollbackFrom == 2)

            // Cut short, lengthened, altered, of the wrong type, signed as a policy, too long.
            let good = try Self.signed(9, file)
            var altered = good
            altered[altered.count - 1] ^= 1
            let other = [UInt8](repeating: 7, count: 500)
            for bad in [
                [], Array(good.dropLast()), good + [0], altered, file, try Self.signed(9, file, as: .policy),
                try Self.signed(9, other),
            ] {
                let refused = try await push(bad)
                #expect(refused.status == 422)
                #expect(try refused.decoded(Problem.self).remedy != nil)
            }
            #expect(try await push(good, type: "application/cose").status == 415)
            #expect(try await push([UInt8](repeating: 0, count: SignedFile.maximumBytes(.knowledge) + 1)).status == 413)
            #expect(try await store.files(.knowledge, tenant: TenantName.standard).map(\.version) == [1, 2])

            let viewer = try await APIClient.loggedIn(collector, as: "viewer")
            let forbidden = try await viewer.send(
                "POST",
                "/api/v1/knowledge",
                body: good,
                type: "application/octet-stream"
            )
            #expect(forbidden.status == 403)
        }
    }
}
