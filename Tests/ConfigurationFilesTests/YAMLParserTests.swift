import ConfigurationFiles
import NetworkTypes
import Testing

@Suite struct YAMLParserTests {
    static func scalar(_ text: String, _ line: UInt32, plain: Bool = true) -> YAMLNode {
        YAMLNode(.scalar(ByteString(utf8: text), isPlain: plain), line: line)
    }

    @Test func treeWithLines() throws {
        let text = """
            # comment
            a: 1
            b:
              - x
              - "y"
              - { c: [] }
            """
        let node = try YAMLParser.document(of: Array(text.utf8), file: "f.yaml")
        let inner = YAMLPair(key: "c", line: 6, value: YAMLNode(.sequence([]), line: 6))
        let list = YAMLNode(
            .sequence([Self.scalar("x", 4), Self.scalar("y", 5, plain: false), YAMLNode(.mapping([inner]), line: 6)]),
            line: 4
        )
        let expected = YAMLNode(
            .mapping([
                YAMLPair(key: "a", line: 2, value: Self.scalar("1", 2)), YAMLPair(key: "b", line: 3, value: list),
            ]),
            line: 2
        )
        #expect(node == expected)
    }

    @Test func documents() throws {
        let nodes = try YAMLParser.documents(of: Array("a: 1\n---\n---\nb: 2\n".utf8), file: "f")
        #expect(nodes.map { $0.line } == [1, 4])
        #expect(try YAMLParser.documents(of: [], file: "f").isEmpty)
        #expect(try YAMLParser.document(of: [], file: "f") == YAMLNode(.mapping([]), line: 1))
    }

    static let refused: [(String, String)] = [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3: key \"a\" stands twice; the first is on line 1"),
        ("a: &x 1\nb: *x\n", "f.yaml:1: anchors (&) and tags (!) are not used here; write it out"),
        ("\na: *x\n", "f.yaml:2: aliases (*) are not used here; write it out, or put it in quotes"),
        ("a: !!int 1\n", "f.yaml:1: anchors (&) and tags (!) are not used here; write it out"),
        ("? [a]\n: 1\n", "f.yaml:1: a key must be a plain text"),
        ("a: 1\n---\nb: 1\n", "f.yaml:3: a second document begins here; this file has one: remove the line --- above"),
        ("a: [1\n", "f.yaml:2: not valid YAML: did not find expected ',' or ']'"),
        ("a: 1\n\tb: 2\n", "f.yaml:2: not valid YAML: found a tab character that violates indentation"),
    ]

    @Test(arguments: refused)
    func errors(text: String, expected: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try YAMLParser.document(of: Array(text.utf8), file: "f.yaml")
        }
        #expect(error?.description == expected)
    }

    @Test func limits() {
        let deep = String(repeating: "[", count: 5000)
        let many = "[" + String(repeating: "1,", count: YAMLLimits.nodeCount + 1) + "]"
        let large = [UInt8](repeating: 0x20, count: YAMLLimits.fileBytes + 1)
        let laughs = "a: &a [x]\nb: &b [*a,*a]\n"
        for bytes in [Array(deep.utf8), Array(many.utf8), large, Array(laughs.utf8)] {
            #expect(throws: ConfigurationError.self) { try YAMLParser.document(of: bytes, file: "f") }
        }
    }

    @Test func randomBytesNeverTrap() {
        let seed = UInt64.random(in: 1...UInt64.max)
        print("YAMLParserTests.randomBytesNeverTrap seed \(seed)")
        var state = seed
        let alphabet = Array("ab:-{}[]\"'&*!|>%@\n\t #,?\u{e9}".utf8) + [0x00, 0xFF, 0xFE]
        for _ in 0..<3000 {
            var bytes: [UInt8] = []
            for _ in 0..<24 {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                bytes.append(alphabet[Int(state % UInt64(alphabet.count))])
            }
            do throws(ConfigurationError) { _ = try YAMLParser.documents(of: bytes, file: "f") } catch {
                #expect(error.file == "f" && error.line <= 25 && !error.message.isEmpty, "seed \(seed): \(bytes)")
            }
        }
    }

    @Test func filesThatCannotBeRead() {
        let missing = #expect(throws: ConfigurationError.self) { try YAMLParser.read(file: "/nonexistent/x.yaml") }
        #expect(missing?.description == "/nonexistent/x.yaml: does not exist")
        let folder = #expect(throws: ConfigurationError.self) { try YAMLParser.read(file: "/") }
        #expect(folder?.description == "/: is a directory")
    }
}
