import AgentCore
import BlocklistBuilder
import NetworkTypes
import Testing

/// What changed between two compiled files, and sources of one format.
@Suite struct BlocklistDifferenceTests {
    @Test func namesAreCountedPerList() throws {
        let old = try BlocklistTests.compiled([("ads", "a.example\nb.example\nc.example"), ("gone", "x.example")])
        let new = try BlocklistTests.compiled([
            ("ads", "b.example\nc.example\nd.example\ne.example"), ("new", "y.example"),
        ])
        let difference = try BlocklistDifference(from: old, to: new)
        #expect(difference.lists.map(\.name) == ["ads", "gone", "new"])
        #expect(difference.lists.map(\.added) == [2, 0, 1])
        #expect(difference.lists.map(\.removed) == [1, 1, 0])
        #expect(difference.lists.map(\.count) == [4, nil, 1])
        #expect(difference.lists.map(\.countBefore) == [3, 1, nil])
        #expect(difference.lists.map(\.changePerMille) == [1000, nil, nil])
        #expect(!difference.isEmpty)
        #expect(try BlocklistDifference(from: old, to: old).isEmpty)
        #expect(try BlocklistDifference.counts(of: old) == ["ads": 3, "gone": 1])
        #expect(try BlocklistDifference.key(of: old) == BlocklistTests.key)
    }

    /// A new exception lets through what was blocked: that is a change too.
    @Test func exceptionsCount() throws {
        let old = try BlocklistTests.compiled([("ads", "||a.example^")])
        let new = try BlocklistTests.compiled([("ads", "||a.example^\n@@||b.a.example^")])
        let there = try BlocklistDifference(from: old, to: new).lists[0]
        #expect(there.added == 0 && there.removed == 1 && there.changePerMille == 1000)
        let back = try BlocklistDifference(from: new, to: old).lists[0]
        #expect(back.added == 1 && back.removed == 0)
    }

    @Test func randomListsAreCountedAsSetsAre() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            let names = (0..<200).map { "n\($0).example" }
            let (old, new) = (names.shuffled(using: &random).prefix(150), names.shuffled(using: &random).prefix(120))
            let difference = try BlocklistDifference(
                from: try BlocklistTests.compiled([("ads", old.joined(separator: "\n"))]),
                to: try BlocklistTests.compiled([("ads", new.joined(separator: "\n"))])
            )
            #expect(difference.lists[0].added == Set(new).subtracting(old).count, "\(old) \(new)")
            #expect(difference.lists[0].removed == Set(old).subtracting(new).count, "\(old) \(new)")
        }
    }

    @Test func whatCannotBeComparedIsSaid() throws {
        let file = try BlocklistTests.compiled([("ads", "a.example")])
        var compiler = BlocklistCompiler()
        compiler.add(BlocklistTests.source("a.example"), to: "ads")
        let other = try compiler.compile(key: (1, 2))
        #expect(throws: BlocklistDifference.Problem.otherKey) { try BlocklistDifference(from: file, to: other) }
        for damaged in [[], Array(file.dropLast()), file + [0]] {
            #expect(throws: BlocklistDifference.Problem.self) { try BlocklistDifference(from: file, to: damaged) }
            #expect(throws: BlocklistDifference.Problem.self) { try BlocklistDifference(from: damaged, to: file) }
        }
    }

    @Test(arguments: [
        (BlocklistSource.Format.any, ["a.example", "b.example", "c.example"]), (.hosts, ["a.example"]),
        (.names, ["b.example"]), (.rules, ["c.example"]),
    ])
    func aFormatTakesItsOwnLinesAlone(_ format: BlocklistSource.Format, _ expected: [String]) {
        let text = "# comment\n0.0.0.0 a.example\nb.example\n||c.example^\n<html>\n"
        let source = BlocklistSource(parsing: Array(text.utf8), format: format)
        #expect(source.blocked == Set(expected.map { ByteString(utf8: $0) }))
        #expect(source.skippedCount == 4 - expected.count)
    }
}
