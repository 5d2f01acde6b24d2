import AgentCore
import NetworkTypes
import Testing

/// What goes over the wire, byte by byte, after the specifications that ProbeStep+Request names.
@Suite struct ProbeRequestTests {
    static func request(_ step: ProbeStep, port: UInt16 = 80, path: ByteString = "/") -> [UInt8] {
        step.request(to: ProbeTrial.address("192.0.2.7"), port: step.port ?? port, path: path, token: 0xABCD_EF01_2345)
    }

    /// mDNS: identifier, flags 0, five questions. CoAP: NON GET. MQTT: CONNECT (clean session), SUBSCRIBE. SNMP: GetRequest of
    /// 1.3.6.1.2.1.1.1.0, .2.0, .5.0. BACnet: Original-Unicast-NPDU. EtherNet/IP: ListIdentity. Modbus: 43/14.
    static let binary: [(ProbeStep, String)] = [
        (
            .multicastDNS,
            """
            4748 0000 0005 0000 0000 0000
            095f7365727669636573 075f646e732d7364 045f756470 056c6f63616c 00 000c 0001
            055f68747470 045f746370 056c6f63616c 00 000c 0001
            045f686170 045f746370 056c6f63616c 00 000c 0001
            075f6d6174746572 045f746370 056c6f63616c 00 000c 0001
            055f72747370 045f746370 056c6f63616c 00 000c 0001
            """
        ), (.coap, "50 01 4748 bb 2e77656c6c2d6b6e6f776e 04 636f7265"),
        (
            .mqtt,
            """
            10 0c 0004 4d515454 04 02 000a 0000
            82 18 0001 0013 245359532f62726f6b65722f76657273696f6e 00
            """
        ),
        (
            .snmp,
            """
            30 42 02 01 01 04 06 7075626c6963 a0 35 02 01 01 02 01 00 02 01 00
            30 2a 30 0c 06 08 2b06010201010100 05 00 30 0c 06 08 2b06010201010200 05 00
            30 0c 06 08 2b06010201010500 05 00
            """
        ), (.bacnetWhoIs, "81 0a 0008 01 00 10 08"), (.bacnetModel, "81 0a 0011 01 04 00 05 01 0c 0c 023fffff 19 46"),
        (.bacnetVendor, "81 0a 0011 01 04 00 05 01 0c 0c 023fffff 19 79"),
        (.bacnetFirmware, "81 0a 0011 01 04 00 05 01 0c 0c 023fffff 19 2c"),
        (.etherNetIP, "6300 0000 00000000 00000000 0000000000000000 00000000"),
        (.modbus, "0001 0000 0005 ff 2b 0e 01 00"), (.ssh, ""), (.telnet, ""),
    ]

    @Test(arguments: binary)
    func binaryRequests(step: ProbeStep, hexadecimal: String) {
        let digits = ByteString(hexadecimal.utf8.filter { $0 != 0x20 && $0 != 0x0A })
        #expect(Hexadecimal.encode(Self.request(step)) == digits, "\(step)")
    }

    static let text: [(ProbeStep, String)] = [
        (
            .upnpSearch,
            "M-SEARCH * HTTP/1.1\r\nHOST: 192.0.2.7:1900\r\nMAN: \"ssdp:discover\"\r\nST: upnp:rootdevice\r\n\r\n"
        ),
        (
            .upnpDescription,
            "GET /d HTTP/1.0\r\nHost: 192.0.2.7:80\r\nUser-Agent: gatehouse\r\nConnection: close\r\n\r\n"
        ), (.https, "GET /d HTTP/1.0\r\nHost: 192.0.2.7:443\r\nUser-Agent: gatehouse\r\nConnection: close\r\n\r\n"),
        (
            .rtspOptions,
            "OPTIONS rtsp://192.0.2.7:554/ RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: gatehouse\r\n\r\n"
        ),
        (
            .rtspDescribe,
            "DESCRIBE rtsp://192.0.2.7:554/ RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: gatehouse\r\nAccept: application/sdp\r\n\r\n"
        ),
    ]

    @Test(arguments: text)
    func textRequests(step: ProbeStep, expected: String) {
        #expect(ByteString(Self.request(step, path: "/d")).text == expected)
    }

    @Test func soap() throws {
        let search = ByteString(Self.request(.onvifTransmitter)).text
        #expect(search.contains("<d:Types>dn:NetworkVideoTransmitter</d:Types>"))
        #expect(search.contains("<a:MessageID>urn:uuid:47486f75-7365-4000-8000-abcdef012345</a:MessageID>"))
        #expect(ByteString(Self.request(.onvifDevice)).text.contains("<d:Types>tds:Device</d:Types>"))
        for (step, operation) in [
            (ProbeStep.onvifTime, "GetSystemDateAndTime"), (.onvifInformation, "GetDeviceInformation"),
        ] {
            let text = ByteString(Self.request(step, path: "/onvif/device_service")).text
            let parts = text.components(between: "\r\n\r\n")
            #expect(parts.count == 2 && parts[0].hasPrefix("POST /onvif/device_service HTTP/1.0\r\n"))
            #expect(parts[0].contains("Content-Length: \(parts[1].utf8.count)\r\n"))
            #expect(parts[1].contains("<\(operation) xmlns=\"http://www.onvif.org/ver10/device/wsdl\"/>"))
            #expect(!text.contains("Authorization") && !text.contains("Security"))
        }
    }

    /// A request is one datagram or one segment, and a probe never carries what writes.
    @Test func requestsAreSmallAndReadOnly() {
        for step in ProbeStep.allCases {
            let request = Self.request(step, path: "/")
            #expect(request.count <= 1232, "\(step)")
            #expect(step.maximumAnswerBytes <= 256 << 10)
        }
        // Modbus function 43; BACnet service 8 (Who-Is) and 12 (ReadProperty).
        #expect(Self.request(.modbus)[7] == 43)
        for step in [ProbeStep.bacnetModel, .bacnetVendor, .bacnetFirmware] { #expect(Self.request(step)[9] == 12) }
    }
}

extension String {
    fileprivate func components(between separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
