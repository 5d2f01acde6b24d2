import CollectorCore
import Foundation
import NetworkTypes
import Storage
import WireProtocol

/// A store in a directory of its own, and rows to put into it.
struct StoreFixture {
    let directory: URL
    let store: SQLiteStore

    static let gateway = GatewayKey(gateway: "gate-1")
    static let start: UInt64 = 1_800_000_000_000

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "gatehouse-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        store = try SQLiteStore(path: directory.appending(path: "store.sqlite").path)
    }

    var path: String { directory.appending(path: "store.sqlite").path }

    func finish() async {
        await store.close()
        try? FileManager.default.removeItem(at: directory)
    }

    static func audit(_ action: String) -> AuditEntry {
        AuditEntry(timeMilliseconds: start, actor: "tester", action: action)
    }

    static func token(_ id: String, secret: [UInt8] = [1, 2, 3], tenant: String = TenantName.standard) -> TokenRecord {
        TokenRecord(
            tenant: tenant,
            id: id,
            secretHash: SHA256.hash(secret),
            gatewayName: "gate",
            site: "warehouse-1",
            actor: "tester",
            createdMilliseconds: start,
            expiresMilliseconds: start + 3_600_000
        )
    }

    static func credential(_ id: String, secret: [UInt8] = [1, 2, 3]) -> TokenCredential {
        TokenCredential(id: id, secretHash: SHA256.hash(secret))
    }

    /// Enrols a gateway through a token, the only way there is.
    @discardableResult
    func enrol(_ key: GatewayKey = gateway, site: String = "warehouse-1") async throws -> GatewayKey {
        let id = "token-\(key.tenant)-\(key.gateway)"
        try await store.createToken(Self.token(id, tenant: key.tenant), audit: Self.audit("token.create"))
        _ = try await store.redeemToken(Self.credential(id), nowMilliseconds: Self.start) { token in
            var record = GatewayRecord(key: key, name: key.gateway)
            record.site = site
            record.enrolledMilliseconds = Self.start
            record.certificate.notBeforeSeconds = Self.start / 1000
            record.certificate.notAfterSeconds = Self.start / 1000 + 30 * 86_400
            return IssuedCertificate(gateway: record, certificate: [])
        }
        return key
    }

    static func report(_ epoch: UInt64, _ sequence: UInt64, _ body: Report.Body) -> Report {
        Report(bootEpoch: epoch, sequence: sequence, severity: .notice, timeMilliseconds: start, body: body)
    }

    static func incident(_ epoch: UInt64, _ sequence: UInt64) -> Report {
        var incident = IncidentReport()
        incident.kind = "scan"
        incident.summary = "incident \(epoch).\(sequence)".bytes
        return report(epoch, sequence, .incident(incident))
    }

    static func device(_ epoch: UInt64, _ sequence: UInt64, _ change: (inout DeviceReport) -> Void = { _ in }) -> Report
    {
        var device = DeviceReport()
        device.key = "mac:ac:cc:8e:01:02:03"
        device.deviceClass = "ip-camera"
        device.classConfidence = 980
        device.vendor = "Axis"
        device.policy = "cameras"
        change(&device)
        return report(epoch, sequence, .device(device))
    }

    func submit(_ reports: [Report], _ key: GatewayKey = gateway) async throws -> IngestOutcome {
        try await store.ingest(
            IngestSubmission(gateway: key, reports: reports, receivedMilliseconds: Self.start + 1000)
        )
    }
}

extension String {
    var bytes: ByteString { ByteString(utf8: self) }
}
