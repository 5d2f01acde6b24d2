import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("DHCP, HTTP, MQTT, XML")
struct MessageTests {
    /// RFC 2131 §2: fixed part, then magic cookie and options.
    static func dhcp(options: [UInt8], file: [UInt8] = [], serverName: [UInt8] = []) -> [UInt8] {
        bytes("01 01 06 00 11223344 0000 0000 00000000 00000000 00000000 00000000 accc8e010203")
            + [UInt8](repeating: 0, count: 10)
            + serverName + [UInt8](repeating: 0, count: 64 - serverName.count)
            + file + [UInt8](repeating: 0, count: 128 - file.count) + bytes("63825363") + options
    }

    static func parse(_ message: [UInt8]) throws(DecodeError) -> DHCPv4Message {
        try decode(message) { reader throws(DecodeError) in try DHCPv4Message(parsing: &reader) }
    }

    @Test("DHCP options in order, without pads")
    func dhcpOptions() throws {
        let message = try MessageTests.parse(
            MessageTests.dhcp(options: bytes("350101 00 0c0561786973 00 3702 0103 3c03757300 ff 0c0178"))
        )
        #expect(message.clientMAC == MACAddress("ac:cc:8e:01:02:03") && message.messageType == 1)
        #expect(message.options.map(\.code) == [53, 12, 55, 60])
        #expect(message[60]?.text == "us", "zeros at the end are taken off (RFC 2132 §2)")
    }

    @Test("an option in pieces is one (RFC 3396)")
    func concatenation() throws {
        let message = try MessageTests.parse(MessageTests.dhcp(options: bytes("350103 0c026178 3701 01 0c026973 ff")))
        #expect(message[12]?.text == "axis")
        #expect(message.options.map(\.code) == [53, 12, 55])
    }

    @Test("overload: file before sname (RFC 3396 §5)", arguments: [(1, "ab"), (2, "ac"), (3, "abc"), (0, "a")])
    func overload(_ value: Int, _ expected: String) throws {
        let options = bytes("350101 3401") + [UInt8(value)] + bytes("0c0161 ff")
        let message = try MessageTests.parse(
            MessageTests.dhcp(options: options, file: bytes("0c0162 ff"), serverName: bytes("0c0163 ff"))
        )
        #expect(message[12]?.text.text == expected)
    }

    @Test(
        "FQDN in both encodings (RFC 4702)",
        arguments: [("510803000063616d2e61", "cam.a"), ("51090400000363616d0161", "cam.a")]
    )
    func fullyQualifiedName(_ option: String, _ name: String) throws {
        let message = try MessageTests.parse(MessageTests.dhcp(options: bytes("350101 \(option) ff")))
        #expect(message.fullyQualifiedName?.text == name)
    }

    @Test("DHCP that is none is refused; damage decodes or throws")
    func dhcpDamage() {
        var wrong = MessageTests.dhcp(options: [])
        wrong[236] = 0
        #expect(throws: DecodeError.self) { try MessageTests.parse(wrong) }
        #expect(throws: DecodeError(.truncated, at: 242)) {
            try MessageTests.parse(MessageTests.dhcp(options: bytes("0c ff 61 62 63 64")).dropLast(2))
        }
        survivesDamage(MessageTests.dhcp(options: bytes("350101 340103 510904000003 63616d0161 ff"))) {
            reader throws(DecodeError) in
            _ = try DHCPv4Message(parsing: &reader).fullyQualifiedName
        }
    }

    static func head(_ text: String) throws(DecodeError) -> HTTPMessageHead {
        try decode(Array(text.utf8)) { reader throws(DecodeError) in try HTTPMessageHead(parsing: &reader) }
    }

    @Test("HTTP heads, tidy and not")
    func http() throws {
        let request = try MessageTests.head(
            "GET /a b HTTP/1.1\r\nHost: cam\r\nUSER-AGENT :  x y \r\nnonsense\r\n\r\nbody"
        )
        #expect(request.start == .request(method: "GET", target: "/a"))
        #expect(request["user-agent"] == "x y" && request["host"] == "cam")
        let response = try MessageTests.head("HTTP/1.0 401 Unauthorized\nServer: lighttpd\n\n")
        #expect(response.start == .response(status: 401) && response["server"] == "lighttpd")
        #expect(throws: DecodeError(.truncated, at: 16)) { try MessageTests.head("GET / HTTP/1.1\r\nHost: a") }
        for text in [
            "RTP/1.0 200 OK\r\n\r\n", "SSH-2.0-x\r\n\r\n", "OPTIONS * GOPHER/1.0\r\n\r\n", "\r\n\r\n",
            "HTTP/1.1 abc\r\n\r\n",
        ] {
            #expect(throws: DecodeError.self, "\(text)") { try MessageTests.head(text) }
        }
        let endless = String(repeating: "a", count: HTTPMessageHead.maximumLength + 1)
        #expect { try MessageTests.head("GET / HTTP/1.1\r\nX: " + endless) } throws: { error in
            (error as? DecodeError)?.reason == .limitExceeded
        }
        survivesDamage(Array("NOTIFY * HTTP/1.1\r\nNT: a\r\n\r\n".utf8)) { reader throws(DecodeError) in
            try HTTPMessageHead(parsingDatagram: &reader)
        }
    }

    @Test("heads of RTSP and SIP")
    func otherForms() throws {
        let response = try MessageTests.head(
            "RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nServer: Dahua Rtsp Server\r\n\r\n"
        )
        #expect(response.form == .rtsp && response.start == .response(status: 401))
        #expect(response["server"] == "Dahua Rtsp Server")
        let request = try MessageTests.head("REGISTER sip:192.0.2.1 SIP/2.0\r\nUser-Agent: Yealink\r\n\r\n")
        #expect(request.form == .sip && request.start == .request(method: "REGISTER", target: "sip:192.0.2.1"))
        #expect(try MessageTests.head("SIP/2.0 200 OK\r\n\r\n").form == .sip)
        #expect(try MessageTests.head("DESCRIBE rtsp://c/ RTSP/2.0\r\n\r\n").form == .rtsp)
        #expect(try MessageTests.head("GET / HTTP/1.1\r\n\r\n").form == .http)
    }

    static func identification(_ text: String) throws(DecodeError) -> String {
        try decode(Array(text.utf8)) { reader throws(DecodeError) in try SSHIdentification(parsing: &reader) }.software
            .text
    }

    @Test("SSH identifications")
    func ssh() throws {
        #expect(try MessageTests.identification("SSH-2.0-dropbear_2019.78\r\nrest") == "dropbear_2019.78")
        #expect(try MessageTests.identification("SSH-1.99-OpenSSH_3.5p1 x-y\n") == "OpenSSH_3.5p1 x-y")
        #expect(throws: DecodeError(.truncated, at: 10)) { try MessageTests.identification("SSH-2.0-dr") }
        #expect(throws: DecodeError.self) { try MessageTests.identification("SHH-2.0-x\n") }
        let endless = "SSH-2.0-" + String(repeating: "x", count: 300)
        #expect { try MessageTests.identification(endless) } throws: { error in
            (error as? DecodeError)?.reason == .limitExceeded
        }
        survivesDamage(Array("SSH-2.0-x\r\n".utf8)) { reader throws(DecodeError) in
            try SSHIdentification(parsing: &reader)
        }
    }

    @Test(
        "titles",
        arguments: [
            ("<html><TITLE lang=en> AXIS\n  Live View </title>", "AXIS Live View"), ("<title></title>", nil),
            ("<title>open", nil), ("<title", nil), ("", nil),
        ] as [(String, String?)]
    )
    func title(_ page: String, _ title: String?) {
        let body = Array(page.utf8)
        #expect(HTTPTitle.find(in: ByteReader(body.span))?.text == title)
    }

    @Test(
        "MQTT CONNECT of 3.1, 3.1.1 and 5",
        arguments: [
            // MQTT 3.1.1 figure 3.6 and MQTT 5 figure 3.6 give the variable header.
            ("10 0f 0006 4d5149736470 03 02 003c 0001 61", 3), ("10 0d 0004 4d515454 04 02 003c 0001 61", 4),
            ("10 13 0004 4d515454 05 02 003c 05 110000000a 0001 61", 5),
        ]
    )
    func mqtt(_ packet: String, _ level: UInt8) throws {
        let connect = try decode(bytes(packet)) { reader throws(DecodeError) in try MQTTConnect(parsing: &reader) }
        #expect(connect.level == level && connect.clientIdentifier == "a")
        survivesDamage(bytes(packet)) { reader throws(DecodeError) in try MQTTConnect(parsing: &reader) }
    }

    /// After OASIS WS-Discovery 1.1 §5.3, as an ONVIF camera sends it.
    static let probeMatches = Array(
        """
        <?xml version="1.0" encoding="UTF-8"?><!-- x --><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">
        <s:Header><a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></s:Header>
        <s:Body><d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:1</a:Address>
        </a:EndpointReference><d:Types>dn:NetworkVideoTransmitter  tds:Device</d:Types>
        <d:Scopes x='>'>onvif://www.onvif.org/hardware/M3045-V onvif://www.onvif.org/name/A&amp;B</d:Scopes>
        <d:XAddrs/></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>
        """.utf8
    )

    static func discovery(_ message: [UInt8]) throws(DecodeError) -> WSDiscoveryMessage {
        try decode(message) { reader throws(DecodeError) in try WSDiscoveryMessage(parsing: &reader) }
    }

    @Test("WS-Discovery ProbeMatches")
    func discovery() throws {
        let message = try MessageTests.discovery(MessageTests.probeMatches)
        #expect(message.action == .probeMatches && message.endpointCount == 1)
        #expect(message.types == ["NetworkVideoTransmitter", "Device"])
        #expect(message.scopes == ["onvif://www.onvif.org/hardware/M3045-V", "onvif://www.onvif.org/name/A&B"])
        survivesDamage(MessageTests.probeMatches) { reader throws(DecodeError) in
            try WSDiscoveryMessage(parsing: &reader)
        }
    }

    @Test("XML that bites")
    func hostileXML() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"cc\">]><Envelope><Body><Hello/></Body></Envelope>"
        #expect(throws: DecodeError(.unsupported, at: 0)) { try MessageTests.discovery(Array(bomb.utf8)) }
        let deep = String(repeating: "<a>", count: XMLScanner.maximumDepth + 1)
        #expect { try MessageTests.discovery(Array(deep.utf8)) } throws: { error in
            (error as? DecodeError)?.reason == .limitExceeded
        }
        for text in ["", "<", "</a>", "<a", "<a b='", "<!--", "<![CDATA[", "&x;", "<Body>", "<Body><Nothing>"] {
            #expect(throws: DecodeError.self, "\(text)") { try MessageTests.discovery(Array(text.utf8)) }
        }
    }
}
