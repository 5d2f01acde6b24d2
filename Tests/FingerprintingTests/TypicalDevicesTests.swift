import Fingerprinting
import NetworkTypes
import TestSupport
import Testing

/// What devices of kinds that no capture here shows would say of themselves, by their makers' documentation, and what
/// must come out. A device that says little must get little.
@Suite("Typical devices", .longComputation, .enabled(if: Rules.hasRegisters, "needs Debian's ieee-data and usb.ids"))
struct TypicalDevicesTests {
    struct Device: Sendable {
        var name: String
        var address = "02:00:00:00:00:01"
        var signals: [Signal]
        var deviceClass: DeviceClass
        var vendor: String?
        var model: String?
        var operatingSystem: String?
    }

    static let devices = [
        Device(
            name: "ONVIF camera",
            address: "ac:cc:8e:01:02:03",
            signals: [
                Signal(.dhcpVendorClass, "AXIS,Network Camera,M3045-V,9.80.1"),
                Signal(.dhcpHostname, "axis-accc8e010203"),
                Signal(.wsDiscoveryType, "NetworkVideoTransmitter"),
                Signal(.wsDiscoveryScope, "onvif://www.onvif.org/hardware/M3045-V"),
                Signal(.wsDiscoveryScope, "onvif://www.onvif.org/name/AXIS%20M3045-V"),
            ],
            deviceClass: .ipCamera,
            vendor: "Axis",
            model: "M3045-V"
        ),
        Device(
            name: "camera of another brand's that speaks SADP",
            signals: [
                Signal(.hikvisionDiscovery, "model=DS-2CD2042WD-I"),
                Signal(.hikvisionDiscovery, "firmware=V5.4.5build 170124"),
                Signal(.rtspRealm, "IP Camera(12345)"),
            ],
            deviceClass: .ipCamera,
            vendor: "Hikvision",
            model: "DS-2CD2042WD-I"
        ),
        Device(
            name: "recorder that answers DHDiscover",
            signals: [
                Signal(.dahuaDiscovery, "type=NVR"), Signal(.dahuaDiscovery, "model=NVR4104-P-4KS2"),
                Signal(.dahuaDiscovery, "vendor=Dahua"), Signal(.rtspServer, "Dahua Rtsp Server"),
            ],
            deviceClass: .videoRecorder,
            vendor: "Dahua",
            model: "NVR4104-P-4KS2"
        ),
        Device(
            name: "desk telephone that LLDP and SIP know",
            signals: [
                Signal(.lldpCapabilities, "bridge,telephone"), Signal(.lldpManufacturer, "Polycom"),
                Signal(.lldpModel, "VVX 411"), Signal(.sipUserAgent, "PolycomVVX-VVX_411-UA/5.9.5.0614"),
            ],
            deviceClass: .voipPhone,
            vendor: "Poly",
            model: "VVX 411"
        ),
        Device(
            name: "plug that answers Kasa's question",
            signals: [
                Signal(.tpLinkDiscovery, "model=HS110(EU)"), Signal(.tpLinkDiscovery, "type=IOT.SMARTPLUGSWITCH"),
            ],
            deviceClass: .smartPlug,
            vendor: "TP-Link",
            model: "HS110(EU)"
        ),
        Device(
            name: "server with containers that speaks LLDP: no switch",
            signals: [
                Signal(.lldpCapabilities, "bridge,router"),
                Signal(.lldpSystemDescription, "Debian GNU/Linux 12 (bookworm) Linux 6.1.0-18-amd64 #1 SMP"),
                Signal(.sshServer, "OpenSSH_9.2p1 Debian-2+deb12u2"),
            ],
            deviceClass: .unknown,
            operatingSystem: "Debian"
        ),
        Device(
            name: "temperature sensor on an Espressif chip",
            address: "5c:cf:7f:0a:0b:0c",
            signals: [
                Signal(.dhcpHostname, "shellyht-0A0B0C"), Signal(.dhcpVendorClass, "udhcp 1.27.2"),
                Signal(.mdnsInstance, "shellyht-0A0B0C"), Signal(.mdnsService, "_http._tcp"),
            ],
            deviceClass: .sensor,
            vendor: "Shelly",
            operatingSystem: "Linux"
        ),
        Device(
            name: "HomeKit outlet of an unknown brand",
            signals: [Signal(.mdnsText, "_hap._tcp ci=7"), Signal(.mdnsText, "_hap._tcp md=Plug 1")],
            deviceClass: .smartPlug
        ),
        Device(
            name: "laser printer",
            signals: [
                Signal(.mdnsService, "_ipp._tcp"), Signal(.mdnsText, "_ipp._tcp usb_MFG=Hewlett-Packard"),
                Signal(.mdnsText, "_ipp._tcp usb_MDL=LaserJet 400 M401dn"), Signal(.dhcpHostname, "NPI1A2B3C"),
            ],
            deviceClass: .printer,
            vendor: "HP",
            model: "LaserJet 400 M401dn"
        ),
        Device(
            name: "loudspeaker",
            signals: [
                Signal(.ssdpType, "urn:schemas-upnp-org:device:ZonePlayer:1"),
                Signal(.ssdpType, "urn:schemas-upnp-org:device:MediaRenderer:1"),
                Signal(.ssdpServer, "Linux UPnP/1.0 Sonos/57.3-77280 (ZPS9)"),
            ],
            deviceClass: .speaker,
            vendor: "Sonos",
            model: "ZPS9",
            operatingSystem: "Linux"
        ),
        Device(
            name: "phone with a randomised address that uses a lamp's and a camera's app",
            signals: [
                Signal(.dhcpHostname, "Evas-iPhone"), Signal(.dnsQuery, "ws.meethue.com"),
                Signal(.dnsQuery, "dev.hik-connect.com"),
            ],
            deviceClass: .phone,
            vendor: "Apple",
            operatingSystem: "iOS"
        ),
        Device(
            name: "computer that only asks for vendors' web sites",
            signals: [
                Signal(.dnsQuery, "www.dlink.com"), Signal(.tlsServerName, "www.sonos.com"),
                Signal(.httpHost, "reolink.com"),
            ],
            deviceClass: .unknown
        ),
        Device(
            name: "bare Espressif board",
            address: "5c:cf:7f:06:d9:02",
            signals: [Signal(.dhcpHostname, "ESP_06D902")],
            deviceClass: .unknown,
            operatingSystem: "ESP-IDF"
        ),
        Device(
            name: "recorder that announces itself by ONVIF",
            signals: [
                Signal(.wsDiscoveryScope, "onvif://www.onvif.org/hardware/DS-7608NI-E2"),
                Signal(.httpServer, "DNVRS-Webs"), Signal(.dhcpHostname, "nvr-1"),
            ],
            deviceClass: .videoRecorder,
            vendor: "Hikvision",
            model: "DS-7608NI-E2"
        ),
        Device(
            name: "door station that offers another maker's service",
            address: "1c:ca:e3:01:02:03",
            signals: [
                Signal(.mdnsService, "_axis-video._tcp"),
                Signal(.mdnsText, "_axis-video._tcp macaddress=1CCAE3010203"),
                Signal(.dhcpHostname, "bha-1CCAE3010203"),
            ],
            deviceClass: .doorbell,
            vendor: "DoorBird"
        ),
        Device(
            name: "meter of a make that sells plugs too",
            signals: [
                Signal(.mdnsService, "_hwenergy._tcp"), Signal(.mdnsText, "_hwenergy._tcp product_type=HWE-SKT"),
                Signal(.dhcpHostname, "energysocket-1A2B3C"),
            ],
            deviceClass: .smartPlug,
            vendor: "HomeWizard",
            model: "HWE-SKT"
        ),
        Device(
            name: "router with a vendor's own words",
            signals: [
                Signal(.ssdpServer, "AsusWRT/3.0.0.4 UPnP/1.1 MiniUPnPd/1.9"), Signal(.dhcpHostname, "RT-AC68U"),
            ],
            deviceClass: .router,
            vendor: "Asus"
        ),
        Device(
            name: "names that anybody may give",
            signals: [Signal(.dhcpHostname, "camera-1"), Signal(.mdnsHostname, "camera-1.local")],
            deviceClass: .unknown
        ),
        Device(
            name: "computer of the person who looks after printers",
            signals: [Signal(.dhcpHostname, "office-printer"), Signal(.dnsQuery, "support.hp.com")],
            deviceClass: .unknown
        ),
        Device(
            name: "telephone with the apps of one maker of cameras",
            signals: [
                Signal(.dhcpHostname, "Pixel-6"), Signal(.tlsServerName, "api.ring.com"),
                Signal(.dnsQuery, "www.ring.com"),
            ],
            deviceClass: .phone,
            vendor: "Google",
            operatingSystem: "Android"
        ),
        Device(
            name: "camera's address, television's words",
            address: "ac:cc:8e:01:02:03",
            signals: [
                Signal(.ssdpType, "urn:lge-com:service:webos-second-screen:1"), Signal(.dhcpHostname, "LGwebOSTV"),
            ],
            deviceClass: .tv,
            vendor: "LG"
        ),
    ]

    @Test("Named as they should be", arguments: devices.indices)
    func identity(_ index: Int) throws {
        let device = Self.devices[index]
        let knowledge = try Rules.knowledge()
        let address = try #require(MACAddress(ByteString(utf8: device.address)))
        var tracker = IdentityTracker(device: DeviceKey(address), knowledge: knowledge)
        for signal in device.signals { tracker.add(signal, knowledge: knowledge) }
        let identity = tracker.identity
        #expect(identity.deviceClass == device.deviceClass, "\(device.name): \(identity)")
        #expect(identity.vendor?.text == device.vendor, "\(device.name): \(identity)")
        #expect(identity.model?.text == device.model, "\(device.name): \(identity)")
        if let system = device.operatingSystem { #expect(identity.operatingSystem?.text == system, "\(device.name)") }
    }

    @Test("The contradiction is listed and costs confidence")
    func contradiction() throws {
        let knowledge = try Rules.knowledge()
        let key = DeviceKey(MACAddress(rawValue: 0xACCC_8E01_0203))
        var alone = IdentityTracker()
        var contradicted = IdentityTracker(device: key, knowledge: knowledge)
        let signal = Signal(.ssdpType, "urn:lge-com:service:webos-second-screen:1")
        alone.add(signal, knowledge: knowledge)
        contradicted.add(signal, knowledge: knowledge)
        #expect(contradicted.identity.vendorConfidence < alone.identity.vendorConfidence)
        #expect(contradicted.identity.contradictions.contains { $0.vendor == "Axis" })
    }
}
