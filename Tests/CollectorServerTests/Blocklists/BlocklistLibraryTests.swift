import BlocklistBuilder
import CollectorCore
import Foundation
import NetworkTypes
import Testing

@testable import CollectorServer

/// What the collector keeps of its sources, and compiles of them.
@Suite struct BlocklistLibraryTests {
    private static func names(_ range: Range<Int>) -> String { range.map { "n\($0).example\n" }.joined() }

    private static func update(_ library: BlocklistLibrary, _ fixture: LibraryFixture) async {
        fixture.pass()
        await library.update()
    }

    @Test func sourcesOfOneNameAreMergedUnderTheKeyInForce() async throws {
        let fixture = try LibraryFixture()
        let server = ListServer()
        try await server.serving { port in
            server.set("/a", .answer(200, [:], "a.example\nb.example\n"))
            server.set("/b", .answer(200, [:], "0.0.0.0 b.example c.example\nnot.taken.example\n"))
            server.set("/c", .answer(200, [:], "||t.example^\n"))
            let library = try fixture.library([
                "{ name: ads, url: \"http://127.0.0.1:\(port)/a\" }",
                "{ name: ads, url: \"http://127.0.0.1:\(port)/b\", format: hosts }",
                "{ name: tracking, url: \"http://127.0.0.1:\(port)/c\" }",
                "{ name: tracking, url: \"http://127.0.0.1:\(port)/missing\" }",
            ])
            #expect(try await library.candidate(inForce: nil) == nil, "nothing was downloaded yet")
            await Self.update(library, fixture)
            let candidate = try #require(try await library.candidate(inForce: nil))
            #expect(try BlocklistDifference.counts(of: candidate.bytes) == ["ads": 3, "tracking": 1])
            // The same ingredients are the same file, also after a restart.
            #expect(try await library.candidate(inForce: nil)?.bytes == candidate.bytes)
            let again = try fixture.library(["{ name: ads, url: \"http://127.0.0.1:\(port)/a\" }"])
            let fewer = try #require(try await again.candidate(inForce: candidate.bytes))
            let difference = try BlocklistDifference(from: candidate.bytes, to: fewer.bytes)
            #expect(difference.lists.map(\.removed) == [1, 1] && difference.lists.map(\.added) == [0, 0])
            // The other sources are gone.
            let kept = try fixture.files()
            #expect(kept.count == 3, "\(kept)")
            // Under the key of whatever is in force.
            var compiler = BlocklistCompiler()
            compiler.add(BlocklistSource(parsing: Array("a.example\n".utf8)), to: "ads")
            let old = try compiler.compile(key: (7, 9))
            let new = try #require(try await again.candidate(inForce: old))
            #expect(try BlocklistDifference.key(of: new.bytes) == (7, 9))
            #expect(try BlocklistDifference(from: old, to: new.bytes).lists.map(\.added) == [1])
        }
    }

    @Test func whatShrinksIsHeldBackAcrossARestartUntilItIsAccepted() async throws {
        let fixture = try LibraryFixture()
        let server = ListServer()
        try await server.serving { port in
            let source = "{ name: ads, url: \"http://127.0.0.1:\(port)/list\" }"
            server.set("/list", .answer(200, ["ETag": "\"1\""], Self.names(0..<100)))
            var library = try fixture.library([source])
            await Self.update(library, fixture)
            server.set("/list", .answer(200, ["ETag": "\"2\""], Self.names(0..<49)))
            await Self.update(library, fixture)
            var entry = await library.entries[0]
            #expect(entry.state.good?.nameCount == 100 && entry.state.held?.nameCount == 49)
            library = try fixture.library([source])
            server.set("/list", .answer(304))
            await Self.update(library, fixture)
            #expect(server.heads.last?.contains("\"2\"") == true, "the one held back is not fetched again")
            entry = await library.entries[0]
            #expect(entry.state.good?.nameCount == 100 && entry.state.held?.nameCount == 49)
            let before = try #require(try await library.candidate(inForce: nil))
            #expect(try BlocklistDifference.counts(of: before.bytes) == ["ads": 100])
            #expect(try await library.accept(entry.id)?.nameCount == 49)
            #expect(try await library.accept(entry.id) == nil)
            await #expect(throws: BlocklistLibrary.NoSource.self) { try await library.accept("other") }
            let after = try #require(try await library.candidate(inForce: nil))
            #expect(try BlocklistDifference.counts(of: after.bytes) == ["ads": 49])
            // Key, state and one copy.
            let kept = try fixture.files()
            #expect(kept.count == 3, "\(kept)")
        }
    }

    @Test func aCopyThatTheDiskDamagedIsFetchedAnew() async throws {
        let fixture = try LibraryFixture()
        let server = ListServer()
        try await server.serving { port in
            server.set("/list", .answer(200, ["ETag": "\"1\""], Self.names(0..<10)))
            let library = try fixture.library(["{ name: ads, url: \"http://127.0.0.1:\(port)/list\" }"])
            await Self.update(library, fixture)
            let file = try #require(try fixture.files().first { $0.hasSuffix(".list") })
            try Data("x".utf8).write(to: fixture.directory.appending(path: "blocklists/\(file)"))
            await #expect(throws: BlocklistCandidate.Problem.self) { try await library.candidate(inForce: nil) }
            #expect(try await library.candidate(inForce: nil) == nil)
            await library.update()
            #expect(server.heads.last?.lowercased().contains("if-none-match") == false)
            #expect(try await library.candidate(inForce: nil) != nil)
        }
    }
}
