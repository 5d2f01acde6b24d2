import NetworkTypes
import Testing
import WireProtocol

@Suite struct HTTPTests {
    /// The response, and what is left after it, with the bytes given `step` at a time.
    static func parse(_ text: String, step: Int, end: Bool = false) throws(DecodeError) -> (HTTPResponse, ByteString)? {
        let bytes = Array(text.utf8)
        var parser = HTTPResponseParser()
        var pending: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let count = Swift.min(step, bytes.count - index)
            pending += bytes[index..<(index + count)]
            index += count
            if let response = try parser.read(&pending) { return (response, ByteString(pending + bytes[index...])) }
        }
        return end ? (try parser.readEnd(), "") : nil
    }

    @Test(arguments: [1, 2, 5, 1000])
    func responses(step: Int) throws {
        let fixed = try #require(
            try Self.parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX:  a b \t\r\n\r\nhelloREST", step: step)
        )
        #expect(fixed.0.status == 200)
        #expect(fixed.0.body == Array("hello".utf8))
        #expect(fixed.0.headers.value(of: "x") == "a b")
        #expect(fixed.1 == "REST")
        let chunked = try #require(
            try Self.parse(
                "HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5;x=y\r\nhello\r\n"
                    + "000B \r\n, the world\r\n0\r\nTrailer: t\r\n\r\nREST",
                step: step
            )
        )
        #expect(ByteString(chunked.0.body) == "hello, the world")
        #expect(chunked.0.headers.count == 1)
        #expect(chunked.1 == "REST")
        let empty = try #require(try Self.parse("HTTP/1.1 204 No Content\r\n\r\n", step: step))
        #expect(empty.0.body.isEmpty)
        let upgrade = try #require(try Self.parse("HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n\u{1}", step: step))
        #expect(upgrade.1 == "\u{1}")
        let untilClose = try #require(try Self.parse("HTTP/1.0 200\r\n\r\nabc", step: step, end: true))
        #expect(ByteString(untilClose.0.body) == "abc")
    }

    @Test(arguments: [
        ("HTTP/2 200 OK\r\n\r\n", DecodeError.Reason.malformed), ("HTTP/1.1 99 OK\r\n\r\n", .malformed),
        ("HTTP/1.1 2000\r\n\r\n", .malformed), ("HTTP/1.1 200 OK\n\n", .malformed),
        ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", .malformed),
        ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", .malformed), ("HTTP/1.1 200 OK\r\nA: b\u{0}\r\n\r\n", .malformed),
        ("HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", .malformed),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", .malformed),
        ("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", .malformed),
        ("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n", .malformed),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n", .limitExceeded),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", .malformed),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", .unsupported),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .unsupported),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ng\r\n", .malformed),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", .malformed),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc", .malformed),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", .limitExceeded),
    ])
    func refused(text: String, reason: DecodeError.Reason) {
        for step in [1, 1000] {
            let error = #expect(throws: DecodeError.self) { try Self.parse(text, step: step) }
            #expect(error?.reason == reason)
        }
    }

    @Test func headsAreBounded() {
        let many = "HTTP/1.1 200 OK\r\n" + String(repeating: "a: b\r\n", count: 101)
        let long = "HTTP/1.1 200 OK\r\na: " + String(repeating: "b", count: 17_000)
        let line = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + String(repeating: "b", count: 300)
        let interim = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 2000)
        for text in [many, long, line, interim] {
            let error = #expect(throws: DecodeError.self) { try Self.parse(text, step: 4096) }
            #expect(error?.reason == .limitExceeded)
        }
    }

    @Test func requests() {
        let request = HTTPRequest(
            method: "POST",
            target: "/.well-known/est/simpleenroll",
            host: "c:8443",
            headers: [HTTPHeader(name: "Content-Type", value: "application/pkcs10")],
            body: Array("AAAA".utf8)
        )
        #expect(
            request.encoded().map { ByteString($0).text }
                == "POST /.well-known/est/simpleenroll HTTP/1.1\r\nhost: c:8443\r\ncontent-type: application/pkcs10\r\n"
                + "content-length: 4\r\n\r\nAAAA"
        )
        #expect(HTTPRequest(method: "GET", target: "/a b", host: "c").encoded() == nil)
        #expect(HTTPRequest(method: "GET", target: "/", host: "c\r\nx: y").encoded() == nil)
    }

    /// RFC 4648 §10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func base64(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)).text == encoded)
        #expect(Base64.decode(ByteString(utf8: encoded)) == Array(plain.utf8))
    }

    @Test(arguments: ["Zg", "Zg=", "Zh==", "Zm9=", "Z===", "=", "====", "Zg==Zg==", "Zm9v\n", "Zm-v", "Zg= ="])
    func notBase64(text: String) { #expect(Base64.decode(ByteString(utf8: text)) == nil) }

    @Test func base64WithLineEnds() {
        #expect(Base64.decode("Zm9v\r\nYm\nFy\r\n", ignoringLineEnds: true) == Array("foobar".utf8))
    }
}
