import AgentCore
import BlocklistBuilder
import NetworkTypes
import TestSupport
import Testing

@Suite("Blocklists")
struct BlocklistTests {
    static let key: (UInt64, UInt64) = (0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210)

    static func source(_ text: String) -> BlocklistSource { BlocklistSource(parsing: Array(text.utf8)) }

    static func compiled(_ lists: [(ByteString, String)]) throws -> [UInt8] {
        var compiler = BlocklistCompiler()
        for (name, text) in lists { compiler.add(source(text), to: name) }
        return try compiler.compile(key: key)
    }

    static func opened(_ lists: [(ByteString, String)]) throws -> Blocklists {
        try Blocklists(opening: ArrayByteStore(try compiled(lists)))
    }

    static func match(_ lists: Blocklists, _ name: ByteString, among: [ByteString] = ["ads"]) throws -> ByteString? {
        lists.match(try #require(DomainName(name)), among: among)
    }

    @Test("Hosts files, plain lists and filter rules are read, also mixed")
    func forms() {
        let source = Self.source(
            """
            ! a comment
            # another
            [Adblock Plus 2.0]
            0.0.0.0 a.example b.example # and why
            127.0.0.1\tc.example\r
            ::1 localhost ip6-localhost
            0.0.0.0 0.0.0.0
            d.example
            *.e.example
            ||F.example^
            ||g.example^$important
            @@||h.f.example^
            """
        )
        #expect(
            source.blocked == [
                "a.example", "b.example", "c.example", "d.example", "e.example", "f.example", "g.example",
            ]
        )
        #expect(source.excepted == ["h.f.example"])
        #expect(source.skippedCount == 0, "\(source.firstSkipped)")
    }

    @Test(
        "What cannot be blocked by name is counted and told",
        arguments: [
            "||a.example^$third-party", "||a.example/path", "/banner[0-9]+/", "example.com##.ad", "com", "0.0.0.0",
            "10.0.0.1", "||^", "||a..example^", "a b c", "||*.example^", "http://a.example/", "-",
        ]
    )
    func skipped(_ line: String) {
        let source = Self.source("x.example\n\(line)\n")
        #expect(source.blocked == ["x.example"])
        #expect(source.skippedCount == 1 && source.firstSkipped.map(\.line) == [2])
    }

    @Test("A name and all below it are blocked; what is excepted below is not; other lists do not count")
    func matching() throws {
        let lists = try Self.opened([
            ("ads", "||b.example^\n@@||ok.b.example^\n||bad.ok.b.example^"), ("malware", "evil.example"),
        ])
        #expect(lists.names == ["ads", "malware"])
        #expect(try Self.match(lists, "b.example") == "ads")
        #expect(try Self.match(lists, "x.y.b.example") == "ads")
        #expect(try Self.match(lists, "ok.b.example") == nil)
        #expect(try Self.match(lists, "x.ok.b.example") == nil)
        #expect(try Self.match(lists, "x.bad.ok.b.example") == "ads")
        for name: ByteString in ["example", "ab.example", "b.example.org", "evil.example", ""] {
            #expect(try Self.match(lists, name) == nil, "\(name)")
        }
        #expect(try Self.match(lists, "www.evil.example", among: ["ads", "malware"]) == "malware")
        #expect(try Self.match(lists, "b.example", among: ["none"]) == nil)
        #expect(try Self.match(lists, "b.example", among: []) == nil)
    }

    @Test("What lies below a blocked name takes no room")
    func pruned() throws {
        let lists = try Self.opened([
            ("ads", "b.example\nwww.b.example\na.www.b.example\nc.example\n@@||nothing.example^")
        ])
        #expect(lists.count("ads") == 2 && lists.count("none") == nil)
        #expect(try Self.match(lists, "a.www.b.example") == "ads")
    }

    @Test("Random lists against a set in memory, of every size", arguments: [0, 1, 2, 3, 10, 1000])
    func random(_ size: Int) throws {
        var random = SeededGenerator(seed: 7 + UInt64(size))
        func name() -> ByteString {
            let labels = (0..<Int.random(in: 2...4, using: &random)).map { _ in
                "abcdefgh".randomElement(using: &random).map { String($0) } ?? "a"
            }
            return ByteString(utf8: labels.joined(separator: "."))
        }
        let names = Set((0..<size).map { _ in name() })
        let lists = try Self.opened([("ads", names.map(\.text).joined(separator: "\n"))])
        for _ in 0..<2000 {
            let asked = name()
            var isBlocked = false
            var rest = asked.bytes[...]
            while !rest.isEmpty {
                if names.contains(ByteString(Array(rest))) { isBlocked = true }
                rest = rest.firstIndex(of: 0x2E).map { rest[($0 + 1)...] } ?? []
            }
            #expect(try Self.match(lists, asked) == (isBlocked ? "ads" : nil), "\(asked)")
        }
    }

    @Test("A name takes eight bytes, and each is found", .longComputation)
    func size() throws {
        let count = 100_000
        var text = ""
        text.reserveCapacity(count * 24)
        for index in 0..<count { text += "host-\(index).ads\(index % 977).example\n" }
        let file = try Self.compiled([("ads", text)])
        #expect(file.count == BlocklistFormat.headerLength + BlocklistFormat.listLength + 8 * count)
        let lists = try Blocklists(opening: ArrayByteStore(file))
        #expect(lists.count("ads") == count)
        for index in stride(from: 0, to: count, by: 101) {
            #expect(try Self.match(lists, ByteString(utf8: "www.host-\(index).ads\(index % 977).example")) == "ads")
            #expect(try Self.match(lists, ByteString(utf8: "host-\(index).ads\(index % 977 + 1).example")) == nil)
        }
    }

    @Test("Every byte altered: refused")
    func altered() throws {
        let file = try Self.compiled([("ads", "b.example\nc.example"), ("malware", "d.example")])
        for index in file.indices {
            var bytes = file
            bytes[index] ^= 0x10
            #expect(throws: Blocklists.Problem.self) { try Blocklists(opening: ArrayByteStore(bytes)) }
        }
        for length in 0..<file.count {
            #expect(throws: Blocklists.Problem.self) { try Blocklists(opening: ArrayByteStore(Array(file[..<length]))) }
        }
    }

    @Test("Every byte altered under a right checksum: refused or harmless, and never slow")
    func resealed() throws {
        let file = try Self.compiled([("ads", (0..<50).map { "h\($0).example" }.joined(separator: "\n"))])
        let name = try #require(DomainName("a.h7.example"))
        for index in BlocklistFormat.contentsOffset..<file.count {
            for pattern: UInt8 in [0xFF, 0x01, 0x80] {
                var bytes = file
                bytes[index] ^= pattern
                let contents = Array(bytes[BlocklistFormat.contentsOffset...])
                bytes.replaceSubrange(
                    BlocklistFormat.digestOffset..<BlocklistFormat.contentsOffset,
                    with: SHA256.hash(contents)
                )
                guard let lists = try? Blocklists(opening: ArrayByteStore(bytes)) else { continue }
                _ = lists.match(name, among: lists.names)
            }
        }
    }

    @Test("Lists that the format does not hold are refused")
    func refused() throws {
        for name: ByteString in ["", "Ads", "a b", "a/b", ByteString(utf8: String(repeating: "a", count: 33))] {
            #expect(throws: BlocklistCompiler.Problem.badName(name)) { try Self.compiled([(name, "a.example")]) }
        }
        let many = (0...32).map { (ByteString(utf8: "list-\($0)"), "a.example") }
        #expect(throws: BlocklistCompiler.Problem.tooManyLists(33)) { try Self.compiled(many) }
    }
}
