import NetworkTypes
import Testing

@Suite("Byte strings")
struct ByteStringTests {
    @Test("a literal is its bytes", arguments: [("", 0), ("a", 1), ("sixteen and more bytes", 22), ("ä€😀", 9)])
    func literals(_ text: ByteString, _ count: Int) {
        #expect(text.count == count)
        #expect(ByteString(utf8: text.text) == text)
    }

    @Test("parts are put together")
    func interpolation() {
        let name: ByteString = "eth0"
        let none = ByteString()
        let whole: ByteString = "\(name):\(UInt16.max) \(Int.min) \(UInt64.max)\(none)\(name)"
        #expect(whole.text == "eth0:65535 -9223372036854775808 18446744073709551615eth0")
        #expect(("\(name)" as ByteString) == name)
        #expect(("\(none)" as ByteString).isEmpty)
        #expect(("\(name == "eth0" ? "it \(name)" : "other")" as ByteString) == "it eth0")
        let lines: ByteString = """
            one \(1) \
            two "\(2)"
            three
            """
        #expect(lines.text == "one 1 two \"2\"\nthree")
    }
}
