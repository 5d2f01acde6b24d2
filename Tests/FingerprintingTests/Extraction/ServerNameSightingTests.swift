import Fingerprinting
import NetworkTypes
import PacketParsing
import TLS
import TestSupport
import Testing

@Suite("Server names, flow by flow")
struct ServerNameSightingTests {
    /// What is handed out for frames that come a millisecond after one another, and how they were after so long.
    static func take(
        _ frames: [[UInt8]],
        afterNanoseconds: UInt64 = 0,
        everyNanoseconds: UInt64 = 1_000_000
    ) -> (names: [ServerNameSighting], counters: ExtractionCounters) {
        var extractor = SignalExtractor(onLink: .guessed, ciphers: .openSSL)
        extractor.noticesServerNames = true
        var time: UInt64 = 1_000_000_000_000
        for frame in frames {
            _ = extractor.extract(frame.span, timeNanoseconds: time)
            time += everyNanoseconds
        }
        let names = extractor.takeServerNames(nowNanoseconds: time + afterNanoseconds)
        #expect(extractor.takeServerNames(nowNanoseconds: time + afterNanoseconds).isEmpty)
        return (names, extractor.counters)
    }

    static func frame(_ payload: [UInt8], from mac: ByteString, port: Int, at offset: Int = 0) -> [UInt8] {
        let segment = FrameBuilder.tcp(from: port, to: 443, sequence: UInt32(1 + offset), payload)
        return FrameBuilder.ethernet(
            from: mac,
            to: SignalExtractorTests.router,
            FrameBuilder.ip(from: "192.0.2.7", to: "198.51.100.1", transport: 6, segment)
        )
    }

    @Test("a name with its flow, each time anew, though its signal is not news")
    func each() throws {
        let frames = (0..<5).map { StreamTests.segment(StreamTests.hello, at: 0, port: 40_000 + $0 % 2) }
        let (names, _) = Self.take(frames)
        #expect(names.map(\.clientPort) == [40_000, 40_001, 40_000, 40_001, 40_000])
        let first = try #require(names.first)
        #expect(
            first
                == ServerNameSighting(
                    device: try #require(MACAddress(SignalExtractorTests.camera)),
                    client: try #require(IPAddress("192.0.2.7")),
                    server: try #require(IPAddress("198.51.100.1")),
                    transport: .tcp,
                    clientPort: 40_000,
                    serverPort: 443,
                    name: .named("cloud.example")
                )
        )
        var quiet = SignalExtractor(onLink: .guessed, ciphers: .openSSL)
        for frame in frames { _ = quiet.extract(frame.span, timeNanoseconds: 1) }
        #expect(quiet.takeServerNames(nowNanoseconds: 1).isEmpty, "only who asks for names gets them")
    }

    @Test("in two segments at every place, in three swapped, and from the first byte alone")
    func segments() {
        let bytes = StreamTests.hello
        for place in 1..<bytes.count {
            let first = StreamTests.segment(Array(bytes.prefix(place)), at: 0)
            let second = StreamTests.segment(Array(bytes.dropFirst(place)), at: place)
            #expect(Self.take([first, second]).names.map(\.name) == [.named("cloud.example")], "split at \(place)")
            guard place + 3 < bytes.count else { continue }
            let middle = StreamTests.segment(Array(bytes[place..<(place + 3)]), at: place)
            let last = StreamTests.segment(Array(bytes[(place + 3)...]), at: place + 3)
            #expect(
                Self.take([first, last, middle]).names.map(\.name) == [.named("cloud.example")],
                "\(place) swapped"
            )
        }
    }

    /// A ClientHello with a name of any bytes.
    static func hello(named name: [UInt8]) -> [UInt8] {
        func lengthed(_ bytes: [UInt8]) -> [UInt8] { FrameBuilder.word(bytes.count) + bytes }
        let extensions = lengthed([0, 0] + lengthed(lengthed([0] + lengthed(name))))
        let body = [3, 3] + [UInt8](repeating: 1, count: 32) + [0, 0, 2, 0x13, 0x01, 1, 0] + extensions
        return [22, 3, 1] + lengthed([1, 0] + lengthed(body))
    }

    @Test("any bytes are a name, too many of them are cut off, none are none")
    func anyBytes() {
        for (name, expected) in [
            ([], .absent), ([0], .named(ByteString([0]))), ([0xFF, 0x0A], .named(ByteString([0xFF, 0x0A]))),
            ([UInt8](repeating: 0x61, count: 4_000), .named(ByteString([UInt8](repeating: 0x61, count: 255)))),
        ] as [([UInt8], ServerNameSighting.Name)] {
            #expect(Self.take([StreamTests.segment(Self.hello(named: name), at: 0)]).names.map(\.name) == [expected])
        }
    }

    @Test("a name behind much padding, and behind too much")
    func padded() {
        let long = StreamTests.segment(StreamTests.hello(count: 7_000), at: 0)
        #expect(Self.take([long]).names.map(\.name) == [.named("cloud.example")])
        let longer = StreamTests.hello(count: 9_000)
        let frames = stride(from: 0, to: longer.count, by: 1_400).map { start in
            StreamTests.segment(Array(longer[start..<min(start + 1_400, longer.count)]), at: start)
        }
        #expect(Self.take(frames).names.map(\.name) == [.unread])
        // Captured as one, and cut off.
        #expect(Self.take([StreamTests.segment(Array(longer.prefix(8_500)), at: 0)]).names.map(\.name) == [.unread])
    }

    @Test("what is no ClientHello, or none that is ever whole, goes unread; a server's side is none at all")
    func unread() {
        var broken = StreamTests.hello
        // The list of suites reaches beyond the message.
        broken[5 + 4 + 2 + 32 + 1] = 0xFF
        #expect(
            Self.take([StreamTests.segment(broken, at: 0)], afterNanoseconds: 11_000_000_000).names.map(\.name) == [
                .unread
            ]
        )
        let half = StreamTests.segment(Array(StreamTests.hello.prefix(30)), at: 0)
        #expect(Self.take([half], afterNanoseconds: 9_000_000_000).names.isEmpty)
        #expect(Self.take([half], afterNanoseconds: 11_000_000_000).names.map(\.name) == [.unread])
        #expect(Self.take([StreamTests.segment(StreamTests.certificate, at: 0)]).names.isEmpty)
        let plain = StreamTests.segment(Array("GET / HTTP/1.1\r\n".utf8), at: 0)
        #expect(Self.take([plain], afterNanoseconds: 11_000_000_000).names.isEmpty)
    }

    @Test(
        "what a SYN brings along is read; what is encrypted later is no ClientHello, though its first byte is the same"
    )
    func besides() {
        let opening = StreamTests.segment(StreamTests.hello, at: 0, flags: 0x02)
        #expect(Self.take([opening]).names.map(\.name) == [.named("cloud.example")])
        let half = StreamTests.segment(Array(StreamTests.hello.prefix(50)), at: 0, flags: 0x02)
        let rest = StreamTests.segment(Array(StreamTests.hello.dropFirst(50)), at: 51)
        #expect(Self.take([half, rest]).names.map(\.name) == [.named("cloud.example")])
        let finished = [22, 3, 3, 0, 40, 1, 0x83] + [UInt8](repeating: 0x5A, count: 38)
        #expect(Self.take([StreamTests.segment(finished, at: 0)], afterNanoseconds: 11_000_000_000).names.isEmpty)
    }

    @Test("a device that begins hundreds of ClientHellos gives up its own, not those of others")
    func flood() {
        let flooder: ByteString = "02:00:00:00:00:66"
        let bytes = StreamTests.hello
        var frames = [Self.frame(Array(bytes.prefix(40)), from: SignalExtractorTests.camera, port: 1)]
        frames += (0..<300).map { Self.frame(Array(bytes.prefix(40)), from: flooder, port: 1_000 + $0) }
        frames.append(Self.frame(Array(bytes.dropFirst(40)), from: SignalExtractorTests.camera, port: 1, at: 40))
        let (names, _) = Self.take(frames)
        #expect(names.filter { $0.name != .unread }.map(\.clientPort) == [1])
        #expect(names.filter { $0.name == .unread }.map(\.clientPort) == (0..<237).map { UInt16(1_000 + $0) })
    }

    @Test("more than can be kept are counted")
    func overflow() {
        let frames = (0..<600).map { StreamTests.segment(StreamTests.hello, at: 0, port: 1_000 + $0) }
        let (names, counters) = Self.take(frames)
        #expect(names.count == SignalExtractor.maximumServerNames)
        #expect(counters.droppedServerNames == 600 - UInt64(SignalExtractor.maximumServerNames))
    }

    @Test("QUIC: its name once, however often the packet comes; of many datagrams; of another version none")
    func quic() {
        let first = QUICTests.frame(QUICTests.version1)
        let (names, _) = Self.take([first, first, first])
        #expect(names.map(\.name) == [.named("example.com")] && names.map(\.transport) == [.udp])
        let several = QUICTests.several.map { QUICTests.frame($0) }
        #expect(Self.take(several).names.map(\.name) == [.named("long.example")])
        #expect(Self.take([several[0]], afterNanoseconds: 11_000_000_000).names.map(\.name) == [.unread])
        var other = QUICTests.version1
        other[4] = 9
        #expect(Self.take([QUICTests.frame(other)]).names.map(\.name) == [.unread])
        let negotiation = [0xC0, 0, 0, 0, 0] + QUICTests.version1.dropFirst(5)
        #expect(Self.take([QUICTests.frame(Array(negotiation))]).names.isEmpty)
    }

    @Test("QUIC: a second connection from the port of the first does not hide behind it")
    func again() {
        let frames = [QUICTests.frame(QUICTests.version1)] + QUICTests.several.map { QUICTests.frame($0) }
        #expect(Self.take(frames).names.map(\.name) == [.named("example.com"), .named("long.example")])
    }

    @Test("QUIC: a flood of Initials leaves the budget of other devices alone, and goes unread itself")
    func budget() {
        var forged = QUICTests.version1
        forged[100] ^= 0xFF
        let flooder: ByteString = "02:00:00:00:00:66"
        var frames = (0..<300).map {
            SignalExtractorTests.udp(to: "198.51.100.1", ports: (1_024 + $0, 443), mac: flooder, forged)
        }
        frames.append(QUICTests.frame(QUICTests.version1))
        let (names, counters) = Self.take(frames, everyNanoseconds: 1_000)
        #expect(counters.undecryptable == 128 && counters.undecrypted == 300 - 128)
        #expect(names.filter { $0.name == .unread }.count == 300 - 128)
        #expect(names.last?.name == .named("example.com"))
    }
}
