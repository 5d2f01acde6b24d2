public import NetworkTypes

/// A family of questions that a gateway can ask a device. The numbers are part of signed policies: never reuse one.
public enum ProbeKind: UInt8, CaseIterable, Hashable, Sendable {
    /// Services by multicast DNS, asked of the device alone (RFC 6762 §5.5).
    case multicastDNS = 0
    /// SSDP search, and the description that the answer points to.
    case upnp = 1
    /// WS-Discovery, then what ONVIF lets anybody ask: time and model.
    case onvif = 2
    /// `/.well-known/core`
    case coap = 3
    /// What an SSH server says first.
    case ssh = 4
    /// What a telnet server says first.
    case telnet = 5
    /// Whether an MQTT broker lets anybody in, and its version.
    case mqtt = 6
    /// RTSP OPTIONS and DESCRIBE.
    case rtsp = 7
    /// TLS certificate, head and title of the page.
    case https = 8
    /// Head and title of the page.
    case http = 9
    /// SNMP with the community `public`: the system's description.
    case snmpPublic = 10
    /// BACnet Who-Is and ReadProperty of model, vendor and firmware.
    case bacnet = 11
    /// EtherNet/IP ListIdentity.
    case etherNetIP = 12
    /// Modbus Read Device Identification.
    case modbus = 13

    /// The name in policies and configuration.
    public var name: ByteString {
        switch self {
        case .multicastDNS: return "mdns"
        case .upnp: return "upnp"
        case .onvif: return "onvif"
        case .coap: return "coap"
        case .ssh: return "ssh"
        case .telnet: return "telnet"
        case .mqtt: return "mqtt"
        case .rtsp: return "rtsp"
        case .https: return "https"
        case .http: return "http"
        case .snmpPublic: return "snmp-public"
        case .bacnet: return "bacnet"
        case .etherNetIP: return "ethernet-ip"
        case .modbus: return "modbus"
        }
    }

    /// The kind of that name.
    public init?(name: ByteString) {
        for kind in ProbeKind.allCases where kind.name == name {
            self = kind
            return
        }
        return nil
    }

    /// Whether a policy alone is not enough, and the gateway's own configuration must name it too: SNMP tries a password,
    /// though everybody knows it, and the others speak to what may be steering something.
    public var needsConfirmation: Bool { rawValue >= ProbeKind.snmpPublic.rawValue }

    /// Printers print what is sent to these ports: JetDirect, LPD, IPP.
    public static func isForbidden(port: UInt16) -> Bool {
        port >= 9100 && port <= 9107 || port == 515 || port == 631 || port == 0
    }
}
