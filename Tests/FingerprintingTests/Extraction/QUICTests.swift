import Fingerprinting
import NetworkTypes
import PacketParsing
import TLS
import TestSupport
import Testing

@Suite("QUIC: who asks for which server")
struct QUICTests {
    static func bytes(_ text: String) -> [UInt8] { Hexadecimal.decode(ByteString(utf8: text)) ?? [] }

    static func frame(_ payload: [UInt8], ports: (Int, Int) = (50_000, 443)) -> [UInt8] {
        SignalExtractorTests.udp(to: "198.51.100.1", ports: ports, payload)
    }

    static let version1 = bytes(QUICVectors.version1)
    static let version2 = bytes(QUICVectors.version2)
    static let several = QUICVectors.several.map(bytes)

    @Test("both versions: a name asked and a fingerprint, nothing of who the device is", arguments: [true, false])
    func client(_ isFirst: Bool) {
        let packet = isFirst ? QUICTests.version1 : QUICTests.version2
        let (sightings, counters) = SignalExtractorTests.extract([QUICTests.frame(packet)])
        let signals = sightings.flatMap(\.signals).filter { $0.kind != .macBlock }
        #expect(signals.map(\.kind) == [.tlsJA4, .tlsServerName])
        #expect(SignalExtractorTests.values(sightings, .tlsServerName) == ["example.com"])
        #expect(SignalExtractorTests.values(sightings, .tlsJA4) == ["q13d0211an_62ed6f6ca7ad_4d634acda6c0"])
        #expect(counters.undecryptable == 0)
    }

    @Test("a server's side says nothing, on whatever port the client is")
    func server() {
        let (sightings, counters) = SignalExtractorTests.extract([
            QUICTests.frame(QUICTests.version1, ports: (443, 50_000)),
            QUICTests.frame(QUICTests.version1, ports: (1, 2)),
        ])
        #expect(sightings.flatMap(\.signals).map(\.kind) == [.macBlock])
        #expect(counters.undecryptable == 0 && counters.malformed == 0)
    }

    @Test("a ClientHello of several datagrams, in both orders, beside another client's")
    func several() {
        for order in [[0, 1], [1, 0]] {
            let frames = [
                QUICTests.frame(QUICTests.several[order[0]]),
                QUICTests.frame(QUICTests.several[order[0]], ports: (50_001, 443)),
                QUICTests.frame(QUICTests.several[order[1]]),
            ]
            let (sightings, _) = SignalExtractorTests.extract(frames)
            #expect(SignalExtractorTests.values(sightings, .tlsServerName) == ["long.example"])
        }
    }

    @Test("after the ClientHello nothing of the connection is decrypted any more")
    func finished() {
        var other = QUICTests.version1
        // Another identifier, as the server chose it: its keys are not those of the packet.
        other[6] ^= 0xFF
        let (sightings, counters) = SignalExtractorTests.extract(
            [QUICTests.frame(QUICTests.version1)] + [[UInt8]](repeating: QUICTests.frame(other), count: 50)
        )
        #expect(counters.undecryptable == 0)
        #expect(SignalExtractorTests.values(sightings, .tlsServerName) == ["example.com"])
        let alone = SignalExtractorTests.extract([QUICTests.frame(other)])
        #expect(alone.counters.undecryptable == 1)
    }

    @Test("a flood of Initials: so many a second are tried, the rest counted; then it goes on")
    func flood() {
        var forged = QUICTests.version1
        forged[100] ^= 0xFF
        var frames = (0..<1000).map { QUICTests.frame(forged, ports: (1024 + $0, 443)) }
        // The thousandth frame is a second after the first.
        frames.append(QUICTests.frame(QUICTests.version1))
        let (sightings, counters) = SignalExtractorTests.extract(frames)
        #expect(counters.undecryptable == 128 && counters.undecrypted == 1000 - 128)
        #expect(SignalExtractorTests.values(sightings, .tlsServerName) == ["example.com"])
    }

    @Test("the oldest of too many unfinished handshakes goes, counted")
    func eviction() {
        var frames = (0..<20).map { QUICTests.frame(QUICTests.several[0], ports: (2000 + $0, 443)) }
        #expect(SignalExtractorTests.extract(frames).counters.evictedStreams == 4)
        frames.append(QUICTests.frame(QUICTests.several[1], ports: (2000, 443)))
        #expect(SignalExtractorTests.values(SignalExtractorTests.extract(frames).sightings, .tlsServerName).isEmpty)
        frames.append(QUICTests.frame(QUICTests.several[1], ports: (2019, 443)))
        #expect(SignalExtractorTests.values(SignalExtractorTests.extract(frames).sightings, .tlsServerName).count == 1)
    }

    @Test("a phone's capture", .enabled(if: CaptureData.isPresent, "GATEHOUSE_DATA holds no captures"))
    func capture() throws {
        let path = "protocols/OISF+suricata-verify__tests__ja4-quic__input.pcap"
        let replay = try Replay(try CaptureData.bytes(path))
        let names = replay.values(.tlsServerName)
        #expect(
            names.count == 9 && names.contains("www.blogger.com") && names.contains("fonts.gstatic.com"),
            "\(names)"
        )
        // Suricata, whose test this capture is, has the same fingerprint for it.
        #expect(replay.values(.tlsJA4) == ["q13d0310h3_55b375c5d22e_cd85d2d88918"])
        #expect(replay.extractor.counters.undecryptable == 0)
    }
}
