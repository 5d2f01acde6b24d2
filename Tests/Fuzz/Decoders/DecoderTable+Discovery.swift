import NetworkTypes
import PacketParsing

extension DecoderTable {
    private static func announcement(
        _ name: String,
        _ form: DeviceAnnouncement.Form,
        _ places: [CapturePlace],
        texts: [String] = []
    ) -> Decoder {
        .reader(name, places, texts: texts) { reader throws(DecodeError) in
            _ = try DeviceAnnouncement(parsing: &reader, form: form)
        }
    }

    private static func declaration(
        _ name: String,
        _ form: IndustrialDeclaration.Form,
        _ places: [CapturePlace]
    ) -> Decoder {
        .reader(name, places) { reader throws(DecodeError) in
            _ = try IndustrialDeclaration(parsing: &reader, form: form, source: IPAddress(v4: 0xC000_0207))
        }
    }

    private static let soap =
        "<?xml version=\"1.0\"?><!-- x --><s:Envelope xmlns:s='urn:s'><s:Header><a:Action>"
        + "http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></s:Header><s:Body><d:ProbeMatches>"
        + "<d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:1</a:Address></a:EndpointReference><d:Types>t:Device"
        + "</d:Types><d:Scopes x='>'>onvif://www.onvif.org/name/A&amp;B &#x41;</d:Scopes><d:XAddrs/></d:ProbeMatch>"
        + "</d:ProbeMatches></s:Body></s:Envelope>"
    private static let json = #"{"a":{"model":"x\"\u0041y","sw_ver":1,"list":[1,{"name":"b"}]}}"#

    /// What devices announce to those beside them.
    static let discovery: [Decoder] = [
        .reader("ws-discovery", [.udp(3702)], texts: [soap]) { reader throws(DecodeError) in
            _ = try WSDiscoveryMessage(parsing: &reader)
        },
        announcement("lldp", .lldp, [.etherType(0x88CC)]),
        announcement("cdp", .cdp, []),
        announcement("mikrotik", .mikrotik, [.udp(5678)]),
        announcement("ubiquiti", .ubiquiti, [.udp(10001)]),
        announcement("text", .text, [.udp(37810), .udp(37020), .udp(6666)], texts: [json, "<a><model>x</model></a>"]),
        announcement("scrambled-text", .scrambledText, [.udp(9999)], texts: [json]),
        announcement("tuya", .tuya, [.udp(6667)], texts: [json]),
        announcement("lifx", .lifx, [.udp(56700)]),
    ]

    /// What controllers and buildings declare.
    static let industrial: [Decoder] = [
        declaration("ethernet-ip", .etherNetIP, [.udp(44818), .tcp(44818)]),
        declaration("bacnet", .bacnet, [.udp(47808)]),
        declaration("modbus", .modbus, [.tcp(502)]),
        declaration("s7", .s7, [.tcp(102)]),
        declaration("profinet", .profinet, [.etherType(0x8892)]),
        declaration("knx", .knx, [.udp(3671)]),
        declaration("snmp", .snmp, [.udp(161)]),
        declaration("coap", .coap, [.udp(5683)]),
        declaration("fins", .fins, [.udp(9600)]),
        declaration("melsec", .melsec, [.udp(5006), .tcp(5007)]),
        declaration("hart", .hart, [.udp(5094)]),
        declaration("ads", .ads, [.udp(48899)]),
    ]
}
