import CollectorTestSupport
import Foundation
import TestSupport
import Testing

@testable import CollectorServer

/// Enrolment against the program itself, with other people's programs alone.
@Suite struct EnrolmentProcessTests {
    @Test func curlAndOpenSSLAloneEnrolAGateway() async throws {
        try await CollectorProcess.serving { collector in
            let hand = EnrolmentByHand(collector)
            #expect(try await hand.fetchAuthority() == collector.beginning("CA SHA-256"))
            let bearer = try await hand.logIn()
            let token = try await hand.makeToken(as: bearer)
            try await hand.makeRequest("gate")

            let answer = try await hand.enrol(secret: token.secret, file: "gate.csr")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.headers.lowercased().contains("content-type: application/pkcs7-mime"))
            try answer.body.write(to: collector.file("gate.p7"))
            try await hand.unpack("gate.p7", to: "gate.pem")
            let certificates = try collector.file("gate.pem").text().components(separatedBy: "BEGIN CERT").count - 1
            #expect(certificates == 1, "RFC 7030 §4.2.3: only the certificate that was issued")

            let verdict = try await hand.openssl([
                "verify", "-purpose", "sslclient", "-x509_strict", "-CAfile", "authority.pem", "gate.pem",
            ])
            #expect(verdict == "gate.pem: OK\n")
            let names = try await hand.openssl(["x509", "-in", "gate.pem", "-noout", "-ext", "subjectAltName"])
            let found = names.firstMatch(of: #/URI:spiffe://gatehouse\.local/gateway/(dock-[0-9a-f]{8})\s*$/#)
            let id = try #require(found?.1, "\(names)")
            let keys = [
                try await hand.openssl(["x509", "-in", "gate.pem", "-noout", "-pubkey"]),
                try await hand.openssl(["pkey", "-in", "gate.key", "-pubout"]),
            ]
            #expect(keys[0] == keys[1])

            // The upgrade is missing, so HTTP answers 426: the handshake is behind us.
            let channel = try await hand.openssl(
                [
                    "s_client", "-connect", "127.0.0.1:\(collector.agentPort)", "-CAfile", "authority.pem",
                    "-verify_return_error", "-cert", "gate.pem", "-key", "gate.key", "-quiet", "-ign_eof",
                ],
                input: Data("GET /agent HTTP/1.1\r\nhost: localhost\r\n\r\n".utf8)
            )
            #expect(channel.hasPrefix("HTTP/1.1 426 "), "\(channel)")

            let gateway = try await hand.api("GET", "/api/v1/gateways/\(id)", as: bearer).object
            #expect(gateway["site"] as? String == "warehouse-1")
            #expect(gateway["name"] as? String == "dock")
            #expect(gateway["state"] as? String == "never-connected")
            let line = try #require(try await hand.audit("gateway.enrol", as: bearer).first)
            #expect(line["actor"] as? String == "token:\(token.id)" && line["subject"] as? String == String(id))
        }
    }

    @Test func everyRefusalSaysWhyAndIsAudited() async throws {
        try await CollectorProcess.serving { collector in
            let hand = EnrolmentByHand(collector)
            _ = try await hand.fetchAuthority()
            let bearer = try await hand.logIn()
            try await hand.makeRequest("gate")
            let used = try await hand.makeToken(as: bearer)
            #expect(try await hand.enrol(secret: used.secret, file: "gate.csr").status == 200)
            let revoked = try await hand.makeToken(as: bearer)
            #expect(try await hand.api("DELETE", "/api/v1/tokens/\(revoked.id)", as: bearer).status == 204)
            let expired = try await hand.makeToken(as: bearer, seconds: 1)
            let good = try await hand.makeToken(as: bearer)
            var wrong = good
            wrong.secret = good.id + "." + String(repeating: "A", count: 43)
            let unknown = (id: String(repeating: "0", count: 16), secret: "\(String(repeating: "0", count: 16)).none")
            try collector.file("garbage").write("this is no request")
            try collector.file("long").write(String(repeating: "A", count: EnrolmentRoutes.maximumRequestBytes + 4))
            // A request whose signature does not hold: another key's in the place of its own.
            var spoilt = try Data(contentsOf: collector.file("gate.der"))
            spoilt[spoilt.count - 1] ^= 1
            try spoilt.base64EncodedData().write(to: collector.file("spoilt"))
            try await Task.sleep(for: .milliseconds(1100))

            let cases: [(token: (id: String, secret: String), file: String, status: Int, words: String)] = [
                (used, "gate.csr", 401, "used before"), (expired, "gate.csr", 401, "expired"),
                (revoked, "gate.csr", 401, "revoked"), (unknown, "gate.csr", 401, "no one-time token"),
                (
                    (unknown.id, "\(unknown.id).\(String(repeating: "A", count: 43))"), "gate.csr", 401,
                    "no such token"
                ),
                (wrong, "gate.csr", 401, "secret is wrong"), (good, "garbage", 400, "no PKCS#10 request"),
                (good, "spoilt", 400, "signature does not hold"), (good, "long", 413, "longer than 32768 bytes"),
            ]
            for entry in cases {
                let answer = try await hand.enrol(secret: entry.token.secret, file: entry.file)
                #expect(answer.status == entry.status, "\(entry)")
                #expect(answer.text.contains(entry.words), "\(entry): \(answer.text)")
            }
            let challenge = try await hand.enrol(secret: nil, file: "gate.csr")
            #expect(challenge.status == 401)
            #expect(challenge.headers.lowercased().contains("www-authenticate: basic realm="))

            let refused = try await hand.audit("gateway.enrol.refused", as: bearer)
            for entry in cases {
                let line = refused.first { line in
                    line["subject"] as? String == "127.0.0.1"
                        && (line["detail"] as? String)?.contains(entry.words) == true
                }
                #expect(line != nil, "not audited: \(entry)")
            }
            #expect(refused.count == cases.count)
            let whole = String(decoding: try JSONSerialization.data(withJSONObject: refused), as: UTF8.self)
            for token in [used, revoked, expired, good, wrong] { #expect(!whole.contains(token.secret.dropFirst(17))) }
            // Nothing of that spent the good token.
            #expect(try await hand.enrol(secret: good.secret, file: "gate.csr").status == 200)
            let figures = try await collector.curl("/metrics").text
            #expect(figures.contains("\ngatehouse_enrolments_refused_total \(cases.count)\n"))
        }
    }

    @Test func guessingFromOneAddressIsSlowedDown() async throws {
        try await CollectorProcess.serving { collector in
            let hand = EnrolmentByHand(collector)
            _ = try await hand.fetchAuthority()
            let bearer = try await hand.logIn()
            try await hand.makeRequest("gate")
            let good = try await hand.makeToken(as: bearer)
            let guess = String(repeating: "0", count: 16) + "." + String(repeating: "A", count: 43)
            for _ in 0..<LoginLimiter.failuresPerAddress {
                #expect(try await hand.enrol(secret: guess, file: "gate.csr").status == 401)
            }
            for _ in 0..<3 {
                let answer = try await hand.enrol(secret: guess, file: "gate.csr")
                #expect(answer.status == 429)
                #expect(answer.text.contains("wait "))
                #expect(answer.headers.lowercased().contains("retry-after: "))
            }
            #expect(try await hand.enrol(secret: good.secret, file: "gate.csr").status == 429)
            // One line for the closing of the door, not one for every knock on it.
            let lines = try await hand.audit("gateway.enrol.limited", as: bearer)
            #expect(lines.map { $0["subject"] as? String } == ["127.0.0.1"])
            #expect(try await collector.curl("/metrics").text.contains("\ngatehouse_enrolments_rate_limited_total 4\n"))
        }
    }
}
