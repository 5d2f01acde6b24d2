import CollectorCore
import Policy
import Storage
import Testing

/// Signed files: what every store does.
@Suite struct SignedFileConformanceTests {
    private static func record(
        _ version: UInt64,
        rollbackFrom: UInt64? = nil,
        file: [UInt8]? = nil,
        tenant: String = TenantName.standard,
        kind: FileKind = .knowledge
    ) -> SignedFileRecord {
        SignedFileRecord(
            tenant: tenant,
            kind: kind,
            hash: "hash-\(version)",
            version: version,
            issuedAtSeconds: 5,
            keyIdentifier: "key",
            rollbackFrom: rollbackFrom,
            envelope: [UInt8(version), rollbackFrom == nil ? 0 : 1],
            file: file ?? [UInt8](repeating: UInt8(version), count: 3),
            actor: "tester",
            storedMilliseconds: 7
        )
    }

    @Test(arguments: StoreKind.allCases)
    func theLastOneIsTheTargetAndTheOldestGoes(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            let audit = fixture.entry("knowledge.push")
            let tenant = TenantName.standard
            #expect(try await store.targetFile(.knowledge, tenant: tenant) == nil)
            for version in 1...5 { try await store.storeFile(Self.record(UInt64(version)), audit: audit) }
            #expect(try await store.targetFile(.knowledge, tenant: tenant) == Self.record(5))
            let listed = try await store.files(.knowledge, tenant: tenant)
            #expect(listed.map(\.version) == [5, 4, 3, 2] && listed.allSatisfy { $0.file.isEmpty })
            #expect(listed.allSatisfy { $0.fileBytes == 3 })
            // Again: nothing happens, and no line is written.
            try await store.storeFile(Self.record(5), audit: audit)
            #expect(try await fixture.actions() == Array(repeating: "knowledge.push", count: 5))
            // Of another tenant nothing shows, and its numbers are its own.
            #expect(try await store.files(.knowledge, tenant: ConformanceFixture.other).isEmpty)
            try await store.storeFile(Self.record(1, tenant: ConformanceFixture.other), audit: audit)
            #expect(try await store.targetFile(.knowledge, tenant: tenant)?.version == 5)
            #expect(try await store.targetFile(.knowledge, tenant: ConformanceFixture.other)?.version == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aLowerVersionNeedsAGrant(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            let audit = fixture.entry("knowledge.push")
            try await store.storeFile(Self.record(5), audit: audit)
            for refused in [Self.record(4), Self.record(5, rollbackFrom: 4), Self.record(2, rollbackFrom: 4)] {
                let error = await #expect(throws: StoreError.self) {
                    try await store.storeFile(refused, audit: audit)
                }
                guard case .conflict = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
            #expect(try await store.targetFile(.knowledge, tenant: TenantName.standard)?.version == 5)
            try await store.storeFile(Self.record(4, rollbackFrom: 5), audit: audit)
            #expect(try await store.targetFile(.knowledge, tenant: TenantName.standard)?.version == 4)
        }
    }

    /// The versions of one kind are nothing to another, and the oldest goes within its own.
    @Test(arguments: StoreKind.allCases)
    func kindsAreKeptApart(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            let audit = fixture.entry("knowledge.push")
            let tenant = TenantName.standard
            try await store.storeFile(Self.record(9), audit: audit)
            #expect(try await store.targetFile(.blocklist, tenant: tenant) == nil)
            for version in 1...5 {
                try await store.storeFile(Self.record(UInt64(version), kind: .blocklist), audit: audit)
            }
            #expect(try await store.files(.knowledge, tenant: tenant).map(\.version) == [9])
            let lists = try await store.files(.blocklist, tenant: tenant)
            #expect(lists.map(\.version) == [5, 4, 3, 2] && lists.allSatisfy { $0.kind == .blocklist })
            #expect(try await store.targetFile(.blocklist, tenant: tenant) == Self.record(5, kind: .blocklist))
            #expect(try await store.targetFile(.knowledge, tenant: tenant) == Self.record(9))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aFileOfTheGreatestLengthComesBackWhole(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let file = (0..<(16 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let record = Self.record(1, file: file, kind: .blocklist)
            try await fixture.store.storeFile(record, audit: fixture.entry("blocklist.push"))
            #expect(try await fixture.store.targetFile(.blocklist, tenant: TenantName.standard) == record)
        }
    }
}
