import CollectorCore
import Foundation
import NetworkTypes
import TLS
import Testing

@testable import CollectorServer

/// What comes of servers of every kind.
@Suite struct BlocklistDownloadTests {
    /// The state of the one source at a path after one more attempt.
    private static func attempt(
        _ library: BlocklistLibrary,
        _ fixture: LibraryFixture
    ) async -> BlocklistSourceState {
        fixture.pass()
        await library.update()
        return await library.entries[0].state
    }

    @Test func aFileIsTakenOnceAndConfirmedByItsValidators() async throws {
        let fixture = try LibraryFixture()
        let server = ListServer()
        try await server.serving { port in
            let library = try fixture.library(["{ name: ads, url: \"http://127.0.0.1:\(port)/list?x=1\" }"])
            let validators = ["ETag": "\"one\"", "Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"]
            server.set("/list?x=1", .answer(200, validators, "a.example\nb.example\n"))
            let first = await Self.attempt(library, fixture)
            #expect(first.good?.nameCount == 2 && first.problem == nil, "\(first)")
            server.set("/list?x=1", .answer(304))
            let second = await Self.attempt(library, fixture)
            #expect(second.good == first.good && second.problem == nil)
            #expect(second.checkedMilliseconds > first.checkedMilliseconds)
            let heads = server.heads.map { $0.lowercased() }
            #expect(heads.count == 2)
            #expect(heads[0].hasPrefix("get /list?x=1 http/1.1\r\nhost: 127.0.0.1:\(port)\r\n"), "\(heads[0])")
            #expect(!heads[0].contains("if-none-match"))
            #expect(heads[1].contains("if-none-match: \"one\"\r\n"), "\(heads[1])")
            #expect(heads[1].contains("if-modified-since: mon, 01 jan 2024 00:00:00 gmt"), "\(heads[1])")
            // It is not asked again before its time.
            await library.update()
            #expect(server.heads.count == 2)
        }
    }

    @Test(arguments: [
        (ListServer.Reply.answer(500), "status 500"), (.answer(404), "status 404"),
        (.answer(206, [:], "a.example"), "status 206"),
        (.answer(200, [:], "<html>not here</html>\n"), "no name to block"), (.answer(200), "no name to block"),
        (.answer(200, ["Content-Encoding": "gzip"], "a.example\n"), "gzip"), (.endless, "more than 65536 bytes"),
        (.raw("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"), "more than 65536 bytes"),
        (.raw("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\na.example\n"), "before the file was whole"),
        (.raw("nonsense\r\n\r\n"), "not of HTTP/1.1"), (.raw(""), "before the file was whole"),
        (.raw("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), "not of HTTP/1.1"),
        (.answer(302, ["Location": "/list"]), "more than 3 redirects"), (.answer(302), "redirects to no address"),
        (.answer(302, ["Location": "http://192.0.2.1/list"]), "which is not https://"),
        (.answer(301, ["Location": "ftp://127.0.0.1/list"]), "redirects to no address"),
    ])
    func whatFailsKeepsTheLastGoodCopy(_ reply: ListServer.Reply, _ words: String) async throws {
        let fixture = try LibraryFixture()
        let server = ListServer()
        try await server.serving { port in
            let library = try fixture.library(["{ name: ads, url: \"http://127.0.0.1:\(port)/list\" }"])
            server.set("/list", .answer(200, [:], "a.example\nb.example\n"))
            let before = await Self.attempt(library, fixture)
            server.set("/list", reply)
            let after = await Self.attempt(library, fixture)
            #expect(after.problem?.contains(words) == true, "\(String(describing: after.problem))")
            #expect(after.good == before.good && after.good?.nameCount == 2 && after.failureCount == 1)
            #expect(try await library.candidate(inForce: nil) != nil)
            server.set("/list", .answer(200, [:], "a.example\nc.example\n"))
            let again = await Self.attempt(library, fixture)
            #expect(again.problem == nil && again.good?.hash != before.good?.hash)
        }
    }

    @Test(arguments: [ListServer.Reply.slow, .silent])
    func whoTakesTooLongIsGivenUp(_ reply: ListServer.Reply) async throws {
        let fixture = try LibraryFixture()
        let server = ListServer()
        try await server.serving { port in
            let library = try fixture.library(
                ["{ name: ads, url: \"http://127.0.0.1:\(port)/list\" }"],
                more: "timeout: 1s"
            )
            server.set("/list", reply)
            let state = await Self.attempt(library, fixture)
            #expect(state.problem == "not done within 1 s", "\(state)")
        }
    }

    @Test func theEndOfTheProgramEndsADownload() async throws {
        let fixture = try LibraryFixture()
        let server = ListServer()
        try await server.serving { port in
            let library = try fixture.library(
                ["{ name: ads, url: \"http://127.0.0.1:\(port)/list\" }"],
                more: "timeout: 1h"
            )
            server.set("/list", .silent)
            async let state = Self.attempt(library, fixture)
            while server.heads.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            library.end()
            #expect(await state.problem == "the collector stops")
        }
    }

    @Test func redirectsAreFollowedAFewTimes() async throws {
        let fixture = try LibraryFixture()
        let server = ListServer()
        try await server.serving { port in
            let library = try fixture.library(["{ name: ads, url: \"http://127.0.0.1:\(port)/a\" }"])
            server.set("/a", .answer(301, ["Location": "b"], "elsewhere"))
            server.set("/b", .answer(307, ["Location": "http://127.0.0.1:\(port)/c"]))
            server.set("/c", .answer(302, ["Location": "//localhost:\(port)/d"]))
            server.set("/d", .answer(200, [:], "0.0.0.0 a.example\n"))
            let state = await Self.attempt(library, fixture)
            #expect(state.good?.nameCount == 1, "\(state)")
            #expect(server.heads.count == 4)
        }
    }

    @Test func aPinnedFileIsThatFileOrNone() async throws {
        let fixture = try LibraryFixture()
        let server = ListServer()
        let file = "a.example\n"
        let hash = Hexadecimal.encode(Cryptography.sha256(Array(file.utf8))).text
        try await server.serving { port in
            let library = try fixture.library(
                ["{ name: ads, url: \"http://127.0.0.1:\(port)/list\", sha256: \(hash) }"]
            )
            server.set("/list", .answer(200, [:], "b.example\n"))
            let refused = await Self.attempt(library, fixture)
            #expect(refused.good == nil && refused.problem?.contains("sha256") == true, "\(refused)")
            server.set("/list", .answer(200, [:], file))
            #expect(await Self.attempt(library, fixture).good?.hash == hash)
        }
    }

    /// Over TLS: the authority and the name must be right, and nothing goes on in the clear.
    @Test func certificatesAreVerified() async throws {
        let fixture = try LibraryFixture()
        let server = ListServer()
        let now = Int64(Date().timeIntervalSince1970)
        let authority = try CertificateAuthority.create(commonName: "Lists", nowSeconds: now, lifetimeSeconds: 86_400)
        let stranger = try CertificateAuthority.create(commonName: "Other", nowSeconds: now, lifetimeSeconds: 86_400)
        let key = try PrivateKey.generate()
        let leaf = try authority.issueServer(
            key: key,
            commonName: "lists",
            dnsNames: ["localhost"],
            nowSeconds: now,
            lifetimeSeconds: 3600
        )
        let tls = try TLSContext.server(
            certificate: CertificateChain(leaf: leaf, authorities: [authority.certificate]),
            key: key,
            minimumVersion: .tls12
        )
        for (name, certificate) in [("good.pem", authority.certificate), ("other.pem", stranger.certificate)] {
            try Data(try certificate.pem().bytes).write(to: fixture.directory.appending(path: name))
        }
        try await server.serving(tls: tls) { port in
            func state(_ host: String, _ path: String, authorities: String?) async throws -> BlocklistSourceState {
                let file = authorities.map { fixture.directory.appending(path: $0).path }
                let library = try fixture.library(
                    ["{ name: ads, url: \"https://\(host):\(port)\(path)\" }"],
                    more: file.map { "authorities: \($0)" } ?? ""
                )
                return await Self.attempt(library, fixture)
            }
            let long = String(repeating: "long-name.example\n", count: 3000)
            server.set("/list", .answer(200, [:], "a.example\n" + long))
            let good = try await state("localhost", "/list", authorities: "good.pem")
            #expect(good.good?.nameCount == 2 && good.problem == nil, "\(good)")
            for (host, file, words) in [
                ("localhost", "other.pem", "certificate"), ("127.0.0.1", "good.pem", "IP address mismatch"),
                ("localhost", nil, "certificate"),
            ] {
                let refused = try await state(host, "/other", authorities: file)
                #expect(refused.good == nil && refused.problem?.contains(words) == true, "\(host): \(refused)")
            }
            server.set("/clear", .answer(302, ["Location": "http://localhost:\(port)/list"]))
            let clear = try await state("localhost", "/clear", authorities: "good.pem")
            #expect(clear.problem?.contains("which is not https://") == true, "\(clear)")
        }
    }
}
