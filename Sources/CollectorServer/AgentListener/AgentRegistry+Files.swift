import CollectorCore
import Logging
import NetworkTypes
import Policy
import Storage

// The files that the gateways of a tenant should have: read once, then shared by every connection.
extension AgentRegistry {
    /// Most files that are kept in memory.
    static let maximumFileTargets = 8

    /// Which file.
    struct FileSlot: Hashable, Sendable {
        let tenant: String
        let kind: FileKind
    }

    /// A tenant has a new one: it is offered to all that are connected. Returns which those are.
    func adopt(_ record: SignedFileRecord) -> [GatewayKey] {
        guard let target = FileTarget(record) else { return [] }
        keep(target, FileSlot(tenant: record.tenant, kind: record.kind))
        return offer(target, tenant: record.tenant)
    }

    /// A gateway was let in: it is offered what its tenant has.
    func offerFiles(to gateway: GatewayKey) async {
        for kind in FileKind.allCases {
            let slot = FileSlot(tenant: gateway.tenant, kind: kind)
            if fileTargets[slot] == nil {
                let found = await query(slot)
                // A push may have come meanwhile, and is newer.
                if fileTargets[slot] == nil { keep(found.flatMap { FileTarget($0) }, slot) }
            }
            if let known = fileTargets[slot], let target = known { offer(target, to: gateway) }
        }
    }

    private func query(_ slot: FileSlot) async -> SignedFileRecord? {
        if let query = fileQueries[slot] { return await query.value }
        let (store, log) = (store, log)
        let query = Task { () -> SignedFileRecord? in
            do {
                return try await store.targetFile(slot.kind, tenant: slot.tenant)
            } catch {
                log.error("cannot read the \(slot.kind.name.text) of tenant \(slot.tenant): \(error)")
                return nil
            }
        }
        fileQueries[slot] = query
        let found = await query.value
        fileQueries[slot] = nil
        return found
    }

    private func keep(_ target: FileTarget?, _ slot: FileSlot) {
        if fileTargets[slot] == nil, fileTargets.count >= Self.maximumFileTargets, let other = fileTargets.keys.first {
            fileTargets[other] = nil
        }
        fileTargets.updateValue(target, forKey: slot)
    }
}
