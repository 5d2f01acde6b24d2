import CollectorAPI
import CollectorCore
import CollectorServer
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NetworkTypes
import Storage
import Synchronization
import TLS
import TestSupport

/// The HTTPS listener with API and console on a port of its own, over real TLS with an authority of its own.
public struct LiveCollector: Sendable {
    /// Where it listens, on 127.0.0.1.
    public let port: Int
    /// SHA-256 of its authority, hexadecimal.
    public let caSHA256: String
    /// What it serves.
    public let services: APIServices

    /// `https://127.0.0.1:port`
    public var url: String { "https://127.0.0.1:\(port)" }

    /// Runs a collector on a store while `body` runs.
    public static func run<Value: Sendable>(
        _ store: any CollectorStore,
        clock: WallClock = .system,
        blocklists: BlocklistLibrary? = nil,
        _ body: @escaping @Sendable (LiveCollector) async throws -> Value
    ) async throws -> Value {
        try await Turnstile.programs.pass { try await runNow(store, clock: clock, blocklists, body) }
    }

    private static func runNow<Value: Sendable>(
        _ store: any CollectorStore,
        clock: WallClock,
        _ blocklists: BlocklistLibrary?,
        _ body: @escaping @Sendable (LiveCollector) async throws -> Value
    ) async throws -> Value {
        let now = Int64(Date().timeIntervalSince1970)
        let authority = try CertificateAuthority.create(commonName: "test", nowSeconds: now, lifetimeSeconds: 86_400)
        let key = try PrivateKey.generate()
        let leaf = try authority.issueServer(
            key: key,
            commonName: "collector",
            dnsNames: ["localhost"],
            ipAddresses: [IPAddress(v4: 0x7F00_0001)],
            nowSeconds: now,
            lifetimeSeconds: 86_400
        )
        let tls = try TLSContext.server(
            certificate: CertificateChain(leaf: leaf, authorities: [authority.certificate]),
            key: key,
            minimumVersion: .tls12
        )
        let pin = Hexadecimal.encode(authority.certificate.sha256).text
        let services = APIServices.withoutAgents(
            store: store,
            clock: clock,
            settings: .init(
                agentAddress: "127.0.0.1:7443",
                enrolAddress: "127.0.0.1:8443",
                caSHA256: pin,
                version: "0.1.0"
            ),
            blocklists: blocklists
        )
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let application = Application(
            router: try APIRouter.make(services),
            server: .https(tls: { tls }),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                continuation.yield(channel.localAddress?.port ?? 0)
                continuation.finish()
            },
            logger: logger
        )
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await application.run()
                return nil
            }
            group.addTask {
                for await port in ports {
                    return try await body(LiveCollector(port: port, caSHA256: pin, services: services))
                }
                throw LiveCollectorError.notStarted
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw LiveCollectorError.notStarted
        }
    }

    /// Runs what blocks on a thread of its own: the pool has as many threads as cores, and the collector needs them.
    public static func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result(catching: work)) }
        }
    }
}

/// Why a collector did not come up.
public enum LiveCollectorError: Error {
    /// It ended before it listened.
    case notStarted
}
