public import NetworkTypes

/// What a device let be seen of itself. The name is used in rule files, in `identify` and on the wire.
///
/// The numbers are part of the compiled knowledge file and of the agent's messages: add at the end, never reuse one.
public enum SignalKind: UInt8, CaseIterable, Hashable, Sendable {
    /// Value: the assigned block as lower-case hexadecimal digits, 6, 7 or 9 of them. Says the maker of the interface.
    case macBlock = 1
    /// DHCPv4 option 12, as sent.
    case dhcpHostname = 2
    /// DHCPv4 option 60, as sent.
    case dhcpVendorClass = 3
    /// DHCPv4 option 55 in order: decimal codes joined by `,`.
    case dhcpParameterList = 4
    /// Order of all DHCPv4 options: decimal codes joined by `,`.
    case dhcpOptionOrder = 5
    /// DHCPv4 option 77, as sent.
    case dhcpUserClass = 6
    /// DHCPv4 option 81, the name.
    case dhcpFQDN = 7
    /// DHCPv4 option 57, decimal.
    case dhcpMaximumMessageSize = 8
    /// DHCPv4 option 161 (RFC 8520), the URL.
    case dhcpMUDURL = 9
    /// A service the device offers: `_axis-video._tcp`.
    case mdnsService = 20
    /// The instance name of a service: `AXIS M3045-V - ACCC8E010203`.
    case mdnsInstance = 21
    /// One TXT pair of a service the device offers: `_hap._tcp md=BSB002`.
    case mdnsText = 22
    /// The device's own host name: `axis-accc8e010203.local`.
    case mdnsHostname = 23
    /// SSDP SERVER of a NOTIFY or a search reply.
    case ssdpServer = 30
    /// SSDP NT or ST that the device *is* (NOTIFY, 200 OK), never what it searches for.
    case ssdpType = 31
    /// SSDP USN.
    case ssdpUSN = 32
    /// SSDP LOCATION.
    case ssdpLocation = 33
    /// SSDP USER-AGENT or what an M-SEARCH asks for: who *asks*.
    case ssdpSearch = 34
    /// UPnP description of the device, one statement: `vendor=…`, `model=…`, `product=…` (number), `name=…`.
    case upnpDevice = 35
    /// TCP SYN in p0f's notation: `4:64+0:0:1460:mss*20,7:mss,sok,ts,nop,ws:df,id+:0`.
    case tcpSYN = 40
    /// TCP SYN+ACK in p0f's notation.
    case tcpSYNACK = 41
    /// JA4 of a TLS ClientHello the device sent.
    case tlsJA4 = 50
    /// Server name of a TLS ClientHello the device sent.
    case tlsServerName = 51
    /// HTTP User-Agent of a request the device sent.
    case httpUserAgent = 60
    /// HTTP Host of a request the device sent.
    case httpHost = 61
    /// HTTP Server header of a response the device sent.
    case httpServer = 62
    /// Realm of an HTTP WWW-Authenticate header the device sent.
    case httpRealm = 63
    /// `<title>` of a page the device served.
    case httpTitle = 64
    /// One type of a WS-Discovery ProbeMatch or Hello the device sent, local name: `NetworkVideoTransmitter`.
    case wsDiscoveryType = 70
    /// One scope of a WS-Discovery ProbeMatch or Hello the device sent: `onvif://www.onvif.org/hardware/M3045-V`.
    case wsDiscoveryScope = 71
    /// ONVIF GetDeviceInformation, one statement: `vendor=…`, `model=…`, `firmware=…`, `product=…` (hardware).
    case onvifDevice = 72
    /// A printer's answer in IPP, one statement: `vendor=HP`, `model=LaserJet 400 M401dn`, `description=…` for make and model.
    case ippPrinter = 73
    /// A name the device asked DNS for, lower case.
    case dnsQuery = 80
    /// `vendor:product`, four lower-case hexadecimal digits each, from sysfs.
    case usbID = 90
    /// iManufacturer, iProduct from sysfs.
    case usbManufacturer = 91
    /// iProduct.
    case usbProduct = 92
    /// One interface: class, subclass, protocol as `0e/01/00`.
    case usbInterface = 93
    /// Driver that the kernel bound to one interface: `uvcvideo`, `qmi_wwan`.
    case usbDriver = 94
    /// Name that the device gives one interface (iInterface): `MTP`.
    case usbInterfaceName = 95
    /// One terminal of a USB audio device, wTerminalType: `0201` a microphone (USB Audio Terminal Types §2).
    case usbAudioTerminal = 96
    /// One application of a HID device: usage page and usage, `0001/0006` a keyboard (HID Usage Tables).
    case hidUsage = 97
    /// Name of an input device from sysfs: `SynPS/2 Synaptics TouchPad`.
    case inputName = 98
    /// Name of a V4L2 node from sysfs.
    case v4l2Name = 100
    /// What a V4L2 node is for, by VIDIOC_QUERYCAP: `capture`, `m2m`, `output`, `metadata` or `other`.
    case v4l2Capability = 101
    /// Name of an Industrial I/O device: `bme280`.
    case iioName = 102
    /// Name of a chip on I2C: `bme280`.
    case i2cName = 103
    /// Alias of a chip on SPI: `spi:mcp3008`, `acpi:ELAN7001:`.
    case spiDevice = 104
    /// Family code of a chip on 1-Wire, two lower-case hexadecimal digits: `28`.
    case oneWireFamily = 105
    /// Name of a hwmon device: `lm75`.
    case hwmonName = 106
    /// Alias of what hangs on a serial line of the board: `of:NbluetoothT(null)Cbrcm,bcm43438-bt`.
    case serialDevice = 107
    /// Name of a serial port in `/dev/serial/by-id`.
    case serialID = 108
    /// What kind of network interface a device has: `ethernet`, `wlan`, `wwan`.
    case networkType = 109
    /// A request of an MQTT CONNECT the device sent: its client identifier.
    case mqttClientID = 110
    /// An MQTT broker that was asked: `open` lets anybody in, `closed` does not; its version: `mosquitto version 2.0.11`.
    case mqttBroker = 117
    /// Name in a Bluetooth advertisement.
    case bluetoothName = 111
    /// A service a Bluetooth device offers: `fe95`, `b42e1f6e-ade7-11e4-89d3-123b93f75cba`.
    case bluetoothService = 112
    /// A service a Bluetooth device sends data of, in the same form.
    case bluetoothServiceData = 113
    /// Company and first bytes of its data in a Bluetooth advertisement: `004c:0215a4`.
    case bluetoothManufacturer = 114
    /// Category and subcategory of the appearance in a Bluetooth advertisement, decimal: `15/1`.
    case bluetoothAppearance = 115
    /// Major class of a Bluetooth device: `02`.
    case bluetoothMajorClass = 116
    /// LLDP system name (IEEE 802.1AB §8.5.6).
    case lldpSystemName = 120
    /// LLDP system description (§8.5.7), as sent.
    case lldpSystemDescription = 121
    /// LLDP capabilities that are enabled (§8.5.8): `bridge,telephone`.
    case lldpCapabilities = 122
    /// LLDP chassis (§8.5.2) where it is a text, not an address.
    case lldpChassis = 123
    /// LLDP-MED inventory (ANSI/TIA-1057 §10.2.6): manufacturer.
    case lldpManufacturer = 124
    /// LLDP-MED inventory: model.
    case lldpModel = 125
    /// LLDP-MED inventory: firmware or software revision.
    case lldpFirmware = 126
    /// LLDP usage description (RFC 8520 §12), the URL.
    case lldpMUDURL = 127
    /// CDP device identifier, the name of the device.
    case cdpDeviceID = 128
    /// CDP platform: `cisco WS-C3560G-24PS`.
    case cdpPlatform = 129
    /// CDP software version, as sent.
    case cdpSoftware = 130
    /// CDP capabilities: `switch,igmp`.
    case cdpCapabilities = 131
    /// RTSP Server header of a response the device sent.
    case rtspServer = 150
    /// Realm of an RTSP WWW-Authenticate header the device sent.
    case rtspRealm = 151
    /// RTSP User-Agent of a request the device sent.
    case rtspUserAgent = 152
    /// Software of the SSH identification the device sent as a server: `dropbear_2019.78`.
    case sshServer = 153
    /// The same, sent as a client.
    case sshClient = 154
    /// HASSH of the algorithms the device offered as an SSH server: 32 hexadecimal digits.
    case sshServerHASSH = 157
    /// The same, as a client.
    case sshClientHASSH = 158
    /// SIP User-Agent of a request, or of an answer to a call, that the device itself made.
    case sipUserAgent = 155
    /// SIP Server or User-Agent of a registrar's answer.
    case sipServer = 156
    /// What a telnet server says first, without its negotiations.
    case telnetBanner = 159
    /// DHCPv6 option 1: the kind of identifier, decimal, and of kind 2 the enterprise: `2:9`.
    case dhcpv6DUID = 135
    /// DHCPv6 option 6 in order: decimal codes joined by `,`.
    case dhcpv6OptionRequest = 136
    /// One class of DHCPv6 option 15, as sent.
    case dhcpv6UserClass = 137
    /// DHCPv6 option 16: the enterprise, decimal, and its first class: `311:MSFT 5.0`.
    case dhcpv6VendorClass = 138
    /// DHCPv6 option 17: the enterprise, decimal.
    case dhcpv6VendorOptions = 139
    /// DHCPv6 option 39, the name.
    case dhcpv6FQDN = 140
    /// DHCPv6 option 112 (RFC 8520), the URL.
    case dhcpv6MUDURL = 141
    /// `router`: the device advertises itself as default router (RFC 4861 §4.2).
    case ndpRole = 145
    /// A name that the device answers to in LLMNR (RFC 4795).
    case llmnrName = 146
    /// A NetBIOS name that the device bears alone (RFC 1002).
    case netbiosName = 147
    /// What bears a NetBIOS name there, two hexadecimal digits: `20` a file server.
    case netbiosService = 148
    /// MikroTik MNDP, one statement: `model=RB750Gr3`, `firmware=6.49.6 (stable)`.
    case mikrotikDiscovery = 160
    /// Ubiquiti discovery, one statement: `model=NanoStation M5`, `product=N5N`.
    case ubiquitiDiscovery = 161
    /// Dahua DHDiscover, one statement: `model=IPC-HFW2431S`, `type=IPC`.
    case dahuaDiscovery = 162
    /// Hikvision SADP, one statement: `model=DS-2CD2042WD-I`.
    case hikvisionDiscovery = 163
    /// TP-Link Kasa or Tapo, one statement: `model=HS110(EU)`, `type=IOT.SMARTPLUGSWITCH`.
    case tpLinkDiscovery = 164
    /// Tuya, one statement: `product=…`, `version=3.1`, `id=…`; `type=frame-55aa` or `type=frame-6699` where it was encrypted.
    case tuyaDiscovery = 165
    /// LIFX, one statement: `product=1/22`, the vendor and the product; `type=service`.
    case lifxDiscovery = 166
    /// NTP, of a client: `version=4 stratum=0 precision=32 leap=0 poll=6 fields=t`. The fields that are not zero: root delay,
    /// root dispersion (s), identifier of the reference, and the times: reference (f), origin, received, transmitted.
    case ntpClient = 167
    /// NTP, of a server: `version=4 stratum=1 precision=-20 reference=GPS`.
    case ntpServer = 168
    /// Common name of the certificate that the device showed as a TLS server, up to TLS 1.2.
    case certificateName = 170
    /// The organization it was issued to.
    case certificateOrganization = 171
    /// A unit of that organization.
    case certificateUnit = 172
    /// The organization that issued it.
    case certificateIssuer = 173
    /// The name that the device gives for its own address in a DNS answer.
    case dnsOwnName = 149
    // What industrial and building devices declare, one statement each: `model=…`, `firmware=…`, `name=…`. 200 and 201 are
    // taken by `SignalSelector`.
    /// EtherNet/IP ListIdentity: `vendorID=1`, `type=12`, `product=1/12/58` (vendor, type, code), `model=1756-ENBT/A`.
    case etherNetIPIdentity = 180
    /// BACnet device: `vendorID=5`, `vendor=…`, `model=…`; `type=router` where it passes on what other networks say.
    case bacnetDevice = 181
    /// Modbus device identification: `vendor=…`, `product=…`; `type=umas` where it speaks Schneider's UMAS.
    case modbusIdentification = 182
    /// Siemens S7: `product=6ES7 315-2EH14-0AB0` (order number), `model=CPU 315-2 PN/DP`.
    case s7Module = 183
    /// PROFINET DCP: `vendorID=42`, `product=42/770` (vendor, device), `model=…` (type of station), `type=controller`.
    case profinetDevice = 184
    /// KNXnet/IP: `vendorID=166`, `name=…`; `type=server` for whoever answers clients.
    case knxDevice = 185
    /// SNMP sysDescr, as sent.
    case snmpDescription = 186
    /// SNMP sysObjectID: `1.3.6.1.4.1.9.1.516`.
    case snmpObjectID = 187
    /// SNMP sysName.
    case snmpName = 188
    /// CoAP: `type=server` for whoever answers, `link=/path`, `type=oic.d.light`; `model=SHSW-1` of Shelly's reports.
    case coapResource = 189
    /// Omron FINS Controller Data Read: `model=CJ2M-CPU32`.
    case finsController = 190
    /// Mitsubishi MELSEC: `model=Q03UDECPU`.
    case melsecController = 191
    /// HART-IP command 0: `vendorID=17`, `product=17/4560` (manufacturer, expanded device type).
    case hartDevice = 192
    /// Beckhoff ADS discovery: `name=CX-1A2B3C`, `version=3.1.4024` (TwinCAT).
    case adsDevice = 193

    /// The name of the kind: `mdns.service`.
    public var name: ByteString {
        switch self {
        case .macBlock: return "mac.block"
        case .dhcpHostname: return "dhcp.hostname"
        case .dhcpVendorClass: return "dhcp.vendorClass"
        case .dhcpParameterList: return "dhcp.parameterList"
        case .dhcpOptionOrder: return "dhcp.optionOrder"
        case .dhcpUserClass: return "dhcp.userClass"
        case .dhcpFQDN: return "dhcp.fqdn"
        case .dhcpMaximumMessageSize: return "dhcp.maximumMessageSize"
        case .dhcpMUDURL: return "dhcp.mudURL"
        case .mdnsService: return "mdns.service"
        case .mdnsInstance: return "mdns.instance"
        case .mdnsText: return "mdns.text"
        case .mdnsHostname: return "mdns.hostname"
        case .ssdpServer: return "ssdp.server"
        case .ssdpType: return "ssdp.type"
        case .ssdpUSN: return "ssdp.usn"
        case .ssdpLocation: return "ssdp.location"
        case .ssdpSearch: return "ssdp.search"
        case .upnpDevice: return "upnp.device"
        case .tcpSYN: return "tcp.syn"
        case .tcpSYNACK: return "tcp.synAck"
        case .tlsJA4: return "tls.ja4"
        case .tlsServerName: return "tls.serverName"
        case .httpUserAgent: return "http.userAgent"
        case .httpHost: return "http.host"
        case .httpServer: return "http.server"
        case .httpRealm: return "http.realm"
        case .httpTitle: return "http.title"
        case .wsDiscoveryType: return "wsd.type"
        case .wsDiscoveryScope: return "wsd.scope"
        case .onvifDevice: return "onvif.device"
        case .ippPrinter: return "ipp.printer"
        case .dnsQuery: return "dns.query"
        case .usbID: return "usb.id"
        case .usbManufacturer: return "usb.manufacturer"
        case .usbProduct: return "usb.product"
        case .usbInterface: return "usb.interface"
        case .usbDriver: return "usb.driver"
        case .usbInterfaceName: return "usb.interfaceName"
        case .usbAudioTerminal: return "usb.audioTerminal"
        case .hidUsage: return "hid.usage"
        case .inputName: return "input.name"
        case .v4l2Name: return "v4l2.name"
        case .v4l2Capability: return "v4l2.capability"
        case .iioName: return "iio.name"
        case .i2cName: return "i2c.name"
        case .spiDevice: return "spi.device"
        case .oneWireFamily: return "w1.family"
        case .hwmonName: return "hwmon.name"
        case .serialDevice: return "serial.device"
        case .serialID: return "serial.id"
        case .networkType: return "net.type"
        case .mqttClientID: return "mqtt.clientID"
        case .mqttBroker: return "mqtt.broker"
        case .bluetoothName: return "bluetooth.name"
        case .bluetoothService: return "bluetooth.service"
        case .bluetoothServiceData: return "bluetooth.serviceData"
        case .bluetoothManufacturer: return "bluetooth.manufacturer"
        case .bluetoothAppearance: return "bluetooth.appearance"
        case .bluetoothMajorClass: return "bluetooth.majorClass"
        case .lldpSystemName: return "lldp.systemName"
        case .lldpSystemDescription: return "lldp.systemDescription"
        case .lldpCapabilities: return "lldp.capabilities"
        case .lldpChassis: return "lldp.chassis"
        case .lldpManufacturer: return "lldp.manufacturer"
        case .lldpModel: return "lldp.model"
        case .lldpFirmware: return "lldp.firmware"
        case .lldpMUDURL: return "lldp.mudURL"
        case .cdpDeviceID: return "cdp.deviceID"
        case .cdpPlatform: return "cdp.platform"
        case .cdpSoftware: return "cdp.software"
        case .cdpCapabilities: return "cdp.capabilities"
        case .rtspServer: return "rtsp.server"
        case .rtspRealm: return "rtsp.realm"
        case .rtspUserAgent: return "rtsp.userAgent"
        case .sshServer: return "ssh.server"
        case .sshClient: return "ssh.client"
        case .sshServerHASSH: return "ssh.serverHASSH"
        case .sshClientHASSH: return "ssh.clientHASSH"
        case .sipUserAgent: return "sip.userAgent"
        case .sipServer: return "sip.server"
        case .telnetBanner: return "telnet.banner"
        case .dhcpv6DUID: return "dhcpv6.duid"
        case .dhcpv6OptionRequest: return "dhcpv6.optionRequest"
        case .dhcpv6UserClass: return "dhcpv6.userClass"
        case .dhcpv6VendorClass: return "dhcpv6.vendorClass"
        case .dhcpv6VendorOptions: return "dhcpv6.vendorOptions"
        case .dhcpv6FQDN: return "dhcpv6.fqdn"
        case .dhcpv6MUDURL: return "dhcpv6.mudURL"
        case .ndpRole: return "ndp.role"
        case .llmnrName: return "llmnr.name"
        case .netbiosName: return "netbios.name"
        case .netbiosService: return "netbios.service"
        case .mikrotikDiscovery: return "mikrotik.discovery"
        case .ubiquitiDiscovery: return "ubiquiti.discovery"
        case .dahuaDiscovery: return "dahua.discovery"
        case .hikvisionDiscovery: return "hikvision.discovery"
        case .tpLinkDiscovery: return "tplink.discovery"
        case .tuyaDiscovery: return "tuya.discovery"
        case .lifxDiscovery: return "lifx.discovery"
        case .ntpClient: return "ntp.client"
        case .ntpServer: return "ntp.server"
        case .certificateName: return "tls.subjectName"
        case .certificateOrganization: return "tls.subjectOrganization"
        case .certificateUnit: return "tls.subjectUnit"
        case .certificateIssuer: return "tls.issuerOrganization"
        case .dnsOwnName: return "dns.ownName"
        case .etherNetIPIdentity: return "enip.identity"
        case .bacnetDevice: return "bacnet.device"
        case .modbusIdentification: return "modbus.identification"
        case .s7Module: return "s7.module"
        case .profinetDevice: return "profinet.device"
        case .knxDevice: return "knx.device"
        case .snmpDescription: return "snmp.description"
        case .snmpObjectID: return "snmp.objectID"
        case .snmpName: return "snmp.name"
        case .coapResource: return "coap.resource"
        case .finsController: return "fins.controller"
        case .melsecController: return "melsec.cpu"
        case .hartDevice: return "hart.device"
        case .adsDevice: return "ads.device"
        }
    }
}
