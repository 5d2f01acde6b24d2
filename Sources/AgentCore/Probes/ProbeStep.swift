import Fingerprinting
public import NetworkTypes
import PacketParsing
public import Policy

/// One question to one device: one datagram, or one connection with one request. The table of all that the agent ever
/// sends of its own accord to devices, beside ARP, DNS answers and the notice page.
///
/// Everything goes to the device's own address, nothing to a group or broadcast, so a device that is not held by a policy
/// with probes gets none of it. The order is the order in which they are sent: those that are answered with 401, and so end
/// it, come last.
public enum ProbeStep: UInt8, CaseIterable, Hashable, Sendable {
    case multicastDNS, upnpSearch, upnpDescription, onvifTransmitter, onvifDevice, coap, ssh, telnet, mqtt
    case snmp, bacnetWhoIs, bacnetModel, bacnetVendor, bacnetFirmware, etherNetIP, modbus
    case rtspOptions, onvifTime, https, http, onvifInformation, rtspDescribe

    /// What carries it.
    public enum Transport: UInt8, Sendable {
        case udp, tcp, tls
    }

    /// The kind by which policies name it.
    public var kind: ProbeKind {
        switch self {
        case .multicastDNS: return .multicastDNS
        case .upnpSearch, .upnpDescription: return .upnp
        case .onvifTransmitter, .onvifDevice, .onvifTime, .onvifInformation: return .onvif
        case .coap: return .coap
        case .ssh: return .ssh
        case .telnet: return .telnet
        case .mqtt: return .mqtt
        case .snmp: return .snmpPublic
        case .bacnetWhoIs, .bacnetModel, .bacnetVendor, .bacnetFirmware: return .bacnet
        case .etherNetIP: return .etherNetIP
        case .modbus: return .modbus
        case .rtspOptions, .rtspDescribe: return .rtsp
        case .https: return .https
        case .http: return .http
        }
    }

    /// What it is called in evidence and by `gatehouse-agent probes`: `rtsp.options`.
    public var name: ByteString {
        switch self {
        case .upnpSearch: return "upnp.search"
        case .upnpDescription: return "upnp.description"
        case .onvifTransmitter: return "onvif.transmitter"
        case .onvifDevice: return "onvif.device"
        case .onvifTime: return "onvif.time"
        case .onvifInformation: return "onvif.information"
        case .bacnetWhoIs: return "bacnet.whoIs"
        case .bacnetModel: return "bacnet.model"
        case .bacnetVendor: return "bacnet.vendor"
        case .bacnetFirmware: return "bacnet.firmware"
        case .rtspOptions: return "rtsp.options"
        case .rtspDescribe: return "rtsp.describe"
        default: return kind.name
        }
    }

    /// What carries it.
    public var transport: Transport {
        switch self {
        case .multicastDNS, .upnpSearch, .onvifTransmitter, .onvifDevice, .coap, .snmp, .etherNetIP: return .udp
        case .bacnetWhoIs, .bacnetModel, .bacnetVendor, .bacnetFirmware: return .udp
        case .https: return .tls
        default: return .tcp
        }
    }

    /// The port it goes to; nil where the device itself has to name one.
    public var port: UInt16? {
        switch self {
        case .multicastDNS: return 5353
        case .upnpSearch: return 1900
        case .upnpDescription, .onvifTime, .onvifInformation: return nil
        case .onvifTransmitter, .onvifDevice: return 3702
        case .coap: return 5683
        case .ssh: return 22
        case .telnet: return 23
        case .mqtt: return 1883
        case .snmp: return 161
        case .bacnetWhoIs, .bacnetModel, .bacnetVendor, .bacnetFirmware: return 47808
        case .etherNetIP: return 44818
        case .modbus: return 502
        case .rtspOptions, .rtspDescribe: return 554
        case .https: return 443
        case .http: return 80
        }
    }

    /// Bytes that are sent beside the request, at most: what TLS says to begin and to end.
    var overheadBytes: Int { transport == .tls ? 4 << 10 : 0 }

    /// Most bytes of an answer that are read; of TLS with its records.
    public var maximumAnswerBytes: Int {
        switch self {
        case .upnpDescription: return 256 << 10
        case .https: return 32 << 10
        case .http: return 16 << 10
        case .ssh, .telnet, .mqtt, .modbus: return 1 << 10
        default: return 8 << 10
        }
    }

    /// Which question must have been answered before.
    var prerequisite: ProbeStep? {
        switch self {
        case .bacnetVendor, .bacnetFirmware: return .bacnetModel
        case .onvifInformation: return .onvifTime
        case .rtspDescribe: return .rtspOptions
        default: return nil
        }
    }

    /// How to read what is answered.
    var form: ProbeAnswer.Form {
        switch self {
        case .multicastDNS: return .multicastDNS
        case .upnpSearch: return .ssdp
        case .upnpDescription: return .upnpDescription
        case .onvifTransmitter, .onvifDevice: return .wsDiscovery
        case .onvifTime, .onvifInformation: return .onvif
        case .coap: return .industrial(.coap)
        case .telnet: return .telnet
        case .mqtt: return .mqtt
        case .snmp: return .industrial(.snmp)
        case .bacnetWhoIs, .bacnetModel, .bacnetVendor, .bacnetFirmware: return .industrial(.bacnet)
        case .etherNetIP: return .industrial(.etherNetIP)
        case .modbus: return .industrial(.modbus)
        case .ssh, .rtspOptions, .rtspDescribe, .https, .http: return .text
        }
    }
}
