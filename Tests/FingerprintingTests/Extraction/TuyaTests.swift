import Fingerprinting
import NetworkTypes
import PacketParsing
import TLS
import TestSupport
import Testing

@Suite("Tuya's encrypted broadcasts")
struct TuyaTests {
    static func values(_ payload: [UInt8], port: Int = 6667) -> (values: [String], counters: ExtractionCounters) {
        let frame = SignalExtractorTests.udp(to: "192.0.2.255", ports: (40_000, port), payload)
        let (sightings, counters) = SignalExtractorTests.extract([frame])
        return (SignalExtractorTests.values(sightings, .tuyaDiscovery), counters)
    }

    /// Made with Python's cryptography, with the key of tinytuya's PROTOCOL.md, of
    /// `{"ip":"192.0.2.7","gwId":"bf0123456789abcdef","productKey":"keyabcdefgh","version":"3.4"}` and the same with 3.5.
    static let ecb = QUICTests.bytes(
        "000055aa00000000000000130000006c0000000046aa8a35a8c9739c5ff8eb5592f4a27873d993df29f05f4feccfcfc7126700dd152675"
            + "4ad0bc920112b4c0ed74378ccca7f042f2ff2ce779f6a8c9dbcebbfa68d3d1dbdf8ca0bfd9432062c9020c70ce5b3cb92183acc7439368"
            + "78415ecd593e0c74442c0000aa55"
    )
    static let gcm = QUICTests.bytes(
        "000066990000000000010000001300000079000102030405060708090a0bbc1f1632acba90a1ab2922d1efc70fc7ff4908bfab4fdfc56e"
            + "b2925910627e7508f969c9a056e8d10c1a5ed0812c2f1013942ed099f33b81da15233854616f0199969933b863959863caa9c81a3463ee"
            + "72ac2a60f728ba67da274ecbca12978a5651f20f3dafbae93949b7234900009966"
    )
    /// What an app says: `{"from":"app","ip":"192.0.2.9"}`.
    static let app = QUICTests.bytes(
        "00006699000000000001000000130000003b000102030405060708090a0bc73d7040b8f5dbebab727090f4d9039ea1591caab85acf8c29"
            + "d5c45513626153fe0a44acc8483a1e9ab89ffbd2793700009966"
    )

    @Test("product, version and identifier, of both frames")
    func decrypted() {
        let (old, _) = TuyaTests.values(TuyaTests.ecb)
        #expect(old == ["type=frame-55aa", "id=bf0123456789abcdef", "product=keyabcdefgh", "version=3.4"])
        let (new, counters) = TuyaTests.values(TuyaTests.gcm)
        #expect(new == ["type=frame-6699", "id=bf0123456789abcdef", "product=keyabcdefgh", "version=3.5"])
        #expect(counters.undecryptable == 0)
    }

    @Test("an answer to an app tells, the app's question does not")
    func apps() {
        #expect(TuyaTests.values(TuyaTests.gcm, port: 7000).values.contains("product=keyabcdefgh"))
        let (values, counters) = TuyaTests.values(TuyaTests.app, port: 7000)
        #expect(values.isEmpty && counters.undecryptable == 0)
    }

    @Test("what the key does not open is Tuya's all the same, counted; every prefix and every byte changed")
    func damaged() {
        for message in [TuyaTests.ecb, TuyaTests.gcm] {
            for length in 0..<message.count {
                let (values, _) = TuyaTests.values(Array(message.prefix(length)))
                #expect(values.filter { $0.hasPrefix("product") }.isEmpty, "\(length)")
            }
        }
        for index in 4..<(TuyaTests.gcm.count - 4) {
            var message = TuyaTests.gcm
            message[index] ^= 1
            let (values, counters) = TuyaTests.values(message)
            #expect(values == ["type=frame-6699"] && counters.undecryptable == 1, "byte \(index)")
        }
        var message = TuyaTests.ecb
        message[20] ^= 1
        let (values, counters) = TuyaTests.values(message)
        #expect(values == ["type=frame-55aa"] && counters.undecryptable == 1)
    }

    @Test("plugs of a household", .enabled(if: CaptureData.isPresent, "GATEHOUSE_DATA holds no captures"))
    func capture() throws {
        let replay = try Replay(try CaptureData.bytes("nDPI__tuya_lp.pcap"))
        let values = replay.values(.tuyaDiscovery, of: "dc:4f:22:bd:40:a1")
        #expect(values == ["type=frame-55aa", "id=50650122dc4f22bd40a1", "product=keyvtdmgqcsh5hug", "version=3.3"])
        #expect(replay.extractor.counters.undecryptable == 0)
    }
}
