import CollectorCore
import Storage
import Testing

/// Knowledge files: what every store does.
@Suite struct KnowledgeConformanceTests {
    private static func record(
        _ version: UInt64,
        rollbackFrom: UInt64? = nil,
        file: [UInt8]? = nil,
        tenant: String = TenantName.standard
    ) -> KnowledgeRecord {
        KnowledgeRecord(
            tenant: tenant,
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
            #expect(try await store.targetKnowledge(tenant: tenant) == nil)
            for version in 1...5 { try await store.storeKnowledge(Self.record(UInt64(version)), audit: audit) }
            #expect(try await store.targetKnowledge(tenant: tenant) == Self.record(5))
            let listed = try await store.knowledge(tenant: tenant)
            #expect(listed.map(\.version) == [5, 4, 3, 2] && listed.allSatisfy { $0.file.isEmpty })
            #expect(listed.allSatisfy { $0.fileBytes == 3 })
            // Again: nothing happens, and no line is written.
            try await store.storeKnowledge(Self.record(5), audit: audit)
            #expect(try await fixture.actions() == Array(repeating: "knowledge.push", count: 5))
            // Of another tenant nothing shows, and its numbers are its own.
            #expect(try await store.knowledge(tenant: ConformanceFixture.other).isEmpty)
            try await store.storeKnowledge(Self.record(1, tenant: ConformanceFixture.other), audit: audit)
            #expect(try await store.targetKnowledge(tenant: tenant)?.version == 5)
            #expect(try await store.targetKnowledge(tenant: ConformanceFixture.other)?.version == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aLowerVersionNeedsAGrant(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            let audit = fixture.entry("knowledge.push")
            try await store.storeKnowledge(Self.record(5), audit: audit)
            for refused in [Self.record(4), Self.record(5, rollbackFrom: 4), Self.record(2, rollbackFrom: 4)] {
                let error = await #expect(throws: StoreError.self) {
                    try await store.storeKnowledge(refused, audit: audit)
                }
                guard case .conflict = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
            #expect(try await store.targetKnowledge(tenant: TenantName.standard)?.version == 5)
            try await store.storeKnowledge(Self.record(4, rollbackFrom: 5), audit: audit)
            #expect(try await store.targetKnowledge(tenant: TenantName.standard)?.version == 4)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aFileOfTheGreatestLengthComesBackWhole(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let file = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let record = Self.record(1, file: file)
            try await fixture.store.storeKnowledge(record, audit: fixture.entry("knowledge.push"))
            #expect(try await fixture.store.targetKnowledge(tenant: TenantName.standard) == record)
        }
    }
}
