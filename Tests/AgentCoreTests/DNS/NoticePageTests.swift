import Foundation
import NetworkTypes
import PacketParsing
import Policy
import Testing

@testable import AgentCore

@Suite struct NoticePageTests {
    typealias Bench = DNSProxyBench

    static func noticing(_ rules: [AllowRule] = []) -> Bench {
        var bench = Bench()
        bench.allowlist?.dns.noticesBlocked = true
        bench.allowlist?.allow += rules
        bench.client.gatewayAddresses = [Bench.address("192.0.2.1"), Bench.address("2001:db8::1")]
        return bench
    }

    @Test func refusedNamesGetTheGatewaysOwnAddressForAWhile() throws {
        var bench = Self.noticing()
        for (type, text) in [(DNSRecordType.a, "192.0.2.1"), (.aaaa, "2001:db8::1"), (.https, nil), (.txt, nil)] {
            let reply = try bench.replied(bench.ask(Bench.question("bank.example", type)))
            #expect(reply.flags.responseCode == .noError)
            #expect(reply.answers.map { $0.address?.byteString.text } == (text.map { [$0] } ?? []))
            #expect(reply.answers.allSatisfy { $0.timeToLiveSeconds == 10 })
        }
        #expect(bench.proxy.counters.refused == 4)
        bench.client.gatewayAddresses = [Bench.address("192.0.2.1")]
        let denied = try bench.replied(bench.ask(Bench.question("bank.example", .aaaa)))
        #expect(denied.flags.responseCode == .noError && denied.answers.isEmpty)
    }

    @Test func otherwiseTheNameDoesNotExist() throws {
        // Where the gateway has no address there, the policy wants no notice, or port 80 is the gateway's own.
        let own = AllowRule(to: .gateway, ports: [PortRange(transport: .tcp, first: 80, last: 80)])
        var benches = [Self.noticing(), Self.noticing(), Self.noticing([own])]
        benches[0].client.gatewayAddresses = []
        benches[1].allowlist?.dns.noticesBlocked = false
        for var bench in benches {
            #expect(try bench.replied(bench.ask(Bench.question("bank.example"))).flags.responseCode == .nameError)
        }
        // Names that tell whether to go round the gateway never exist.
        var bench = Self.noticing()
        let canary = try bench.replied(bench.ask(Bench.question("use-application-dns.net")))
        #expect(canary.flags.responseCode == .nameError)
    }

    static let requests: [(String, NoticePage.Request)] = [
        ("GET / HTTP/1.1\r\nHost: Bank.Example\r\n\r\n", .whole(name: DomainName("bank.example"))),
        (
            "GET /a HTTP/1.1\r\nA: b\r\nhOST:bank.example:8080  \r\nB: c\r\n\r\nbody",
            .whole(name: DomainName("bank.example"))
        ),
        ("GET / HTTP/1.0\n\n", .whole(name: nil)),
        ("POST / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n", .whole(name: nil)),
        ("GET / HTTP/1.1\r\nHost: <script>alert(1)</script>\r\n\r\n", .whole(name: nil)),
        ("GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n", .whole(name: nil)),
        ("GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n", .whole(name: nil)),
        ("GET / HTTP/1.1\r\nHost: a&b.example\r\n\r\n", .whole(name: nil)),
        ("GET / HTTP/1.1\r\nHost: \r\n\r\n", .whole(name: nil)),
        ("GET / HTTP/1.1\r\nHost: bank.example\r\n", .incomplete), ("", .incomplete), ("\u{16}\u{3}\u{1}", .malformed),
        ("GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 8192), .malformed),
    ]

    @Test(arguments: requests) func requestsAreReadAsFarAsNeeded(text: String, expected: NoticePage.Request) {
        #expect(NoticePage.request(Array(text.utf8)) == expected)
        for length in 0..<min(text.utf8.count, 200) { _ = NoticePage.request(Array(text.utf8.prefix(length))) }
    }

    @Test func pageSaysWhatByWhichPolicyAndWhomToAskAndNothingInItIsCode() throws {
        let page = NoticePage(
            name: DomainName("bank.example"),
            policy: "cameras",
            blocklist: "ads<1>",
            contact: "Bob & \"Eve\" <it@example.com>"
        )
        let parts = ByteString(page.response).text.components(separatedBy: "\r\n\r\n")
        try #require(parts.count == 2)
        #expect(parts[0].hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
        for field in [
            "Content-Security-Policy: default-src 'none'", "Cache-Control: no-store", "Connection: close",
            "Content-Type: text/html; charset=utf-8", "Content-Length: \(parts[1].utf8.count)",
        ] {
            #expect(parts[0].components(separatedBy: "\r\n").contains(field), "\(parts[0])")
        }
        for words in [
            "<strong>bank.example</strong>", "the list <strong>ads&lt;1&gt;</strong>", "<strong>cameras</strong>",
            "ask: Bob &amp; &quot;Eve&quot; &lt;it@example.com&gt;",
        ] {
            #expect(parts[1].contains(words), "\(parts[1])")
        }
        #expect(!parts[1].contains("script") && !parts[1].contains("href") && !parts[1].contains("src="))
        let plain = NoticePage(name: nil, policy: "cameras", blocklist: nil, contact: "")
        let text = ByteString(plain.response).text
        #expect(text.contains("What this device asked for is not allowed by the policy <strong>cameras</strong>"))
        #expect(!text.contains("ask:"))
    }
}
