import NetworkTypes
import Policy
import Samples
import Testing

/// Signed files: what is taken, and why the rest is refused.
@Suite struct SignedFileTests {
    private static let key = [UInt8](0..<32)
    private static let file = [UInt8](repeating: 0x4B, count: 300)

    private static var manifest: FileManifest {
        var manifest = FileManifest()
        manifest.version = 5
        manifest.fileHash = ByteString(SHA256.hash(file))
        manifest.fileBytes = UInt64(file.count)
        manifest.issuedAtSeconds = 1_700_000_000
        return manifest
    }

    private static func sign(
        _ payload: [UInt8],
        as subject: SignedEnvelope.Subject = .knowledge,
        key: [UInt8] = key
    ) -> [UInt8] {
        let keyID = SignedEnvelope.keyID(of: key)
        let message = SignedEnvelope.toBeSigned(subject, payload: payload, keyID: keyID)
        let signature = PolicySamples.tag(key, message)
        return SignedEnvelope(subject, payload: payload, keyID: keyID, signature: signature).encoded()
    }

    /// What an agent does with a signed file.
    private static func accept(
        _ bytes: [UInt8],
        seen: UInt64 = 0,
        keys: [[UInt8]] = [key]
    ) throws(FileRefusal) -> FileManifest {
        let signed = try SignedFile(.knowledge, parsing: bytes.span)
        let manifest = try signed.verified(by: PolicySamples.verify, trustedKeys: keys)
        try manifest.checkVersion(seen: seen)
        let file = Array(bytes[signed.envelopeBytes...])
        try manifest.checkFile(bytes: file.count, hash: SHA256.hash(file))
        return manifest
    }

    private static func reason(_ body: () throws(FileRefusal) -> FileManifest) -> FileRefusal.Reason? {
        do throws(FileRefusal) {
            _ = try body()
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func manifestsRoundTripAndEveryPrefixIsRefused() throws {
        var manifest = Self.manifest
        manifest.rollbackFrom = 9
        let bytes = manifest.encoded()
        #expect(try FileManifest(.knowledge, decoding: bytes) == manifest)
        for length in 0..<bytes.count {
            #expect(throws: DecodeError.self) { try FileManifest(.knowledge, decoding: Array(bytes[..<length])) }
        }
        #expect(throws: DecodeError.self) { try FileManifest(.knowledge, decoding: bytes + [0]) }
        // An unknown key, and manifests that name no version, no file, one that is too long, a hash that is none.
        let more = [0xA7] + bytes.dropFirst() + [0x07, 0x01]
        #expect(throws: DecodeError.self) { try FileManifest(.knowledge, decoding: more) }
        for change in [
            { $0.version = 0 }, { $0.fileBytes = 0 },
            { $0.fileBytes = UInt64(FileKind.knowledge.maximumFileBytes) + 1 },
            { $0.fileHash = "short" },
        ] as [(inout FileManifest) -> Void] {
            var wrong = Self.manifest
            change(&wrong)
            #expect(throws: DecodeError.self) { try FileManifest(.knowledge, decoding: wrong.encoded()) }
        }
    }

    @Test func whatWasSignedIsTaken() throws {
        let bytes = Self.sign(Self.manifest.encoded()) + Self.file
        #expect(try Self.accept(bytes) == Self.manifest)
        #expect(bytes.count - Self.file.count <= SignedFile.maximumEnvelopeBytes)
        #expect(try Self.accept(bytes, seen: 4) == Self.manifest)
    }

    @Test func refusals() {
        let bytes = Self.sign(Self.manifest.encoded()) + Self.file
        #expect(
            Self.reason { () throws(FileRefusal) in try Self.accept(bytes, keys: [[UInt8](1...32)]) }
                == .unknownKey
        )
        #expect(Self.reason { () throws(FileRefusal) in try Self.accept(bytes, keys: []) } == .unknownKey)
        // Truncated, lengthened.
        #expect(Self.reason { () throws(FileRefusal) in try Self.accept(Array(bytes.dropLast())) } == .damaged)
        #expect(Self.reason { () throws(FileRefusal) in try Self.accept(bytes + [0]) } == .damaged)
        // Versions.
        for seen in [5, 6, UInt64.max] as [UInt64] {
            #expect(Self.reason { () throws(FileRefusal) in try Self.accept(bytes, seen: seen) } == .version)
        }
        var granted = Self.manifest
        granted.rollbackFrom = 7
        let back = Self.sign(granted.encoded()) + Self.file
        #expect(Self.reason { () throws(FileRefusal) in try Self.accept(back, seen: 7) } == nil)
        #expect(Self.reason { () throws(FileRefusal) in try Self.accept(back, seen: 8) } == .version)
        // A manifest that cannot be understood.
        let unknown = Self.sign([0xA0]) + Self.file
        #expect(Self.reason { () throws(FileRefusal) in try Self.accept(unknown) } == .invalid)
    }

    /// One byte altered anywhere, in the envelope or in the file.
    @Test func everyAlteredByteIsRefused() {
        let bytes = Self.sign(Self.manifest.encoded()) + Self.file
        let envelopeBytes = bytes.count - Self.file.count
        for index in bytes.indices {
            for bit in [0x01, 0x10, 0x80] as [UInt8] {
                var altered = bytes
                altered[index] ^= bit
                let reason = Self.reason { () throws(FileRefusal) in try Self.accept(altered) }
                if index < envelopeBytes {
                    #expect(
                        reason == .signature || reason == .unknownKey,
                        "byte \(index): \(String(describing: reason))"
                    )
                } else {
                    #expect(reason == .damaged, "byte \(index)")
                }
            }
        }
    }

    /// The same key signs files of every kind: a file of one is never taken for one of another, however it is labelled.
    @Test func aFileOfOneKindIsNoneOfAnother() throws {
        let payload = Self.manifest.encoded()
        let keyID = SignedEnvelope.keyID(of: Self.key)
        for kind in FileKind.allCases {
            for other in FileKind.allCases {
                let bytes = Self.sign(payload, as: kind.subject) + Self.file
                let taken = try? SignedFile(other, parsing: bytes.span).verified(
                    by: PolicySamples.verify,
                    trustedKeys: [Self.key]
                )
                #expect((taken == Self.manifest) == (kind == other))
                // The other's signature under this label.
                let message = SignedEnvelope.toBeSigned(other.subject, payload: payload, keyID: keyID)
                let relabelled = SignedEnvelope(
                    kind.subject,
                    payload: payload,
                    keyID: keyID,
                    signature: PolicySamples.tag(Self.key, message)
                ).encoded()
                let moved = try? SignedFile(kind, parsing: relabelled.span).verified(
                    by: PolicySamples.verify,
                    trustedKeys: [Self.key]
                )
                #expect((moved != nil) == (kind == other))
            }
            #expect(FileKind(announcedBy: ByteString(Self.sign(payload, as: kind.subject))) == kind)
        }
        #expect(FileKind(announcedBy: "") == .knowledge && FileKind(announcedBy: "nothing") == .knowledge)
    }

    @Test func eachKindHasItsOwnLimit() throws {
        for kind in FileKind.allCases {
            var manifest = Self.manifest
            manifest.fileBytes = UInt64(kind.maximumFileBytes)
            #expect(try FileManifest(kind, decoding: manifest.encoded()) == manifest)
            manifest.fileBytes += 1
            #expect(throws: DecodeError.self) { try FileManifest(kind, decoding: manifest.encoded()) }
        }
    }

    /// The same key signs policies and knowledge: neither signature is ever taken for the other.
    @Test func aSignatureOverOneThingIsNoneOverTheOther() throws {
        let policy = PolicySamples.sign(PolicySamples.bundle, key: Self.key)
        #expect(Self.reason { () throws(FileRefusal) in try Self.accept(policy + Self.file) } == .signature)
        // A manifest signed as a policy, also where the envelope around it says knowledge.
        let payload = Self.manifest.encoded()
        #expect(
            Self.reason { () throws(FileRefusal) in try Self.accept(Self.sign(payload, as: .policy) + Self.file) }
                == .signature
        )
        let keyID = SignedEnvelope.keyID(of: Self.key)
        let asPolicy = PolicySamples.tag(
            Self.key,
            SignedEnvelope.toBeSigned(.policy, payload: payload, keyID: keyID)
        )
        let relabelled = SignedEnvelope(.knowledge, payload: payload, keyID: keyID, signature: asPolicy).encoded()
        #expect(Self.reason { () throws(FileRefusal) in try Self.accept(relabelled + Self.file) } == .signature)
        // And the other way round.
        let bundle = PolicySamples.bundle.encoded()
        for envelope in [
            Self.sign(bundle, as: .knowledge),
            PolicyEnvelope(
                payload: bundle,
                keyID: keyID,
                signature: PolicySamples.tag(
                    Self.key,
                    SignedEnvelope.toBeSigned(.knowledge, payload: bundle, keyID: keyID)
                )
            ).encoded(),
        ] {
            let refusal = #expect(throws: PolicyRefusal.self) {
                try PolicyGate.accept(envelope, context: PolicyGateTests.context, verify: PolicySamples.verify)
            }
            #expect(refusal?.reason == .signature)
        }
    }
}
