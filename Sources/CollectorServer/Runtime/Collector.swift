internal import CollectorCore
public import ConfigurationFiles
internal import Foundation
internal import Hummingbird
public import Logging
internal import NIOCore
internal import NIOPosix
internal import NetworkTypes
internal import Recog
internal import ServiceLifecycle
internal import Storage
internal import SystemIO
internal import TLS
internal import UnixSignals

/// The collector as a whole: what `gatehouse-collector` calls.
public enum Collector {
    /// The program's version.
    public static let version = "0.1.0"
    /// How long the certificate authority lasts.
    static let authorityLifetimeSeconds: Int64 = 10 * 365 * 86_400
    /// The first person.
    static let firstAdministrator = "admin"

    /// What `init` made and prints once.
    public struct Beginning: Sendable {
        /// SHA-256 of the authority's certificate, lower-case hexadecimal digits: what `login` and tokens pin.
        public let authoritySHA256: String
        /// The first person's login.
        public let user: String
        /// To be changed at the first login.
        public let oneTimePassword: String
    }

    /// Makes authority, database and the first administrator. The key is written last: where it is, all is.
    public static func initialise(_ configuration: CollectorConfiguration) async throws -> Beginning {
        let files = CollectorFiles(configuration)
        try files.requireUninitialised()
        try files.create()
        let lock = try files.lock()
        defer { withExtendedLifetime(lock) {} }
        let now = WallClock.system.nowMilliseconds
        let authority = try CertificateAuthority.create(
            commonName: "Gatehouse \(configuration.trustDomain.text)".byteString,
            nowSeconds: Int64(now / 1000),
            lifetimeSeconds: authorityLifetimeSeconds
        )
        // A database that an interrupted init left is begun anew.
        CollectorFiles.removeDatabase(files.database.path)
        // SQLite keeps the permissions of the file that is there.
        try files.write([], to: files.database)
        let store = try SQLiteStore(path: files.database.path)
        let password = try SecretText().secret
        try await store.createUser(
            UserRecord(
                tenant: TenantName.standard,
                name: firstAdministrator,
                role: .admin,
                passwordHash: try PasswordHash.make(password),
                mustChangePassword: true,
                createdMilliseconds: now
            ),
            audit: AuditEntry(
                tenant: TenantName.standard,
                timeMilliseconds: now,
                actor: "init",
                action: "collector.init",
                subject: firstAdministrator,
                detail: "first administrator"
            )
        )
        await store.close()
        try files.write(try authority.certificate.pem(), to: files.authorityCertificate)
        try files.write(try authority.key.pem(), to: files.authorityKey)
        return Beginning(
            authoritySHA256: Hexadecimal.encode(authority.certificate.sha256).text,
            user: firstAdministrator,
            oneTimePassword: password
        )
    }

    /// Serves agents and people until the program is told to end.
    public static func serve(_ configuration: CollectorConfiguration, log: Logger) async throws {
        let files = CollectorFiles(configuration)
        try files.requireInitialised()
        let lock = try files.lock()
        defer { withExtendedLifetime(lock) {} }
        if let warning = DescriptorLimit.raise(forAgents: configuration.limits.connections) {
            log.warning("\(warning)")
        }
        let authority = try files.authority()
        let store = try SQLiteStore(path: files.database.path)
        let clock = WallClock.system
        let figures = CollectorFigures()
        let registry = AgentRegistry(store: store, figures: figures, clock: clock, log: log)
        let banners = try configuration.recogDirectory.map {
            try BannerKnowledge.load($0.text, figures: figures, log: log)
        }
        let blocklists = try configuration.blocklists.map {
            try BlocklistLibrary($0, stateDirectory: configuration.stateDirectory, clock: clock, log: log)
        }
        let server = try ServerIdentity(configuration, authority, clock: clock, log: log)

        var limits = AgentLimits()
        limits.maximumConnections = configuration.limits.connections
        limits.handshakeTimeout = .seconds(Int64(configuration.limits.handshakeTimeoutSeconds))
        limits.credits = configuration.limits.credits
        let issuer = CertificateIssuer(
            authority: authority,
            trustDomain: configuration.trustDomain.text,
            lifetimeSeconds: Int64(configuration.certificateLifetimeSeconds)
        )
        let agents = AgentListener(
            host: configuration.agentListener.address.description,
            port: Int(configuration.agentListener.port),
            tls: { server.current.agents },
            trustDomain: configuration.trustDomain.text,
            services: AgentServices(
                store: store,
                registry: registry,
                figures: figures,
                clock: clock,
                log: log,
                issuer: issuer,
                limits: limits
            ),
            group: MultiThreadedEventLoopGroup.singleton
        )
        let watch = FleetWatch(
            store: store,
            registry: registry,
            clock: clock,
            log: log,
            silenceMilliseconds: configuration.limits.silenceSeconds * 1000,
            keepFlowsMilliseconds: configuration.keepFlowsSeconds * 1000
        )
        // An agent that was connected when the collector died is not any more.
        try await store.resetConnections()
        let shown = Shown(banners: banners, blocklists: blocklists)
        let people = try https(configuration, server, issuer, store, registry, figures, shown, clock, log)
        // What ends a service is said once, by who called; the group would say it again.
        var quiet = log
        quiet.logLevel = .critical
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    service(watch),
                    service(server),
                    service(Listening(agents, "agentListener", configuration.agentListener)),
                    service(Listening(people, "httpsListener", configuration.httpsListener)),
                ] + (blocklists.map { [service(BlocklistWatch(library: $0))] } ?? []),
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: quiet
            )
        )
        log.info(
            "gatehouse-collector \(version) serves; authority SHA-256 \(Hexadecimal.encode(authority.certificate.sha256).text)"
        )
        do {
            try await group.run()
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    /// What is wrong with the files that the configuration names, one line each.
    public static func problems(of configuration: CollectorConfiguration) -> [String] {
        var problems: [String] = []
        if let file = configuration.blocklists?.authoritiesFile {
            do throws(TLSError) { _ = try TLSContext.client(authoritiesFile: file) } catch {
                problems.append("blocklists.authorities: \(error)")
            }
        }
        guard let directory = configuration.recogDirectory else { return problems }
        do throws(RecogProblem) {
            return problems + (try RecogLibrary(reading: directory.text).problems.map { "knowledge.recog: \($0)" })
        } catch {
            return problems + ["knowledge.recog: \(error)"]
        }
    }

    /// A part of the program. Where one fails, the others end as they would at a signal.
    private static func service(_ service: some Service) -> ServiceGroupConfiguration.ServiceConfiguration {
        .init(service: service, failureTerminationBehavior: .gracefullyShutdownGroup)
    }

    /// What the API shows beside the store, where the configuration wants it.
    private struct Shown {
        let banners: BannerKnowledge?
        let blocklists: BlocklistLibrary?
    }

    private static func https(
        _ configuration: CollectorConfiguration,
        _ server: ServerIdentity,
        _ issuer: CertificateIssuer,
        _ store: any CollectorStore,
        _ registry: AgentRegistry,
        _ figures: CollectorFigures,
        _ shown: Shown,
        _ clock: WallClock,
        _ log: Logger
    ) throws -> some Service {
        let name = configuration.serverNames.first?.text ?? "localhost"
        let host = name.contains(":") ? "[\(name)]" : name
        let services = APIServices(
            store: store,
            operations: FleetOperations(store: store, registry: registry, clock: clock),
            figures: figures,
            clock: clock,
            settings: APIServices.Settings(
                agentAddress: "\(host):\(configuration.agentListener.port)",
                enrolAddress: "\(host):\(configuration.httpsListener.port)",
                caSHA256: Hexadecimal.encode(issuer.authority.certificate.sha256).text,
                version: version,
                sessionMilliseconds: configuration.limits.sessionLifetimeSeconds * 1000
            ),
            banners: shown.banners,
            blocklists: shown.blocklists
        )
        let router = try APIRouter.make(services)
        EnrolmentRoutes(issuer: issuer, store: store, figures: figures, clock: clock, log: log).add(to: router)
        return Application(
            router: router,
            server: .https(tls: { server.current.people }),
            configuration: .init(
                address: .hostname(
                    configuration.httpsListener.address.description,
                    port: Int(configuration.httpsListener.port)
                )
            ),
            logger: log
        )
    }
}

extension String {
    /// The text's UTF-8 bytes.
    var byteString: ByteString { ByteString(utf8: self) }
}
