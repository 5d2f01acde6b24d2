import CollectorCore
import Foundation
import Logging
import NIOCore
import NIOPosix
import NetworkTypes
import ServiceLifecycle
import Storage
import TLS
import TestSupport

@testable import CollectorServer

/// A collector's agent listener on a port of its own, with an authority and a store in a directory of their own.
final class ListenerFixture: Sendable {
    let directory: URL
    let store: SQLiteStore
    let authority: CertificateAuthority
    let figures = CollectorFigures()
    let registry: AgentRegistry
    let operations: FleetOperations
    let log: Logger
    let limits: AgentLimits

    static let trustDomain = "test.local"

    init(_ limits: AgentLimits = AgentLimits()) throws {
        self.limits = limits
        directory = FileManager.default.temporaryDirectory.appending(path: "gatehouse-listener-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        store = try SQLiteStore(path: directory.appending(path: "store.sqlite").path)
        authority = try CertificateAuthority.create(
            commonName: "Test",
            nowSeconds: Self.nowSeconds,
            lifetimeSeconds: 86_400
        )
        var log = Logger(label: "test")
        log.logLevel = .critical
        self.log = log
        registry = AgentRegistry(store: store, figures: figures, clock: .system, log: log)
        operations = FleetOperations(store: store, registry: registry, clock: .system)
        try write(authority.certificate.pem(), to: "ca.pem")
    }

    static var nowSeconds: Int64 { Int64(WallClock.system.nowMilliseconds / 1000) }

    func write(_ text: ByteString, to name: String) throws {
        try Data(text.bytes).write(to: directory.appending(path: name))
    }

    /// Runs `body` with the listener's port while it listens.
    func whileListening(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        let key = try PrivateKey.generate()
        let leaf = try authority.issueServer(
            key: key,
            commonName: "localhost",
            dnsNames: ["localhost"],
            nowSeconds: Self.nowSeconds,
            lifetimeSeconds: 3600
        )
        let tls = try TLSContext.server(
            certificate: CertificateChain(leaf: leaf, authorities: [authority.certificate]),
            key: key,
            clientCA: [authority.certificate]
        )
        try await whileListening(tls: { tls }, body)
    }

    /// Runs `body` with the listener's port while it listens with what `tls` says for each connection.
    func whileListening(
        tls: @escaping @Sendable () -> TLSContext,
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        try await Turnstile.programs.pass { try await listen(tls: tls, body) }
    }

    private func listen(
        tls: @escaping @Sendable () -> TLSContext,
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let listener = AgentListener(
            host: "127.0.0.1",
            port: 0,
            tls: tls,
            trustDomain: Self.trustDomain,
            services: AgentServices(
                store: store,
                registry: registry,
                figures: figures,
                clock: .system,
                log: log,
                issuer: CertificateIssuer(
                    authority: authority,
                    trustDomain: Self.trustDomain,
                    lifetimeSeconds: 7200
                ),
                limits: limits
            ),
            group: MultiThreadedEventLoopGroup.singleton
        ) { port.yield($0.port ?? 0) }
        let group = ServiceGroup(services: [listener], logger: log)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await number in ports {
                do {
                    try await body(number)
                } catch {
                    await group.triggerGracefulShutdown()
                    throw error
                }
                break
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        await store.close()
        try? FileManager.default.removeItem(at: directory)
    }

    /// Enrols a gateway and writes its certificate and key to `NAME.pem` and `NAME.key`.
    func enrol(_ name: String, lifetimeSeconds: Int64 = 3600) async throws -> GatewayKey {
        let key = try PrivateKey.generate()
        let request = try CertificateRequest.make(key: key, commonName: "test")
        let certificate = try authority.issueClient(
            request,
            commonName: ByteString(utf8: name),
            uri: ByteString(utf8: GatewayName.uri(gateway: name, trustDomain: Self.trustDomain)),
            nowSeconds: Self.nowSeconds,
            lifetimeSeconds: lifetimeSeconds
        )
        try write(certificate.pem(), to: "\(name).pem")
        try write(key.pem(), to: "\(name).key")
        let gateway = GatewayKey(gateway: name)
        let now = WallClock.system.nowMilliseconds
        let token = TokenRecord(
            tenant: gateway.tenant,
            id: name,
            secretHash: [1],
            gatewayName: name,
            site: "s",
            actor: "test",
            createdMilliseconds: now,
            expiresMilliseconds: now + 60_000
        )
        let entry = AuditEntry(timeMilliseconds: now, actor: "test", action: "test")
        try await store.createToken(token, audit: entry)
        let credential = TokenCredential(id: name, secretHash: [1])
        _ = try await store.redeemToken(credential, nowMilliseconds: now) { _ in
            IssuedCertificate(gateway: GatewayRecord(key: gateway, name: name), certificate: certificate.der)
        }
        return gateway
    }

    /// Runs a scenario of `Peers/agent.py` as a gateway and returns what it printed.
    func peer(_ scenario: String, as name: String, port: Int) async throws -> String {
        let script = PeersPython.packageRoot.appending(path: "Tests/CollectorServerTests/Peers/agent.py").path
        let outcome = try await Programs.run(
            PeersPython.path ?? "python3",
            ["-B", "-W", "ignore", script, "\(port)", "ca.pem", "\(name).pem", "\(name).key", scenario],
            in: directory
        )
        guard outcome.status == 0 else {
            throw PeerFailure(description: "exit \(outcome.status): \(outcome.errors)")
        }
        return outcome.output
    }
}

/// A scenario that did not end well.
struct PeerFailure: Error, CustomStringConvertible {
    let description: String
}
