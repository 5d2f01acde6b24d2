import BlocklistBuilder
import NetworkTypes
import Testing

@testable import gatehousectl

/// What `blocklist update` signs without a person, and what it leaves to one.
@Suite struct BlocklistUpdateTests {
    private static func compiled(_ lists: [String: Range<Int>], key: UInt64 = 1) throws -> [UInt8] {
        var compiler = BlocklistCompiler()
        for (name, range) in lists {
            let text = range.map { "n\($0).example\n" }.joined()
            compiler.add(BlocklistSource(parsing: Array(text.utf8)), to: ByteString(utf8: name))
        }
        return try compiler.compile(key: (key, key))
    }

    private static func refusal(_ old: [UInt8], _ new: [UInt8], _ perMille: Int) -> [String]? {
        do throws(ControlError) {
            _ = try BlocklistUpdate.difference(from: old, to: new, maximumPerMille: perMille)
            return nil
        } catch {
            #expect(error.status == .partly)
            return error.lines
        }
    }

    @Test func eachListIsHeldToTheLimit() throws {
        let old = try Self.compiled(["big": 0..<1000, "small": 0..<10])
        #expect(Self.refusal(old, old, 0) == nil)
        // 100 gone and 100 new of 1000.
        let moved = try Self.compiled(["big": 100..<1100, "small": 0..<10])
        #expect(Self.refusal(old, moved, 200) == nil)
        #expect(Self.refusal(old, moved, 199)?.first?.contains("100 added and 100 removed of 1000 names") == true)
        // Little of all, but much of the small one.
        let emptied = try Self.compiled(["big": 0..<1000, "small": 0..<5])
        #expect(Self.refusal(old, emptied, 200)?.first?.hasPrefix("small: 0 added and 5 removed of 10") == true)
    }

    @Test func listsThatComeOrGoAreForAPerson() throws {
        let old = try Self.compiled(["one": 0..<10, "two": 0..<10])
        let new = try Self.compiled(["one": 0..<10, "three": 0..<10])
        let lines = try #require(Self.refusal(old, new, 1000))
        #expect(lines.contains { $0.contains("three is new") } && lines.contains { $0.contains("two is gone") })
    }

    @Test func filesThatCannotBeComparedAreForAPerson() throws {
        let old = try Self.compiled(["one": 0..<10])
        #expect(Self.refusal(old, try Self.compiled(["one": 0..<10], key: 2), 1000) != nil)
        #expect(Self.refusal(old, [], 1000) != nil)
    }

    @Test(
        arguments: [
            ("20%", 200), ("0%", 0), ("100%", 1000), ("0.5%", 5), ("101%", nil), ("-1%", nil), ("20", nil), ("%", nil),
            ("nan%", nil),
        ] as [(String, Int?)]
    )
    func sharesAreRead(_ text: String, _ perMille: Int?) {
        #expect(ShareArgument(argument: text)?.perMille == perMille)
    }
}
