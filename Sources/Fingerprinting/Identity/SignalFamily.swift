/// Signals that have one origin in the device, and so count once: a name given in DHCP and again in mDNS is one name.
///
/// Signals of different families are taken as independent.
enum SignalFamily: UInt8, CaseIterable {
    case hardwareAddress, hostname, dhcp, mdns, ssdp, tcp, tls, contacts, http, webServicesDiscovery, usb, mqtt
    case linkDiscovery, rtsp, ssh, sip, neighborDiscovery, netbios, vendorDiscovery, certificate
    case industry, snmp, coap, chip, ntp, telnet, bluetooth

    init(_ kind: SignalKind) {
        switch kind {
        case .macBlock: self = .hardwareAddress
        case .dhcpHostname, .dhcpFQDN, .mdnsHostname: self = .hostname
        case .dhcpVendorClass, .dhcpParameterList, .dhcpOptionOrder, .dhcpUserClass: self = .dhcp
        case .dhcpMaximumMessageSize, .dhcpMUDURL: self = .dhcp
        case .mdnsService, .mdnsInstance, .mdnsText: self = .mdns
        case .ssdpServer, .ssdpType, .ssdpUSN, .ssdpLocation, .ssdpSearch, .upnpDevice: self = .ssdp
        case .tcpSYN, .tcpSYNACK: self = .tcp
        case .tlsJA4: self = .tls
        case .dnsQuery, .tlsServerName, .httpHost: self = .contacts
        case .httpUserAgent, .httpServer, .httpRealm, .httpTitle, .ippPrinter: self = .http
        case .wsDiscoveryType, .wsDiscoveryScope, .onvifDevice: self = .webServicesDiscovery
        // A V4L2 node's name is the product name of the USB device below it.
        case .usbID, .usbManufacturer, .usbProduct, .usbInterface, .v4l2Name: self = .usb
        case .usbDriver, .usbInterfaceName, .usbAudioTerminal, .hidUsage, .v4l2Capability: self = .usb
        case .inputName, .serialID, .networkType: self = .usb
        // A chip's name on its bus is that of its driver's folders, too.
        case .iioName, .i2cName, .spiDevice, .oneWireFamily, .hwmonName, .serialDevice: self = .chip
        case .mqttClientID, .mqttBroker: self = .mqtt
        case .bluetoothName, .bluetoothService, .bluetoothServiceData, .bluetoothManufacturer: self = .bluetooth
        case .bluetoothAppearance, .bluetoothMajorClass: self = .bluetooth
        case .lldpSystemName, .cdpDeviceID, .dhcpv6FQDN, .llmnrName, .netbiosName: self = .hostname
        case .dnsOwnName, .snmpName: self = .hostname
        case .dhcpv6DUID, .dhcpv6OptionRequest, .dhcpv6UserClass, .dhcpv6VendorClass, .dhcpv6VendorOptions: self = .dhcp
        case .dhcpv6MUDURL: self = .dhcp
        case .ndpRole: self = .neighborDiscovery
        case .mikrotikDiscovery, .ubiquitiDiscovery, .dahuaDiscovery, .hikvisionDiscovery: self = .vendorDiscovery
        case .tpLinkDiscovery, .tuyaDiscovery, .lifxDiscovery: self = .vendorDiscovery
        case .certificateName, .certificateOrganization, .certificateUnit, .certificateIssuer: self = .certificate
        case .netbiosService: self = .netbios
        case .lldpSystemDescription, .lldpCapabilities, .lldpChassis, .lldpManufacturer: self = .linkDiscovery
        case .lldpModel, .lldpFirmware, .lldpMUDURL: self = .linkDiscovery
        case .rtspServer, .rtspRealm, .rtspUserAgent: self = .rtsp
        case .sshServer, .sshClient, .sshServerHASSH, .sshClientHASSH: self = .ssh
        case .sipUserAgent, .sipServer: self = .sip
        case .cdpPlatform, .cdpSoftware, .cdpCapabilities: self = .linkDiscovery
        case .etherNetIPIdentity, .bacnetDevice, .modbusIdentification, .s7Module, .profinetDevice: self = .industry
        case .knxDevice, .finsController, .melsecController, .hartDevice, .adsDevice: self = .industry
        case .snmpDescription, .snmpObjectID: self = .snmp
        case .coapResource: self = .coap
        case .ntpClient, .ntpServer: self = .ntp
        case .telnetBanner: self = .telnet
        }
    }
}
