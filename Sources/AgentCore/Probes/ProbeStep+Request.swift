public import NetworkTypes

/// The bytes of every question; `ssh` and `telnet` send none and listen.
extension ProbeStep {
    /// What is sent. `address` stands in `Host` and in RTSP's URLs, `path` is what the device named; `token` makes the
    /// message identifier of WS-Discovery another one each time.
    public func request(to address: IPAddress, port: UInt16, path: ByteString, token: UInt64) -> [UInt8] {
        var host = address.byteString
        if address.family == .v6 { host = "[\(host)]" }
        let text: ByteString
        switch self {
        case .multicastDNS: return ProbeStep.servicesQuestion
        case .upnpSearch:
            // UPnP Device Architecture 2.0 §1.3.2: a search by unicast has no MX.
            text =
                "M-SEARCH * HTTP/1.1\r\nHOST: \(host):\(port)\r\nMAN: \"ssdp:discover\"\r\nST: upnp:rootdevice\r\n\r\n"
        case .upnpDescription, .http, .https:
            text = "GET \(path) HTTP/1.0\r\nHost: \(host):\(port)\r\n\(ProbeStep.agent)\r\nConnection: close\r\n\r\n"
        case .onvifTransmitter: text = ProbeStep.search("dn:NetworkVideoTransmitter", token)
        case .onvifDevice: text = ProbeStep.search("tds:Device", token)
        case .onvifTime: text = ProbeStep.call("GetSystemDateAndTime", host, port, path)
        case .onvifInformation: text = ProbeStep.call("GetDeviceInformation", host, port, path)
        case .rtspOptions, .rtspDescribe:
            // RFC 2326 §10.1, §10.2
            let method: ByteString = self == .rtspOptions ? "OPTIONS" : "DESCRIBE"
            let accept: ByteString = self == .rtspOptions ? "" : "Accept: application/sdp\r\n"
            text = "\(method) rtsp://\(host):\(port)/ RTSP/1.0\r\nCSeq: 1\r\n\(ProbeStep.agent)\r\n\(accept)\r\n"
        case .ssh, .telnet: return []
        // RFC 7252 §3: version 1, non-confirmable, GET; Uri-Path ".well-known", "core" (RFC 6690 §4).
        case .coap: return ProbeStep.wellKnownCore
        // MQTT 3.1.1 §3.1: clean session, no name, no password, an empty client identifier; then §3.8 for the version, which
        // a client may ask for before it has the CONNACK (§3.1.4).
        case .mqtt: return ProbeStep.brokerVersion
        case .snmp: return ProbeStep.systemGroup
        case .bacnetWhoIs: return [0x81, 0x0A, 0, 8, 1, 0, 0x10, 8]
        case .bacnetModel: return ProbeStep.readProperty(70)
        case .bacnetVendor: return ProbeStep.readProperty(121)
        case .bacnetFirmware: return ProbeStep.readProperty(44)
        // Command 0x63, no data (CIP Volume 2 §2-4.2).
        case .etherNetIP: return [0x63, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        // Function 43, MEI 14, basic identification from object 0, to the device itself (unit 255).
        case .modbus: return [0, 1, 0, 0, 0, 5, 0xFF, 0x2B, 0x0E, 1, 0]
        }
        return text.bytes
    }

    private static let agent: ByteString = "User-Agent: gatehouse"

    /// PTR of the services there are, and of some whose text records name the model (RFC 6763 §9; RFC 6762 §5.5, §6.7).
    private static let servicesQuestion: [UInt8] = [
        0x47, 0x48, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0,
        // _services._dns-sd._udp.local
        9, 0x5F, 0x73, 0x65, 0x72, 0x76, 0x69, 0x63, 0x65, 0x73, 7, 0x5F, 0x64, 0x6E, 0x73, 0x2D, 0x73, 0x64, 4,
        0x5F, 0x75, 0x64, 0x70, 5, 0x6C, 0x6F, 0x63, 0x61, 0x6C, 0, 0, 0x0C, 0, 1,
        // _http._tcp.local
        5, 0x5F, 0x68, 0x74, 0x74, 0x70, 4, 0x5F, 0x74, 0x63, 0x70, 5, 0x6C, 0x6F, 0x63, 0x61, 0x6C, 0, 0, 0x0C, 0,
        1,
        // _hap._tcp.local
        4, 0x5F, 0x68, 0x61, 0x70, 4, 0x5F, 0x74, 0x63, 0x70, 5, 0x6C, 0x6F, 0x63, 0x61, 0x6C, 0, 0, 0x0C, 0, 1,
        // _matter._tcp.local
        7, 0x5F, 0x6D, 0x61, 0x74, 0x74, 0x65, 0x72, 4, 0x5F, 0x74, 0x63, 0x70, 5, 0x6C, 0x6F, 0x63, 0x61, 0x6C, 0,
        0, 0x0C, 0, 1,
        // _rtsp._tcp.local
        5, 0x5F, 0x72, 0x74, 0x73, 0x70, 4, 0x5F, 0x74, 0x63, 0x70, 5, 0x6C, 0x6F, 0x63, 0x61, 0x6C, 0, 0, 0x0C, 0,
        1,
    ]

    /// WS-Discovery of April 2005 §5.2, as ONVIF has it (Core Specification §7.3).
    private static func search(_ type: ByteString, _ token: UInt64) -> ByteString {
        var identifier = ByteString()
        identifier.append(hexadecimal: token & 0xFFFF_FFFF_FFFF, digits: 12)
        return """
            <?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" \
            xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" \
            xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl" \
            xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><s:Header>\
            <a:Action s:mustUnderstand="1">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>\
            <a:MessageID>urn:uuid:47486f75-7365-4000-8000-\(identifier)</a:MessageID>\
            <a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header><s:Body><d:Probe>\
            <d:Types>\(type)</d:Types></d:Probe></s:Body></s:Envelope>
            """
    }

    /// ONVIF Core Specification §8.3.1, §8.3.5: both may be asked before anybody has logged in (access class PRE_AUTH), the
    /// information on many devices only.
    private static func call(
        _ operation: ByteString,
        _ host: ByteString,
        _ port: UInt16,
        _ path: ByteString
    ) -> ByteString {
        let body: ByteString = """
            <?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">\
            <s:Body><\(operation) xmlns="http://www.onvif.org/ver10/device/wsdl"/></s:Body></s:Envelope>
            """
        return """
            POST \(path) HTTP/1.0\r\nHost: \(host):\(port)\r\n\(agent)\r\nContent-Type: application/soap+xml; \
            charset=utf-8; action="http://www.onvif.org/ver10/device/wsdl/\(operation)"\r\n\
            Content-Length: \(body.count)\r\nConnection: close\r\n\r\n\(body)
            """
    }

    private static let wellKnownCore: [UInt8] = [
        0x50, 1, 0x47, 0x48, 0xBB, 0x2E, 0x77, 0x65, 0x6C, 0x6C, 0x2D, 0x6B, 0x6E, 0x6F, 0x77, 0x6E, 4, 0x63, 0x6F,
        0x72, 0x65,
    ]

    /// CONNECT, SUBSCRIBE to `$SYS/broker/version`.
    private static let brokerVersion: [UInt8] = [
        0x10, 0x0C, 0, 4, 0x4D, 0x51, 0x54, 0x54, 4, 2, 0, 0x0A, 0, 0,
        0x82, 0x18, 0, 1, 0, 0x13, 0x24, 0x53, 0x59, 0x53, 0x2F, 0x62, 0x72, 0x6F, 0x6B, 0x65, 0x72, 0x2F, 0x76,
        0x65, 0x72, 0x73, 0x69, 0x6F, 0x6E, 0,
    ]

    /// RFC 3416: GetRequest of sysDescr.0, sysObjectID.0, sysName.0, version 2c, community `public`.
    private static let systemGroup: [UInt8] = [
        0x30, 0x42, 2, 1, 1, 4, 6, 0x70, 0x75, 0x62, 0x6C, 0x69, 0x63, 0xA0, 0x35, 2, 1, 1, 2, 1, 0, 2, 1, 0, 0x30,
        0x2A,
        0x30, 12, 6, 8, 0x2B, 6, 1, 2, 1, 1, 1, 0, 5, 0, 0x30, 12, 6, 8, 0x2B, 6, 1, 2, 1, 1, 2, 0, 5, 0,
        0x30, 12, 6, 8, 0x2B, 6, 1, 2, 1, 1, 5, 0, 5, 0,
    ]

    /// ANSI/ASHRAE 135 §15.5, §20.1.2: of Device 4194303, which stands for whichever device is asked (§12.11.1).
    private static func readProperty(_ property: UInt8) -> [UInt8] {
        [0x81, 0x0A, 0, 17, 1, 4, 0, 5, 1, 12, 0x0C, 0x02, 0x3F, 0xFF, 0xFF, 0x19, property]
    }
}
