import Fingerprinting
import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("First bytes of TCP streams")
struct StreamTests {
    static func segment(_ payload: [UInt8], at offset: Int, port: Int = 40000, flags: UInt8 = 0x18) -> [UInt8] {
        FrameBuilder.ethernet(
            from: SignalExtractorTests.camera,
            to: SignalExtractorTests.router,
            FrameBuilder.ip(
                from: "192.0.2.7",
                to: "198.51.100.1",
                transport: 6,
                FrameBuilder.tcp(
                    from: port,
                    to: 443,
                    // Near the end of the numbers, so that they wrap.
                    sequence: 0xFFFF_FFF0 &+ UInt32(offset),
                    flags: flags,
                    payload
                )
            )
        )
    }

    static func kinds(_ frames: [[UInt8]]) -> Set<String> {
        Set(
            SignalExtractorTests.extract(frames).sightings.flatMap(\.signals)
                .filter { $0.kind != .macBlock }.map { "\($0.kind.name) \($0.value)" }
        )
    }

    /// A ClientHello of TLS 1.2 with one suite and a server name (RFC 5246 §7.4.1.2, RFC 6066 §3).
    static let hello: [UInt8] = {
        let name = Array("cloud.example".utf8)
        func lengthed(_ bytes: [UInt8]) -> [UInt8] { FrameBuilder.word(bytes.count) + bytes }
        let extensions = lengthed([0, 0] + lengthed(lengthed([0] + lengthed(name))))
        let body = [3, 3] + [UInt8](repeating: 1, count: 32) + [0, 0, 2, 0x13, 0x01, 1, 0] + extensions
        return [22, 3, 1] + lengthed([1, 0] + lengthed(body))
    }()

    /// ServerHello and a certificate of which only the names are there (RFC 5246 §7.4, RFC 5280 §4.1).
    static let certificate: [UInt8] = {
        func lengthed(_ tag: UInt8, _ bytes: [UInt8]) -> [UInt8] { [tag, UInt8(bytes.count)] + bytes }
        func name(_ attribute: UInt8, _ text: String) -> [UInt8] {
            let pair = lengthed(6, [0x55, 4, attribute]) + lengthed(12, Array(text.utf8))
            return lengthed(0x30, lengthed(0x31, lengthed(0x30, pair)))
        }
        let fields = lengthed(2, [1]) + lengthed(0x30, [5, 0]) + name(10, "CA") + lengthed(0x30, []) + name(3, "cam")
        let certificate = lengthed(0x30, lengthed(0x30, fields))
        func counted(_ bytes: [UInt8]) -> [UInt8] { [0] + FrameBuilder.word(bytes.count) + bytes }
        let body = counted(counted(counted(certificate)))
        let hello = [2] + counted([UInt8](repeating: 3, count: 38))
        let handshake = hello + [11] + body
        return [22, 3, 3] + FrameBuilder.word(handshake.count) + handshake
    }()

    static let messages: [(what: String, bytes: [UInt8], signals: Set<String>)] = [
        ("ClientHello", hello, ["tls.ja4 t12d010100_0f2cb44170f4_000000000000", "tls.serverName cloud.example"]),
        (
            "HTTP request", Array("GET / HTTP/1.1\r\nHost: cam.example\r\nUser-Agent: udhcp/1\r\n\r\n".utf8),
            ["http.host cam.example", "http.userAgent udhcp/1"]
        ),
        (
            "HTTP response",
            Array(
                ("HTTP/1.1 401 Unauthorized\r\nServer: Boa/0.94\r\nWWW-Authenticate: Basic realm=\"AXIS \\\"1\\\"\"\r\n"
                    + "Content-Type: text/html\r\n\r\n<html><title>Login</title></html>").utf8
            ),
            ["http.server Boa/0.94", "http.realm AXIS \"1\"", "http.title Login"]
        ),
        (
            "MQTT CONNECT", [0x10, 16, 0, 4, 0x4D, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 4] + Array("cam1".utf8),
            ["mqtt.clientID cam1"]
        ),
        ("certificate", certificate, ["tls.subjectName cam", "tls.issuerOrganization CA"]),
        ("SSH client", Array("SSH-2.0-dropbear_2019.78\r\n".utf8), ["ssh.client dropbear_2019.78"]),
        (
            "RTSP answer",
            Array(
                "RTSP/1.0 401 Unauthorized\r\nServer: Dahua Rtsp Server\r\nWWW-Authenticate: Digest realm=\"c\"\r\n\r\n"
                    .utf8
            ),
            ["rtsp.server Dahua Rtsp Server", "rtsp.realm c"]
        ),
        (
            "RTSP question", Array("DESCRIBE rtsp://192.0.2.9/1 RTSP/1.0\r\nUser-Agent: NVR\r\n\r\n".utf8),
            ["rtsp.userAgent NVR"]
        ),
    ]

    @Test("in one segment, in two at every place", arguments: messages.indices)
    func split(_ index: Int) {
        let (what, bytes, signals) = StreamTests.messages[index]
        #expect(StreamTests.kinds([StreamTests.segment(bytes, at: 0)]) == signals, "\(what)")
        for place in 1..<bytes.count {
            let first = StreamTests.segment(Array(bytes.prefix(place)), at: 0)
            let second = StreamTests.segment(Array(bytes.dropFirst(place)), at: place)
            #expect(StreamTests.kinds([first, second]) == signals, "\(what) split at \(place)")
            #expect(StreamTests.kinds([first, first, second]) == signals, "\(what) sent twice, split at \(place)")
        }
    }

    @Test("in three, the last two swapped", arguments: messages.indices)
    func swapped(_ index: Int) {
        let (what, bytes, signals) = StreamTests.messages[index]
        for place in stride(from: 1, to: bytes.count - 4, by: 3) {
            let first = StreamTests.segment(Array(bytes[..<place]), at: 0)
            let second = StreamTests.segment(Array(bytes[place..<(place + 3)]), at: place)
            let third = StreamTests.segment(Array(bytes[(place + 3)...]), at: place + 3)
            #expect(StreamTests.kinds([first, third, second]) == signals, "\(what) swapped at \(place)")
        }
    }

    @Test("the oldest of too many unfinished streams goes, counted")
    func eviction() {
        let half = StreamTests.hello.count / 2
        var frames = (0..<200).map {
            StreamTests.segment(Array(StreamTests.hello.prefix(half)), at: 0, port: 1000 + $0)
        }
        let (_, counters) = SignalExtractorTests.extract(frames)
        #expect(counters.evictedStreams == 200 - 64)
        let rest = Array(StreamTests.hello.dropFirst(half))
        frames.append(StreamTests.segment(rest, at: half, port: 1000))
        #expect(StreamTests.kinds(frames).isEmpty, "the first was the oldest")
        frames.append(StreamTests.segment(rest, at: half, port: 1199))
        #expect(!StreamTests.kinds(frames).isEmpty)
    }

    @Test("a head that never ends is given up, counted")
    func endless() {
        var frames = [StreamTests.segment(Array("GET / HTTP/1.1\r\n".utf8), at: 0)]
        for index in 0..<40 {
            let line = Array("X: \(String(repeating: "a", count: 493))\r\n".utf8)
            frames.append(StreamTests.segment(line, at: 16 + index * line.count))
        }
        let (sightings, counters) = SignalExtractorTests.extract(frames)
        #expect(SignalExtractorTests.values(sightings, .httpHost).isEmpty)
        #expect(counters.oversizedStreams == 1)
    }

    /// The same ClientHello with a list of protocols that makes it `count` bytes long.
    static func hello(count: Int) -> [UInt8] {
        func lengthed(_ bytes: [UInt8]) -> [UInt8] { FrameBuilder.word(bytes.count) + bytes }
        let name = [0, 0] + lengthed(lengthed([0] + lengthed(Array("cloud.example".utf8))))
        // Extension 21 is padding (RFC 7685).
        let padding = [UInt8](repeating: 0, count: count - 5 - 4 - 41 - 2 - name.count - 4)
        let extensions = lengthed(name + [0, 21] + lengthed(padding))
        let body = [3, 3] + [UInt8](repeating: 1, count: 32) + [0, 0, 2, 0x13, 0x01, 1, 0] + extensions
        return [22, 3, 1] + lengthed([1, 0] + lengthed(body))
    }

    @Test(
        "a TLS hello in 200 segments: in order, each twice, shuffled within eight, shuffled at will",
        arguments: 0..<4
    )
    func manySegments(_ way: Int) {
        let hello = StreamTests.hello(count: 2000)
        #expect(hello.count == 2000)
        let seed: UInt64 = 200
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            // The first segment comes first: nothing tells what the others belong to before.
            var order = Array(1..<200)
            if way == 2 {
                for start in stride(from: 0, to: 199, by: 8) {
                    let end = min(start + 8, 199)
                    order[start..<end].shuffle(using: &random)
                }
            } else if way == 3 {
                order.shuffle(using: &random)
            }
            var frames: [[UInt8]] = []
            for index in [0] + order {
                let segment = StreamTests.segment(Array(hello[(index * 10)..<(index * 10 + 10)]), at: index * 10)
                frames.append(segment)
                // Not more than `StreamTable.maximumSegments` in all.
                if way == 1, index % 4 == 0 { frames.append(segment) }
            }
            let (sightings, counters) = SignalExtractorTests.extract(frames)
            #expect(SignalExtractorTests.values(sightings, .tlsServerName) == ["cloud.example"], "seed \(seed)")
            #expect(counters.oversizedStreams == 0 && counters.malformed == 0)
        }
    }

    @Test("one stream takes no more than 8 KiB and 256 segments, and what goes on afterwards costs nothing more")
    func oneStream() {
        let long = StreamTests.hello(count: 9000)
        let frames = stride(from: 0, to: 9000, by: 1000).map {
            StreamTests.segment(Array(long[$0..<($0 + 1000)]), at: $0)
        }
        #expect(SignalExtractorTests.extract(frames).counters.oversizedStreams == 1)
        let hello = StreamTests.hello(count: 2000)
        let tiny = (0..<2000).map { StreamTests.segment([hello[$0]], at: $0) }
        let (sightings, counters) = SignalExtractorTests.extract(tiny)
        #expect(SignalExtractorTests.values(sightings, .tlsServerName).isEmpty)
        #expect(counters.oversizedStreams == 1)
        // Beyond the limit before the gap is closed: given up at once.
        let far = [StreamTests.segment(Array(hello[..<100]), at: 0), StreamTests.segment([1], at: 8193)]
        #expect(SignalExtractorTests.extract(far).counters.oversizedStreams == 1)
        let before = [
            StreamTests.segment(Array(hello[..<100]), at: 0), StreamTests.segment(Array(hello[..<50]), at: 0),
        ]
        #expect(SignalExtractorTests.extract(before).counters.oversizedStreams == 0)
    }

    @Test("a flood of SYNs is one sighting and no stream")
    func flood() {
        let frames = (0..<1000).map { StreamTests.segment([], at: 100 + $0, port: 1000 + $0, flags: 0x02) }
        let (sightings, counters) = SignalExtractorTests.extract(frames)
        #expect(sightings.count == 1 && counters.evictedStreams == 0)
        #expect(SignalExtractorTests.values(sightings, .tcpSYN) == ["4:64+0:0:0:65535,0::df,id+:0"])
    }

    @Test("what only begins alike is no message")
    func lookalikes() {
        for text in ["GETTING", "POSTAL CODE", "HTTPS", "\u{10}\u{16}", "SSHD-2.0-dropbear\r\n"] {
            let frames = [
                StreamTests.segment(Array(text.utf8), at: 0), StreamTests.segment([0, 0, 0], at: text.utf8.count),
            ]
            #expect(StreamTests.kinds(frames).isEmpty, "\(text)")
        }
    }
}
