import Fingerprinting
import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("Answers to probes")
struct ProbeAnswerTests {
    static func read(
        _ part: [UInt8],
        _ form: ProbeAnswer.Form,
        port: UInt16 = 80,
        certificate: [UInt8] = []
    ) -> ProbeAnswer {
        ProbeAnswer(
            parts: part.isEmpty ? [] : [part],
            form: form,
            certificate: certificate,
            device: MACAddress(rawValue: 0xACCC_8E01_0203),
            source: IPAddress(v4: 0xC000_0207),
            port: port
        )
    }

    static func read(_ text: String, _ form: ProbeAnswer.Form, port: UInt16 = 80) -> ProbeAnswer {
        read(Array(text.utf8), form, port: port)
    }

    @Test func pages() {
        let page = Self.read(
            "HTTP/1.0 200 OK\r\nServer: Boa/0.94\r\nContent-Type: text/html\r\n\r\n<html><title>Cam</title>",
            .text
        )
        #expect(page.signals == [Signal(.httpServer, "Boa/0.94"), Signal(.httpTitle, "Cam")])
        #expect(page.isUnderstood && !page.isRefusal)
        let refusal = Self.read(
            "HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"AXIS_1\", nonce=\"2\"\r\n\r\n",
            .text
        )
        #expect(refusal.isRefusal && refusal.signals == [Signal(.httpRealm, "AXIS_1")])
        let stream = Self.read("RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: Hipcam\r\n\r\n", .text, port: 554)
        #expect(stream.signals == [Signal(.rtspServer, "Hipcam")])
        #expect(
            Self.read("SSH-2.0-dropbear_2019.78\r\n", .text, port: 22).signals == [
                Signal(.sshServer, "dropbear_2019.78")
            ]
        )
        // On whatever port it answers, and whatever comes instead.
        #expect(!Self.read("SSH-2.0-dropbear", .text).isUnderstood)
        #expect(!Self.read("220 mail.example ESMTP\r\n", .text).isUnderstood)
        #expect(!Self.read("", .text).isUnderstood)
    }

    @Test func descriptions() {
        let xml = """
            HTTP/1.1 200 OK\r\nServer: Linux UPnP/1.0\r\nContent-Type: text/xml\r\n\r\n<?xml version="1.0"?>
            <root xmlns="urn:schemas-upnp-org:device-1-0"><device><friendlyName>TV &amp; more</friendlyName>
            <manufacturer>Example</manufacturer><modelName>T-1</modelName><serialNumber>123</serialNumber>
            <deviceList><device><modelName>inner</modelName></device></deviceList></device></root>
            """
        #expect(
            Self.read(xml, .upnpDescription).signals == [
                Signal(.httpServer, "Linux UPnP/1.0"), Signal(.upnpDevice, "name=TV & more"),
                Signal(.upnpDevice, "vendor=Example"), Signal(.upnpDevice, "model=T-1"),
            ]
        )
        #expect(Self.read(xml.replacing("200 OK", with: "302 Found"), .upnpDescription).signals.count == 1)
    }

    @Test func onvif() {
        let body = """
            <s:Envelope xmlns:s="x"><s:Body><tds:GetDeviceInformationResponse><tds:Manufacturer>AXIS</tds:Manufacturer>
            <tds:Model>M3045-V</tds:Model><tds:FirmwareVersion>9.80.1</tds:FirmwareVersion>
            <tds:SerialNumber>ACCC8E010203</tds:SerialNumber><tds:HardwareId>714</tds:HardwareId>
            </tds:GetDeviceInformationResponse></s:Body></s:Envelope>
            """
        let answer = Self.read("HTTP/1.1 200 OK\r\n\r\n" + body, .onvif)
        #expect(
            answer.signals.map { $0.value } == ["vendor=AXIS", "model=M3045-V", "firmware=9.80.1", "product=714"]
        )
        #expect(answer.signals.allSatisfy { $0.kind == .onvifDevice } && !answer.isRefusal)
        let fault = "HTTP/1.1 400 Bad Request\r\n\r\n<s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode>"
        #expect(Self.read(fault, .onvif).isRefusal)
        #expect(Self.read("HTTP/1.1 401 Unauthorized\r\n\r\n", .onvif).isRefusal)
    }

    @Test func searches() {
        let found = Self.read(
            "HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nUSN: uuid:1\r\nLOCATION: http://192.0.2.7:1/d\r\nSERVER: x\r\n\r\n",
            .ssdp
        )
        #expect(found.locations == ["http://192.0.2.7:1/d"])
        #expect(found.signals.contains(Signal(.ssdpServer, "x")))
        let match = """
            <s:Envelope><s:Body><d:ProbeMatches><d:ProbeMatch><a:EndpointReference/><d:Types>dn:NetworkVideoTransmitter</d:Types>
            <d:XAddrs>http://192.0.2.7/onvif http://[fe80::1]/onvif</d:XAddrs></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>
            """
        let answer = Self.read(match, .wsDiscovery)
        #expect(answer.locations == ["http://192.0.2.7/onvif", "http://[fe80::1]/onvif"])
        #expect(answer.signals == [Signal(.wsDiscoveryType, "NetworkVideoTransmitter")])
    }

    @Test func banners() {
        let login: [UInt8] =
            [255, 253, 1, 255, 251, 31, 255, 250, 24, 1, 255, 240, 13, 10] + Array("BusyBox v1.2\r\nlogin: ".utf8)
        #expect(Self.read(login, .telnet, port: 23).signals == [Signal(.telnetBanner, "BusyBox v1.2 login:")])
        for length in 0...login.count { _ = Self.read(Array(login.prefix(length)), .telnet) }
        let endless = Self.read([UInt8](repeating: 0x41, count: 4096), .telnet)
        #expect(endless.signals.first?.value.count == 160)
    }

    @Test func brokers() {
        let version = Array("$SYS/broker/version".utf8)
        let text = Array("mosquitto version 2.0.11".utf8)
        let publish = [0x31, UInt8(2 + version.count + text.count), 0, UInt8(version.count)] + version + text
        let open = Self.read([0x20, 2, 0, 0, 0x90, 3, 0, 1, 0] + publish, .mqtt, port: 1883)
        #expect(open.signals == [Signal(.mqttBroker, "open"), Signal(.mqttBroker, "mosquitto version 2.0.11")])
        let closed = Self.read([0x20, 2, 0, 5], .mqtt)
        #expect(closed.isRefusal && closed.signals == [Signal(.mqttBroker, "closed")])
        #expect(!Self.read([0x20, 2, 0], .mqtt).isUnderstood)
        #expect(!Self.read("HTTP/1.1 400", .mqtt).isUnderstood)
    }

    @Test func resources() {
        let links = Self.read(
            [0x50, 0x45, 0x47, 0x48, 0xC1, 40, 0xFF] + Array("</a>".utf8),
            .industrial(.coap),
            port: 5683
        )
        #expect(links.signals.map { $0.value } == ["type=server", "link=/a"] && !links.isRefusal)
        for (code, isRefusal) in [(0x81, true), (0x83, true), (0x84, false), (0x45, false)] as [(UInt8, Bool)] {
            #expect(Self.read([0x50, code, 0x47, 0x48], .industrial(.coap), port: 5683).isRefusal == isRefusal)
        }
    }

    @Test func neverTraps() {
        let seed: UInt64 = 0x50_524F_4245
        var random = SeededGenerator(seed: seed)
        let forms: [ProbeAnswer.Form] = [
            .multicastDNS, .ssdp, .wsDiscovery, .text, .upnpDescription, .onvif, .telnet, .mqtt, .industrial(.modbus),
            .industrial(.bacnet), .industrial(.snmp), .industrial(.coap), .industrial(.etherNetIP),
        ]
        let heads: [[UInt8]] = [
            [], Array("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>".utf8), [0x20, 2, 0, 0, 0x31],
            [0x30, 0x82],
            Array("<a><manufacturer>".utf8), [255, 250],
        ]
        for round in 0..<3000 {
            let head = heads[Int.random(in: 0..<heads.count, using: &random)]
            let noise = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let form = forms[round % forms.count]
            let answer = Self.read(head + noise, form, certificate: noise)
            #expect(answer.signals.count <= SignalExtractor.maximumSignals, "seed \(seed), round \(round)")
        }
    }
}
