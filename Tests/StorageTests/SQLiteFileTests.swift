import CollectorCore
import Foundation
import GRDB
import Policy
import Storage
import Testing

/// What only a store in a file can do wrong.
@Suite struct SQLiteFileTests {
    private func change(_ path: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    @Test(arguments: [
        ("UPDATE audit SET actor = 'nobody' WHERE sequence = 2", 2), ("DELETE FROM audit WHERE sequence = 2", 2),
        ("DELETE FROM audit WHERE sequence = 1", 1), ("UPDATE audit SET hash = x'00' WHERE sequence = 3", 3),
        ("UPDATE audit SET sequence = 9 WHERE sequence = 4", 4),
    ])
    func aChangedAuditLogIsNoticed(_ sql: String, _ first: UInt64) async throws {
        let fixture = try StoreFixture()
        for number in 1...4 { try await fixture.store.appendAudit(StoreFixture.audit("act-\(number)")) }
        #expect(try await fixture.store.verifyAudit().firstBroken == nil)
        try change(fixture.path, sql)
        #expect(try await fixture.store.verifyAudit().firstBroken == first)
        await fixture.finish()
    }

    @Test func theFileAloneIsTheStoreOnceItIsClosed() async throws {
        let fixture = try StoreFixture()
        try await fixture.enrol()
        _ = try await fixture.store.gateways(GatewayQuery(nowMilliseconds: StoreFixture.start))
        await fixture.store.close()
        #expect(!FileManager.default.fileExists(atPath: fixture.path + "-wal"))
        let copy = fixture.directory.appending(path: "copy.sqlite").path
        try FileManager.default.copyItem(atPath: fixture.path, toPath: copy)
        let second = try SQLiteStore(path: copy)
        #expect(try await second.gateways(GatewayQuery(nowMilliseconds: StoreFixture.start)).count == 1)
        await second.close()
        await fixture.finish()
    }

    /// A store of a program that knew one kind of signed file.
    @Test func knowledgeOfAnOlderStoreIsKept() async throws {
        let fixture = try StoreFixture()
        let record = SignedFileRecord(
            tenant: TenantName.standard,
            kind: .knowledge,
            hash: "hash",
            version: 3,
            issuedAtSeconds: 5,
            keyIdentifier: "key",
            rollbackFrom: nil,
            envelope: [1, 2],
            file: [7, 8, 9],
            actor: "tester",
            storedMilliseconds: 7
        )
        try await fixture.store.storeFile(
            record,
            audit: AuditEntry(
                tenant: TenantName.standard,
                timeMilliseconds: 1,
                actor: "tester",
                action: "knowledge.push",
                subject: "hash",
                detail: ""
            )
        )
        await fixture.store.close()
        try change(
            fixture.path,
            """
            DROP INDEX signed_files_by_kind;
            ALTER TABLE signed_files DROP COLUMN kind;
            ALTER TABLE signed_files RENAME TO knowledge;
            CREATE INDEX knowledge_by_tenant ON knowledge (tenant, id);
            DELETE FROM grdb_migrations WHERE identifier LIKE '4:%';
            """
        )
        let store = try SQLiteStore(path: fixture.path)
        #expect(try await store.targetFile(.knowledge, tenant: TenantName.standard) == record)
        #expect(try await store.targetFile(.blocklist, tenant: TenantName.standard) == nil)
        await store.close()
        await fixture.finish()
    }

    @Test func aStoreOfANewerProgramIsLeftAlone() async throws {
        let fixture = try StoreFixture()
        await fixture.store.close()
        try change(fixture.path, "INSERT INTO grdb_migrations VALUES ('9: something to come')")
        #expect {
            _ = try SQLiteStore(path: fixture.path)
        } throws: { error in
            guard case StoreError.damaged(let words) = error else { return false }
            return words.contains("was written by a newer version of this program")
        }
        let queue = try DatabaseQueue(path: fixture.path)
        let migrations = try await queue.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM grdb_migrations") }
        #expect(migrations == 5)
        try queue.close()
        await fixture.finish()
    }

    @Test func everyReaderSeesWhatWasCommitted() async throws {
        let fixture = try StoreFixture()
        try await fixture.enrol()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...20 {
                group.addTask {
                    let name = "user-\(number)"
                    try await fixture.store.createUser(
                        UserRecord(
                            tenant: TenantName.standard,
                            name: name,
                            role: .viewer,
                            passwordHash: "",
                            mustChangePassword: false,
                            createdMilliseconds: 0
                        ),
                        audit: StoreFixture.audit("user.create")
                    )
                    // What returned is on disk, for whoever asks.
                    #expect(try await fixture.store.user(name) != nil)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await fixture.store.verifyAudit().firstBroken == nil)
        await fixture.finish()
    }
}
