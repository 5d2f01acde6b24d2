import Fingerprinting
import NetworkTypes
import PacketParsing
import TLS
import TestSupport
import Testing

@Suite("Fragmented datagrams")
struct FragmentTests {
    /// A fragment of a datagram from `source`, by the family of its address.
    static func frame(
        _ payload: [UInt8],
        at offset: Int,
        isLast: Bool,
        identification: Int = 7,
        isIPv6: Bool = false
    ) -> [UInt8] {
        let word = offset | (isLast ? 0 : 1)
        let packet =
            isIPv6
            ? FrameBuilder.ip(
                from: "fe80::1",
                to: "ff02::fb",
                transport: 44,
                [17, 0] + FrameBuilder.word(word) + FrameBuilder.long(UInt32(identification)) + payload
            )
            : FrameBuilder.ip(
                from: "192.0.2.7",
                to: "224.0.0.251",
                transport: 17,
                flagsAndOffset: offset / 8 | (isLast ? 0 : 0x2000),
                identification: identification,
                payload
            )
        return FrameBuilder.ethernet(
            from: SignalExtractorTests.camera,
            to: SignalExtractorTests.group,
            type: isIPv6 ? 0x86DD : 0x0800,
            packet
        )
    }

    static func fragments(
        _ datagram: [UInt8],
        pieceLength: Int = 1480,
        identification: Int = 7,
        isIPv6: Bool = false
    ) -> [[UInt8]] {
        stride(from: 0, to: datagram.count, by: pieceLength).map {
            let end = min($0 + pieceLength, datagram.count)
            return frame(
                Array(datagram[$0..<end]),
                at: $0,
                isLast: end == datagram.count,
                identification: identification,
                isIPv6: isIPv6
            )
        }
    }

    /// A ProbeMatch with so many scopes that it needs several frames, as ONVIF's answers do; the last one tells.
    static let datagram: [UInt8] = {
        let scopes =
            (0..<90).map { "onvif://www.onvif.org/location/\($0)/aaaaaaaaaaaaaaa" } + [
                "onvif://www.onvif.org/hardware/M3045"
            ]
        let text = """
            <e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" \
            xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><e:Header><a:Action>\
            http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></e:Header><e:Body><d:ProbeMatches>\
            <d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:1</a:Address></a:EndpointReference>\
            <d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>\(scopes.reversed().joined(separator: " "))</d:Scopes>\
            </d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>
            """
        return FrameBuilder.udp(from: 3702, to: 50_000, Array(text.utf8))
    }()

    static func types(_ frames: [[UInt8]]) -> (types: [String], counters: ExtractionCounters) {
        let (sightings, counters) = SignalExtractorTests.extract(frames)
        return (SignalExtractorTests.values(sightings, .wsDiscoveryType), counters)
    }

    @Test("in order, backwards, shuffled, twice; both families", arguments: [false, true])
    func orders(_ isIPv6: Bool) {
        #expect(FragmentTests.datagram.count > 4000)
        let frames = FragmentTests.fragments(FragmentTests.datagram, isIPv6: isIPv6)
        #expect(frames.count >= 4)
        let seed: UInt64 = 5722
        var random = SeededGenerator(seed: seed)
        var orders = [frames, frames.reversed(), frames.flatMap { [$0, $0] }]
        for _ in 0..<10 { orders.append(frames.shuffled(using: &random)) }
        for order in orders {
            let (types, counters) = FragmentTests.types(order)
            #expect(types == ["NetworkVideoTransmitter"], "seed \(seed)")
            #expect(counters.reassembledDatagrams == 1 && counters.brokenDatagrams == 0 && counters.malformed == 0)
        }
        for missing in frames.indices {
            var rest = frames
            rest.remove(at: missing)
            #expect(FragmentTests.types(rest).types.isEmpty, "without \(missing)")
        }
    }

    @Test("fragments of others, with the same identification or another, do not mix")
    func separate() {
        let one = FragmentTests.fragments(FragmentTests.datagram)
        let other = FragmentTests.fragments(FragmentTests.datagram, identification: 8)
        // The first of one and the rest of the other.
        #expect(FragmentTests.types([one[0]] + other.dropFirst()).types.isEmpty)
        #expect(FragmentTests.types(zip(one, other).flatMap { [$0, $1] }).counters.reassembledDatagrams == 2)
    }

    @Test("an overlap ends the datagram, whatever comes after it")
    func overlaps() {
        let frames = FragmentTests.fragments(FragmentTests.datagram)
        let datagram = FragmentTests.datagram
        let known = (frames.count - 1) * 1480
        let overlaps: [[UInt8]] = [
            // Eight bytes back; the same place with other bytes; within another; a last one that is not at the end.
            FragmentTests.frame(Array(datagram[(known - 8)..<(known + 8)]), at: known - 8, isLast: false),
            FragmentTests.frame([UInt8](repeating: 0x20, count: 1480), at: 1480, isLast: false),
            FragmentTests.frame([UInt8](repeating: 0, count: 8), at: 8, isLast: false),
            FragmentTests.frame([1, 2, 3], at: 2000, isLast: true),
        ]
        for overlap in overlaps {
            let (types, counters) = FragmentTests.types(frames.dropLast() + [overlap] + frames.suffix(1))
            #expect(types.isEmpty && counters.brokenDatagrams == 1 && counters.reassembledDatagrams == 0)
        }
        // The same bytes at the same place are a repetition.
        let repeated = FragmentTests.frame(Array(datagram[8..<16]), at: 8, isLast: false)
        #expect(
            FragmentTests.types(frames.dropLast() + [repeated] + frames.suffix(1)).counters.reassembledDatagrams == 1
        )
        // Not whole eights, though more follow; beyond 16 KiB.
        let odd = FragmentTests.frame([1, 2, 3], at: 0, isLast: false)
        #expect(FragmentTests.types([odd]).counters.malformed == 1, "no UDP header fits")
        let uneven = FragmentTests.frame(Array(datagram[..<1477]), at: 0, isLast: false)
        #expect(FragmentTests.types([uneven]).counters.brokenDatagrams == 1)
        let far = FragmentTests.frame([UInt8](repeating: 0, count: 16), at: 16_376, isLast: false)
        #expect(FragmentTests.types([far]).counters.brokenDatagrams == 1)
    }

    @Test("what is no discovery is not kept, and makes no room of what is")
    func unwanted() {
        var frames = FragmentTests.fragments(FragmentTests.datagram)
        let last = frames.removeLast()
        // Media in fragments, a hundred datagrams of it, in order and backwards.
        let media = FrameBuilder.udp(from: 40_000, to: 40_001, [UInt8](repeating: 7, count: 3000))
        for identification in 100..<150 {
            frames += FragmentTests.fragments(media, identification: identification)
            frames += FragmentTests.fragments(media, identification: identification + 100).reversed()
        }
        let (types, counters) = FragmentTests.types(frames + [last])
        #expect(types == ["NetworkVideoTransmitter"])
        #expect(counters.reassembledDatagrams == 1)
    }

    @Test("more datagrams than places: the oldest goes, counted; after half a minute all do")
    func limits() {
        let firsts = (0..<20).map { FragmentTests.fragments(FragmentTests.datagram, identification: 300 + $0)[0] }
        #expect(FragmentTests.types(firsts).counters.evictedDatagrams == 4)
        let frames = FragmentTests.fragments(FragmentTests.datagram)
        for (seconds, isRead) in [(29, true), (31, false)] as [(UInt64, Bool)] {
            var extractor = SignalExtractor(onLink: .guessed, ciphers: .openSSL)
            for frame in frames.dropLast() { _ = extractor.extract(frame.span, timeNanoseconds: 1) }
            let last = frames[frames.count - 1]
            let sighting = extractor.extract(last.span, timeNanoseconds: seconds * 1_000_000_000)
            #expect((sighting?.signals.contains { $0.kind == .wsDiscoveryType } ?? false) == isRead)
            #expect(extractor.counters.expiredDatagrams == (isRead ? 0 : 1))
        }
    }

    @Test("a fragment that was not captured whole is malformed")
    func cut() {
        let frames = FragmentTests.fragments(FragmentTests.datagram)
        #expect(FragmentTests.types([Array(frames[0].dropLast(1))]).counters.malformed == 1)
    }
}
