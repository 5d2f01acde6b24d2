import Foundation
import NetworkTypes
import TLS
import TestSupport
import Testing

@testable import CollectorServer

/// Who has no certificate of this collector does not get through the handshake.
@Suite struct HandshakeTests {
    private static let hello = Data("GET /agent HTTP/1.1\r\nhost: localhost\r\n\r\n".utf8)

    private func speak(_ fixture: ListenerFixture, _ port: Int, _ more: [String]) async throws -> Programs.Outcome {
        let arguments = ["s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", "ca.pem", "-quiet", "-no_ign_eof"]
        return try await Programs.run("openssl", arguments + more, in: fixture.directory, input: Self.hello)
    }

    @Test func withoutACertificateNothingIsParsed() async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            let outcome = try await speak(fixture, port, ["-ign_eof"])
            #expect(outcome.errors.contains("certificate required"), "\(outcome)")
            #expect(!outcome.output.contains("HTTP"))
            #expect(fixture.figures.value(.handshakes) == 0)
            #expect(fixture.figures.value(.handshakeFailures) == 1)
        }
    }

    @Test func anotherAuthorityIsRefused() async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            let other = try CertificateAuthority.create(
                commonName: "Other",
                nowSeconds: ListenerFixture.nowSeconds,
                lifetimeSeconds: 3600
            )
            let key = try PrivateKey.generate()
            let certificate = try other.issueClient(
                try CertificateRequest.make(key: key, commonName: "gate"),
                commonName: "gate",
                uri: "spiffe://test.local/gateway/gate",
                nowSeconds: ListenerFixture.nowSeconds,
                lifetimeSeconds: 3600
            )
            try fixture.write(certificate.pem(), to: "other.pem")
            try fixture.write(key.pem(), to: "other.key")
            let outcome = try await speak(fixture, port, ["-ign_eof", "-cert", "other.pem", "-key", "other.key"])
            #expect(outcome.errors.contains("unknown ca"), "\(outcome)")
            #expect(fixture.figures.value(.handshakes) == 0)
        }
    }

    @Test func tls12IsRefused() async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            _ = try await fixture.enrol("gate")
            let outcome = try await speak(
                fixture,
                port,
                ["-ign_eof", "-tls1_2", "-cert", "gate.pem", "-key", "gate.key"]
            )
            #expect(outcome.errors.contains("protocol version"), "\(outcome)")
        }
    }

    @Test func aRequestThatIsNoUpgradeIsAnsweredAndClosed() async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            _ = try await fixture.enrol("gate")
            let outcome = try await speak(fixture, port, ["-ign_eof", "-cert", "gate.pem", "-key", "gate.key"])
            #expect(outcome.output.hasPrefix("HTTP/1.1 426 "), "\(outcome)")
        }
    }
}
