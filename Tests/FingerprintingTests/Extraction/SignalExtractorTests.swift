import Fingerprinting
import NetworkTypes
import PacketParsing
import TLS
import TestSupport
import Testing

@Suite("Frames to sightings")
struct SignalExtractorTests {
    static let camera: ByteString = "ac:cc:8e:01:02:03"
    static let group: ByteString = "01:00:5e:00:00:fb"
    static let router: ByteString = "00:b5:6d:06:08:ba"

    static func extract(
        _ frames: [[UInt8]],
        onLink: OnLinkAddresses = .guessed,
        ignoring: [MACAddress] = []
    ) -> (sightings: [Sighting], counters: ExtractionCounters) {
        var extractor = SignalExtractor(onLink: onLink, ignoredSources: ignoring, ciphers: .openSSL)
        var sightings: [Sighting] = []
        for (index, frame) in frames.enumerated() {
            if let sighting = extractor.extract(frame.span, timeNanoseconds: UInt64(index) * 1_000_000) {
                sightings.append(sighting)
            }
        }
        return (sightings, extractor.counters)
    }

    static func values(_ sightings: [Sighting], _ kind: SignalKind) -> [String] {
        sightings.flatMap { $0.signals.filter { $0.kind == kind }.map(\.value.text) }
    }

    static func udp(
        _ source: ByteString = "192.0.2.7",
        to destination: ByteString = "224.0.0.251",
        ports: (Int, Int),
        mac: ByteString = camera,
        _ payload: [UInt8]
    ) -> [UInt8] {
        FrameBuilder.ethernet(
            from: mac,
            to: destination == "224.0.0.251" || destination == "239.255.255.250" ? group : router,
            FrameBuilder.ip(
                from: source,
                to: destination,
                transport: 17,
                FrameBuilder.udp(from: ports.0, to: ports.1, payload)
            )
        )
    }

    static func arp(_ sender: ByteString, _ address: ByteString, frameSource: ByteString? = nil) -> [UInt8] {
        let octets = (MACAddress(sender)?.octets ?? []) + (IPAddress(address)?.octets ?? [])
        return FrameBuilder.ethernet(
            from: frameSource ?? sender,
            type: 0x0806,
            [0, 1, 8, 0, 6, 4, 0, 1] + octets + [UInt8](repeating: 0, count: 10)
        )
    }

    @Test("ARP proves an address, once")
    func arpSighting() {
        let frame = SignalExtractorTests.arp(SignalExtractorTests.camera, "192.0.2.7")
        let (sightings, counters) = SignalExtractorTests.extract([frame, frame, frame])
        #expect(
            sightings == [
                Sighting(
                    device: MACAddress(rawValue: 0xACCC_8E01_0203),
                    address: IPAddress("192.0.2.7"),
                    signals: [Signal(.macBlock, "accc8e")]
                )
            ]
        )
        #expect(counters.frames == 3 && counters.sightings == 1)
    }

    @Test("ARP that names another sender proves nothing")
    func arpMismatch() {
        let frame = SignalExtractorTests.arp(
            SignalExtractorTests.camera,
            "192.0.2.7",
            frameSource: "ac:cc:8e:09:09:09"
        )
        let (sightings, counters) = SignalExtractorTests.extract([frame])
        #expect(sightings.allSatisfy { $0.address == nil })
        #expect(counters.senderMismatch == 1)
    }

    static let rejected: [ByteString] = ["01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00"]

    @Test("sources that are no device", arguments: rejected)
    func rejectedSource(_ source: ByteString) {
        let (sightings, counters) = SignalExtractorTests.extract([SignalExtractorTests.arp(source, "192.0.2.7")])
        #expect(sightings.isEmpty && counters.rejectedSource == 1)
    }

    @Test("a randomised address says no maker; our own interface says nothing")
    func localSources() {
        let frame = SignalExtractorTests.arp("da:a1:19:00:00:01", "192.0.2.8")
        #expect(SignalExtractorTests.extract([frame]).sightings.map(\.signals) == [[]])
        let own = MACAddress(rawValue: 0xDAA1_1900_0001)
        #expect(SignalExtractorTests.extract([frame], ignoring: [own]).sightings.isEmpty)
    }

    @Test("frames from behind a router say nothing of the router")
    func offLink() {
        let reply = FrameBuilder.ethernet(
            from: SignalExtractorTests.router,
            to: SignalExtractorTests.camera,
            FrameBuilder.ip(
                from: "93.184.216.34",
                to: "192.0.2.7",
                transport: 6,
                FrameBuilder.tcp(from: 80, to: 5000, Array("HTTP/1.1 200 OK\r\nServer: ECS\r\n\r\n".utf8))
            )
        )
        let guessed = SignalExtractorTests.extract([reply])
        #expect(guessed.sightings.isEmpty && guessed.counters.offLink == 1)
        // The same with a private address, where the interface's prefix is known.
        let other = SignalExtractorTests.udp("10.9.9.9", to: "192.0.2.1", ports: (5000, 53), [])
        let prefix = IPPrefix("192.0.2.0/24" as ByteString)
        let known = SignalExtractorTests.extract([other], onLink: .prefixes(prefix.map { [$0] } ?? []))
        #expect(known.sightings.isEmpty && known.counters.offLink == 1)
    }

    static let announcement = DNSMessage(
        identifier: 0,
        flags: DNSFlags(rawValue: 0x8400),
        answers: records(host: "axis-accc8e010203", address: "192.0.2.7", instance: "AXIS M3045-V - Hall")
    )

    static func name(_ labels: [ByteString]) -> DNSName { DNSName(labels: labels) ?? .root }

    /// RFC 6763: PTR, SRV, TXT and A of one service.
    static func records(host: ByteString, address: ByteString, instance: ByteString) -> [DNSRecord] {
        let service = name(["_axis-video", "_tcp", "local"])
        let full = name([instance, "_axis-video", "_tcp", "local"])
        let target = name([host, "local"])
        var records = [
            DNSRecord(name: service, type: .ptr, timeToLiveSeconds: 4500, data: .name(full)),
            DNSRecord(
                name: full,
                type: .srv,
                timeToLiveSeconds: 120,
                data: .service(priority: 0, weight: 0, port: 80, target: target)
            ),
            DNSRecord(name: full, type: .txt, timeToLiveSeconds: 4500, data: .text(["macaddress=ACCC8E010203", ""])),
        ]
        if let address = IPAddress(address) {
            records.append(DNSRecord(name: target, address: address, timeToLiveSeconds: 120))
        }
        return records
    }

    @Test("mDNS: an announcement says what a device is")
    func announces() {
        let frame = SignalExtractorTests.udp(ports: (5353, 5353), SignalExtractorTests.announcement.encoded())
        let (sightings, _) = SignalExtractorTests.extract([frame])
        #expect(SignalExtractorTests.values(sightings, .mdnsService) == ["_axis-video._tcp"])
        #expect(SignalExtractorTests.values(sightings, .mdnsInstance) == ["AXIS M3045-V - Hall"])
        #expect(SignalExtractorTests.values(sightings, .mdnsText) == ["_axis-video._tcp macaddress=ACCC8E010203"])
        #expect(SignalExtractorTests.values(sightings, .mdnsHostname) == ["axis-accc8e010203.local"])
        #expect(sightings.first?.address == IPAddress("192.0.2.7"))
    }

    @Test("what is repeated is reported once a minute")
    func repeated() {
        let frame = SignalExtractorTests.udp(ports: (5353, 5353), SignalExtractorTests.announcement.encoded())
        var extractor = SignalExtractor(onLink: .guessed, ciphers: .openSSL)
        let seconds: [UInt64] = [0, 1, 59, 60, 61, 121]
        let counts = seconds.map { extractor.extract(frame.span, timeNanoseconds: $0 * 1_000_000_000)?.signals.count }
        #expect(counts == [5, nil, nil, 5, nil, 5])
    }

    @Test("mDNS: a question, and what the asker knows already, say nothing")
    func asks() {
        var message = SignalExtractorTests.announcement
        message.flags = DNSFlags(rawValue: 0)
        message.questions = [
            DNSQuestion(name: SignalExtractorTests.name(["_axis-video", "_tcp", "local"]), type: .ptr)
        ]
        let frame = SignalExtractorTests.udp(ports: (5353, 5353), message.encoded())
        let (sightings, _) = SignalExtractorTests.extract([frame])
        #expect(sightings.flatMap(\.signals).map(\.kind) == [.macBlock])
    }

    @Test("mDNS: answers for other hosts are not the sender's, its own beside them are")
    func relayed() {
        var message = SignalExtractorTests.announcement
        message.answers = SignalExtractorTests.records(host: "cam", address: "192.0.2.99", instance: "Other")
        let proxy = SignalExtractorTests.udp(ports: (5353, 5353), message.encoded())
        let alone = SignalExtractorTests.extract([proxy])
        #expect(alone.sightings.flatMap(\.signals).map(\.kind) == [.macBlock])
        #expect(alone.counters.relayedAnswers == 1)
        message.answers += SignalExtractorTests.announcement.answers
        let both = SignalExtractorTests.extract([SignalExtractorTests.udp(ports: (5353, 5353), message.encoded())])
        #expect(SignalExtractorTests.values(both.sightings, .mdnsInstance) == ["AXIS M3045-V - Hall"])
        #expect(SignalExtractorTests.values(both.sightings, .mdnsHostname) == ["axis-accc8e010203.local"])
    }

    static func ssdp(_ text: String, ports: (Int, Int) = (1900, 1900)) -> [[UInt8]] {
        [udp(to: "239.255.255.250", ports: ports, Array(text.utf8))]
    }

    @Test("SSDP: who searches, who is, who leaves")
    func ssdp() {
        let search = SignalExtractorTests.extract(
            SignalExtractorTests.ssdp("M-SEARCH * HTTP/1.1\r\nST: ssdp:all\r\nUSER-AGENT: Phone/1\r\n\r\n")
        )
        #expect(search.sightings.flatMap(\.signals).map(\.kind) == [.ssdpSearch, .ssdpSearch, .macBlock])
        let notify = SignalExtractorTests.extract(
            SignalExtractorTests.ssdp(
                "NOTIFY * HTTP/1.1\r\nNTS: ssdp:alive\r\nNT: upnp:rootdevice\r\nUSN: uuid:1\r\n"
                    + "SERVER: Linux UPnP/1.0 Cam/1\r\nLOCATION: http://192.0.2.7/d.xml\r\n\r\n"
            )
        )
        #expect(SignalExtractorTests.values(notify.sightings, .ssdpServer) == ["Linux UPnP/1.0 Cam/1"])
        #expect(SignalExtractorTests.values(notify.sightings, .ssdpType) == ["upnp:rootdevice"])
        let gone = SignalExtractorTests.extract(
            SignalExtractorTests.ssdp("NOTIFY * HTTP/1.1\r\nNTS: ssdp:byebye\r\nNT: upnp:rootdevice\r\n\r\n")
        )
        #expect(gone.sightings.flatMap(\.signals).map(\.kind) == [.macBlock])
        let answer = SignalExtractorTests.extract(
            SignalExtractorTests.ssdp("HTTP/1.1 200 OK\r\nST: a\r\nUSN: b\r\nSERVER: c", ports: (49000, 50000))
        )
        #expect(SignalExtractorTests.values(answer.sightings, .ssdpServer) == ["c"])
    }

    @Test("WS-Discovery: a proxy that answers for several is not one of them")
    func discovery() {
        func message(_ matches: Int) -> [UInt8] {
            let match =
                "<ProbeMatch><EndpointReference/><Types>d:NetworkVideoTransmitter</Types>"
                + "<Scopes>onvif://www.onvif.org/hardware/M3045-V</Scopes></ProbeMatch>"
            let text =
                "<Envelope><Body><ProbeMatches>" + String(repeating: match, count: matches)
                + "</ProbeMatches></Body></Envelope>"
            return SignalExtractorTests.udp(to: "192.0.2.1", ports: (3702, 40000), Array(text.utf8))
        }
        let one = SignalExtractorTests.extract([message(1)])
        #expect(SignalExtractorTests.values(one.sightings, .wsDiscoveryType) == ["NetworkVideoTransmitter"])
        #expect(
            SignalExtractorTests.values(one.sightings, .wsDiscoveryScope) == ["onvif://www.onvif.org/hardware/M3045-V"]
        )
        let two = SignalExtractorTests.extract([message(2)])
        #expect(two.sightings.flatMap(\.signals).map(\.kind) == [.macBlock] && two.counters.relayedAnswers == 1)
    }

    @Test("WS-Discovery: who looks for cameras is none, whatever it asks for")
    func discoveryAsked() {
        let wanted =
            "<Types>d:NetworkVideoTransmitter</Types><Scopes>onvif://www.onvif.org/hardware/M3045-V</Scopes>"
        for (body, isAnswer) in [
            ("<Probe>\(wanted)</Probe>", false), ("<Resolve><EndpointReference/>\(wanted)</Resolve>", false),
            ("<Bye><EndpointReference/>\(wanted)</Bye>", false), ("<Hello><EndpointReference/>\(wanted)</Hello>", true),
        ] {
            let frame = SignalExtractorTests.udp(
                to: "239.255.255.250",
                ports: (40000, 3702),
                Array("<Envelope><Body>\(body)</Body></Envelope>".utf8)
            )
            let kinds = SignalExtractorTests.extract([frame]).sightings.flatMap(\.signals).map(\.kind)
            #expect(
                kinds.contains(.wsDiscoveryType) == isAnswer && kinds.contains(.wsDiscoveryScope) == isAnswer,
                "\(body)"
            )
        }
    }

    @Test("names asked in DNS, in lower case; answers say nothing")
    func dns() {
        var message = DNSMessage(
            identifier: 1,
            questions: [DNSQuestion(name: SignalExtractorTests.name(["API", "Example", "com"]), type: .a)]
        )
        let query = SignalExtractorTests.udp(to: "192.0.2.1", ports: (40000, 53), message.encoded())
        #expect(
            SignalExtractorTests.values(SignalExtractorTests.extract([query]).sightings, .dnsQuery) == [
                "api.example.com"
            ]
        )
        let redirected = SignalExtractorTests.udp(to: "192.0.2.1", ports: (40000, 10_053), message.encoded())
        #expect(SignalExtractorTests.values(SignalExtractorTests.extract([redirected]).sightings, .dnsQuery).isEmpty)
        var extractor = SignalExtractor(onLink: .guessed, ciphers: .openSSL)
        extractor.resolverPort = 10_053
        let sighting = extractor.extract(redirected.span, timeNanoseconds: 0)
        #expect(sighting.map { SignalExtractorTests.values([$0], .dnsQuery) } == ["api.example.com"])
        message.flags.isResponse = true
        let answer = SignalExtractorTests.udp(to: "192.0.2.1", ports: (53, 53), message.encoded())
        #expect(SignalExtractorTests.values(SignalExtractorTests.extract([answer]).sightings, .dnsQuery).isEmpty)
    }

    /// RFC 2131 §2.
    static func dhcp(client: ByteString, relay: ByteString = "0.0.0.0", type: UInt8 = 1) -> [UInt8] {
        var message: [UInt8] = [1, 1, 6, 0, 1, 2, 3, 4] + [UInt8](repeating: 0, count: 16)
        message += IPAddress(relay)?.octets ?? []
        message += (MACAddress(client)?.octets ?? []) + [UInt8](repeating: 0, count: 202)
        message += [0x63, 0x82, 0x53, 0x63, 53, 1, type, 12, 4] + Array("axis".utf8) + [55, 2, 1, 3]
        return message + [57, 2, 5, 220, 161, 3] + Array("u:m".utf8) + [255]
    }

    @Test("DHCP of a client, of one behind a relay, of a flood, of a server")
    func dhcp() {
        let camera = SignalExtractorTests.camera
        func frame(_ message: [UInt8], from source: ByteString = "0.0.0.0", ports: (Int, Int) = (68, 67)) -> [UInt8] {
            SignalExtractorTests.udp(source, to: "255.255.255.255", ports: ports, message)
        }
        let own = SignalExtractorTests.extract([frame(SignalExtractorTests.dhcp(client: camera))]).sightings
        #expect(own.map(\.device.description) == [camera.text] && own.first?.address == nil)
        #expect(SignalExtractorTests.values(own, .dhcpHostname) == ["axis"])
        #expect(SignalExtractorTests.values(own, .dhcpOptionOrder) == ["53,12,55,57,161"])
        #expect(SignalExtractorTests.values(own, .dhcpParameterList) == ["1,3"])
        #expect(SignalExtractorTests.values(own, .dhcpMaximumMessageSize) == ["1500"])
        #expect(SignalExtractorTests.values(own, .dhcpMUDURL) == ["u:m"])
        let other: ByteString = "00:40:8c:01:02:03"
        let relayed = SignalExtractorTests.extract([
            frame(SignalExtractorTests.dhcp(client: other, relay: "203.0.113.1"), from: "203.0.113.1", ports: (67, 67))
        ])
        #expect(relayed.sightings.map(\.device.description) == [other.text])
        let flood = SignalExtractorTests.extract([frame(SignalExtractorTests.dhcp(client: other))])
        #expect(flood.sightings.flatMap(\.signals).map(\.kind) == [.macBlock] && flood.counters.senderMismatch == 1)
        let release = SignalExtractorTests.extract([frame(SignalExtractorTests.dhcp(client: camera, type: 7))])
        #expect(release.sightings.flatMap(\.signals).map(\.kind) == [.macBlock])
        var offer = SignalExtractorTests.dhcp(client: camera, type: 2)
        offer[0] = 2
        #expect(SignalExtractorTests.extract([frame(offer)]).sightings.flatMap(\.signals).map(\.kind) == [.macBlock])
    }
}
