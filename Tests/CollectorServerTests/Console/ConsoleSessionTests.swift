import CollectorAPI
import CollectorTestSupport
import Foundation
import Testing

/// A session of the console lasts as long as the configuration says.
@Suite struct ConsoleSessionTests {
    @Test func aSessionLastsAsConfigured() async throws {
        try await CollectorProcess.serving(settings: "limits: { sessionLifetime: 5m }") { collector in
            let hand = EnrolmentByHand(collector)
            _ = try await hand.fetchAuthority()
            _ = try await hand.logIn()
            let before = Date()
            let cookie = try await hand.signIn()
            #expect(cookie.hasSuffix("; Max-Age=300"), "\(cookie)")
            let session = try await collector.curl(
                "/api/v1/session",
                configuration: ["cookie = \"\(cookie.split(separator: ";").first ?? "")\""]
            )
            let text = try #require(try session.object["expires"] as? String, "\(session.text)")
            let end = try #require(Timestamp(text))
            let seconds = Double(end.milliseconds) / 1000 - before.timeIntervalSince1970
            #expect((299...360).contains(seconds), "\(seconds)")
        }
    }
}
