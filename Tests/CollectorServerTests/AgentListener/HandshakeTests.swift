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

    /// A certificate that the agent listener must not take, into `other.pem` and `other.key`.
    private func issue(
        _ fixture: ListenerFixture,
        by authority: CertificateAuthority,
        uri: ByteString = "spiffe://test.local/gateway/gate",
        agoSeconds: Int64 = 0
    ) throws {
        let key = try PrivateKey.generate()
        let certificate = try authority.issueClient(
            try CertificateRequest.make(key: key, commonName: "gate"),
            commonName: "gate",
            uri: uri,
            nowSeconds: ListenerFixture.nowSeconds - agoSeconds,
            lifetimeSeconds: 3600
        )
        try fixture.write(certificate.pem(), to: "other.pem")
        try fixture.write(key.pem(), to: "other.key")
    }

    private static let other = ["-ign_eof", "-cert", "other.pem", "-key", "other.key"]

    @Test func anotherAuthorityIsRefused() async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            let stranger = try CertificateAuthority.create(
                commonName: "Other",
                nowSeconds: ListenerFixture.nowSeconds,
                lifetimeSeconds: 3600
            )
            try issue(fixture, by: stranger)
            let outcome = try await speak(fixture, port, Self.other)
            #expect(outcome.errors.contains("unknown ca"), "\(outcome)")
            #expect(!outcome.output.contains("HTTP"))
            #expect(fixture.figures.value(.handshakes) == 0)
            #expect(fixture.figures.value(.handshakeFailures) == 1)
        }
    }

    @Test func anExpiredCertificateIsRefused() async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            try issue(fixture, by: fixture.authority, agoSeconds: 7200)
            let outcome = try await speak(fixture, port, Self.other)
            #expect(outcome.errors.contains("certificate expired"), "\(outcome)")
            #expect(!outcome.output.contains("HTTP"))
            #expect(fixture.figures.value(.handshakes) == 0)
        }
    }

    @Test(arguments: [
        "spiffe://other.local/gateway/gate", "spiffe://test.local/person/gate", "spiffe://test.local/gateway/",
        "spiffe://test.local/gateway/a/b", "spiffe://test.local/gateway/GATE", "https://test.local/gateway/gate",
    ])
    func aCertificateOfNoGatewayGetsNoAnswer(_ uri: String) async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            try issue(fixture, by: fixture.authority, uri: ByteString(utf8: uri))
            let outcome = try await speak(fixture, port, Self.other)
            // The control: with a good name there is an answer.
            #expect(outcome.output == "", "\(outcome)")
            #expect(fixture.figures.value(.handshakeFailures) == 1)
            try issue(fixture, by: fixture.authority)
            #expect(try await speak(fixture, port, Self.other).output.hasPrefix("HTTP/1.1 426 "))
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
