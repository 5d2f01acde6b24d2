import ConfigurationFiles
import Logging
import NetworkTypes
import ServiceLifecycle
import Synchronization
import TLS

/// The server's own key and certificate, for both listeners: fresh at every start, so that nothing of them needs to be
/// kept, and made anew after two thirds of the certificate's life. The authority is in the chain, so that who knows only
/// its SHA-256 can check it.
final class ServerIdentity: Service {
    /// How often it looks whether a new certificate is due.
    static let interval = Duration.seconds(60)

    /// What both listeners serve with.
    struct Contexts: Sendable {
        /// TLS 1.3 that demands an agent's certificate.
        let agents: TLSContext
        /// For API, console and enrolment.
        let people: TLSContext
        /// When the next ones are due, seconds since 1970.
        let dueSeconds: Int64
    }

    private let configuration: CollectorConfiguration
    private let authority: CertificateAuthority
    private let clock: WallClock
    private let log: Logger
    private let contexts: Mutex<Contexts>

    /// Makes the first key and certificate.
    init(
        _ configuration: CollectorConfiguration,
        _ authority: CertificateAuthority,
        clock: WallClock,
        log: Logger
    ) throws(TLSError) {
        self.configuration = configuration
        self.authority = authority
        self.clock = clock
        self.log = log
        contexts = Mutex(try Self.make(configuration, authority, nowSeconds: Int64(clock.nowMilliseconds / 1000)))
    }

    /// What to serve new connections with; those that are there keep what they began with.
    var current: Contexts { contexts.withLock { $0 } }

    /// Makes a new key and certificate where they are due. Returns whether they were.
    @discardableResult
    func renewIfDue() throws(TLSError) -> Bool {
        let now = Int64(clock.nowMilliseconds / 1000)
        guard now >= current.dueSeconds else { return false }
        let made = try Self.make(configuration, authority, nowSeconds: now)
        contexts.withLock { $0 = made }
        log.info("the server has a new certificate")
        return true
    }

    /// Looks after the certificate until the program is to stop.
    func run() async throws {
        for await _ in FleetWatch.Ticks(interval: Self.interval).cancelOnGracefulShutdown() {
            do { try renewIfDue() } catch { log.error("cannot make a new certificate for the server: \(error)") }
        }
    }

    private static func make(
        _ configuration: CollectorConfiguration,
        _ authority: CertificateAuthority,
        nowSeconds: Int64
    ) throws(TLSError) -> Contexts {
        let key = try PrivateKey.generate()
        let lifetime = Int64(configuration.serverCertificateLifetimeSeconds)
        let leaf = try authority.issueServer(
            key: key,
            commonName: configuration.serverNames.first ?? "gatehouse-collector",
            dnsNames: configuration.serverNames.filter { IPAddress($0) == nil },
            ipAddresses: configuration.serverNames.compactMap { IPAddress($0) },
            nowSeconds: nowSeconds,
            lifetimeSeconds: lifetime
        )
        let chain = CertificateChain(leaf: leaf, authorities: [authority.certificate])
        return Contexts(
            agents: try TLSContext.server(
                certificate: chain,
                key: key,
                clientCA: [authority.certificate],
                minimumVersion: .tls13
            ),
            people: try TLSContext.server(
                certificate: chain,
                key: key,
                minimumVersion: .tls12,
                protocols: ["http/1.1"]
            ),
            dueSeconds: nowSeconds + lifetime * 2 / 3
        )
    }
}
