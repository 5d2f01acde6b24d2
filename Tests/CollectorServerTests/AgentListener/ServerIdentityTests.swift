import ConfigurationFiles
import Foundation
import NetworkTypes
import Synchronization
import TLS
import TestSupport
import Testing

@testable import CollectorServer

/// The server's certificate is made anew while the listeners go on.
@Suite struct ServerIdentityTests {
    @Test func aNewCertificateIsServedAfterTwoThirdsOfTheLifeOfTheOld() async throws {
        let fixture = try ListenerFixture()
        var configuration = CollectorConfiguration()
        configuration.serverCertificateLifetimeSeconds = 3600
        let now = Mutex(WallClock.system.nowMilliseconds)
        let clock = WallClock { now.withLock { $0 } }
        let identity = try ServerIdentity(configuration, fixture.authority, clock: clock, log: fixture.log)
        try await fixture.whileListening(tls: { identity.current.agents }) { port in
            func serial() async throws -> String {
                let seen = try await Programs.run(
                    "openssl",
                    // Not verified: by the host's clock the later ones are of the future.
                    ["s_client", "-connect", "127.0.0.1:\(port)"],
                    in: fixture.directory
                )
                let printed = try await Programs.run(
                    "openssl",
                    ["x509", "-noout", "-serial"],
                    in: fixture.directory,
                    input: Data(seen.output.utf8)
                )
                #expect(printed.output.hasPrefix("serial="), "\(seen)")
                return printed.output
            }
            let first = try await serial()
            #expect(try await serial() == first)
            now.withLock { $0 += 2399 * 1000 }
            #expect(try !identity.renewIfDue())
            now.withLock { $0 += 1000 }
            #expect(try identity.renewIfDue() && !identity.renewIfDue())
            let second = try await serial()
            #expect(second != first)
            now.withLock { $0 += 2400 * 1000 }
            #expect(try identity.renewIfDue())
            #expect(try await serial() != second)
        }
    }
}
