import NetworkTypes
import Policy
import Samples
import Testing
import WireProtocol

@Suite struct PolicyCodingTests {
    @Test func roundTrips() throws {
        var zeroGrant = PolicyBundle()
        zeroGrant.rollbackFrom = 0
        var unchecked = PolicyBundle()
        unchecked.baseline.unknown.dns.serverNames = .unchecked
        for bundle in [PolicySamples.bundle, PolicyBundle(), zeroGrant, unchecked] {
            let bytes = bundle.encoded()
            #expect(try PolicyBundle(decoding: bytes) == bundle)
        }
    }

    /// A policy that wants no notices has the encoding that it always had, so that its signature holds.
    @Test func noticesAreSaidWhereTheyAreWanted() throws {
        var bundle = PolicySamples.bundle
        let without = bundle.encoded()
        bundle.allowlists[0].dns.noticesBlocked = true
        let with = bundle.encoded()
        #expect(with.count == without.count + 2 && with != without)
        #expect(try PolicyBundle(decoding: with) == bundle)
        bundle.allowlists[0].dns.failsOpen = true
        #expect(try PolicyBundle(decoding: bundle.encoded()) == bundle)
    }

    @Test func everyPrefixIsRefused() {
        let bytes = PolicySamples.bundle.encoded()
        for length in 0..<bytes.count {
            #expect(throws: DecodeError.self) { try PolicyBundle(decoding: Array(bytes[..<length])) }
        }
    }

    @Test func mutationsAreRefusedOrCanonical() {
        let seed = UInt64.random(in: 1...UInt64.max)
        print("PolicyCodingTests.mutationsAreRefusedOrCanonical seed \(seed)")
        var state = seed
        func random(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
        let original = PolicySamples.bundle.encoded()
        for _ in 0..<5000 {
            var bytes = original
            for _ in 0...random(3) { bytes[random(bytes.count)] = UInt8(random(256)) }
            guard let bundle = try? PolicyBundle(decoding: bytes) else { continue }
            #expect(bundle.encoded() == bytes, "seed \(seed)")
            _ = PolicyValidator.validate(bundle)
        }
    }

    /// What is not understood is refused, not skipped.
    @Test(arguments: ["a20101187863", "a2010118780 0", "a101 02", "a0 00", "a10200", "a20101099f", "a201010a00"])
    func unknownIsRefused(hexadecimal: String) throws {
        let bytes = try #require(Hexadecimal.decode(ByteString(Array(hexadecimal.utf8.filter { $0 != 0x20 }))))
        #expect(throws: DecodeError.self) { try PolicyBundle(decoding: bytes) }
    }

    /// The same policy, said in another way: `target` there but empty.
    @Test func otherFormsAreNotCanonical() {
        let plain = CBOREncoder.encodingMap { map in
            map.unsigned(1, 1)
            map.map(5) { _ in }
            map.map(6) { $0.map(1) { $0.text(1, "unknown") } }
        }
        #expect(throws: DecodeError(.notCanonical, at: 0)) { try PolicyBundle(decoding: plain) }
    }

    /// Policies signed before there were probes keep their bytes; and a question that is not known is refused.
    @Test func probesAreOneKeyMore() throws {
        var bundle = PolicyBundle()
        bundle.allowlists = [Allowlist(name: "a")]
        let before: [UInt8] = [
            0xA3, 1, 1, 6, 0xA1, 1, 0xA2, 1, 0x67, 0x75, 0x6E, 0x6B, 0x6E, 0x6F, 0x77, 0x6E, 6, 0xA1, 1, 0xF5, 7, 0x81,
            0xA2, 1, 0x61, 0x61, 6, 0xA1, 1, 0xF5,
        ]
        #expect(bundle.encoded() == before)
        bundle.allowlists[0].probes = ProbePolicy(kinds: ProbeSet(rawValue: 0x82))
        let tail: [UInt8] = [
            8, 0xA4, 1, 0x18, 0x82, 2, 0x1A, 0, 1, 0x51, 0x80, 3, 0x18, 30, 4, 0x1A, 0, 0x10, 0, 0,
        ]
        var after = before + tail
        after[22] = 0xA3
        #expect(bundle.encoded() == after)
        #expect(try PolicyBundle(decoding: after).allowlists[0].probes?.kinds.names == ["upnp", "rtsp"])
        bundle.allowlists[0].probes?.kinds.rawValue = 1 << 14
        #expect(throws: DecodeError.self) { try PolicyBundle(decoding: bundle.encoded()) }
    }

    /// An agent that does not know tags must not hold a device by half of a match: keys it does not know are refused, and a
    /// policy without tags has the encoding that it always had.
    @Test func tagsAreKeysMore() throws {
        var bundle = PolicyBundle()
        bundle.allowlists = [Allowlist(name: "a")]
        bundle.allowlists[0].match.classes = [.ipCamera]
        let before = bundle.encoded()
        bundle.allowlists[0].match.tags = ["x"]
        bundle.tags = [DeviceTag(name: "x", devices: ["usb:1"])]
        let after = bundle.encoded()
        #expect(try PolicyBundle(decoding: after) == bundle)
        #expect(after.count - before.count == 4 + 14)
        // 9 => [{ 1 => "x", 2 => ["usb:1"] }]
        let tail: [UInt8] = [9, 0x81, 0xA2, 1, 0x61, 0x78, 2, 0x81, 0x65] + Array("usb:1".utf8)
        #expect(Array(after.suffix(14)) == tail)
        for devices in [["usb:2", "usb:1"], ["usb:1", "usb:1"]] as [[ByteString]] {
            bundle.tags[0].devices = devices
            #expect(throws: DecodeError.self) { try PolicyBundle(decoding: bundle.encoded()) }
        }
        bundle.tags[0].devices = (0...PolicyLimits.devicesPerTag).map { ByteString(utf8: "usb:\($0)") }
        #expect(throws: DecodeError.self) { try PolicyBundle(decoding: bundle.encoded()) }
        bundle.tags = (0...PolicyLimits.tagCount).map { DeviceTag(name: ByteString(utf8: "t\($0)"), devices: []) }
        #expect(throws: DecodeError.self) { try PolicyBundle(decoding: bundle.encoded()) }
    }

    @Test func depthAndClaimsAreRefused() {
        let deep = [0xA2, 1, 1, 7] + [UInt8](repeating: 0x81, count: 10_000) + [0]
        #expect(throws: DecodeError.self) { try PolicyBundle(decoding: deep) }
        #expect(throws: DecodeError.self) { try PolicyBundle(decoding: [0xA2, 1, 1, 7, 0x9A, 4, 0, 0, 0]) }
        let large = [UInt8](repeating: 0xA2, count: 64 << 20)
        #expect(throws: DecodeError(.limitExceeded, at: 64 << 20)) { try PolicyBundle(decoding: large) }
    }
}
