import CollectorCore
import Policy
import Storage
import Synchronization

extension MemoryStore {
    public func storeFile(_ file: SignedFileRecord, audit: AuditEntry) async throws(StoreError) {
        try checkOpen()
        let fault = state.withLock { state -> String? in
            var kept = state.files[file.kind]?[file.tenant] ?? []
            if let before = kept.first {
                if before.envelope == file.envelope { return nil }
                if let fault = file.fault(after: before) { return fault }
            }
            kept.insert(file, at: 0)
            state.files[file.kind, default: [:]][file.tenant] = Array(kept.prefix(StoreLimits.maximumSignedFiles))
            MemoryStore.append(audit, &state)
            return nil
        }
        if let fault { throw .conflict(fault) }
    }

    public func files(_ kind: FileKind, tenant: String) async throws(StoreError) -> [SignedFileRecord] {
        try checkOpen()
        return state.withLock { $0.files[kind]?[tenant] ?? [] }.map { record in
            var record = record
            record.file = []
            return record
        }
    }

    public func targetFile(_ kind: FileKind, tenant: String) async throws(StoreError) -> SignedFileRecord? {
        try checkOpen()
        return state.withLock { $0.files[kind]?[tenant]?.first }
    }
}
