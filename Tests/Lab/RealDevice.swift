/// A device of `DeviceLab`, by the program that makes it one.
public enum RealDevice: Int, CaseIterable, Sendable {
    /// dhcpcd, and avahi-daemon with the service of a printer.
    case printer
    /// udhcpc, and WS-Discovery by the package WSDiscovery.
    case camera
    /// udhcpc, and minidlna.
    case mediaServer
    /// udhcpc, and net-snmp's agent with the description of a router.
    case router
    /// dhcpcd, and net-snmp's agent as Debian has it.
    case linuxHost
    /// udhcpc, and Modbus/TCP by pymodbus.
    case controller
    /// udhcpc, and BACnet/IP by bacpypes3.
    case buildingController
    /// udhcpc, and CoAP by aiocoap.
    case light
    /// udhcpc, and `mosquitto_pub`.
    case plug
    /// dhcpcd, and the clients that ask all others.
    case workstation
    /// udhcpc with a camera's vendor class, and nothing else.
    case quietCamera

    /// The host's name in the lab; nobody on the bridge hears it.
    public var name: String { "\(self)" }
    /// From 1.
    public var number: Int { rawValue + 1 }
    /// Locally administered: of no maker.
    public var mac: String {
        "02:00:00:00:01:" + (number < 16 ? "0" : "") + String(number, radix: 16)
    }
    /// Its lease.
    public var address: String { "192.168.50.\(100 + number)" }
    /// What it tells the DHCP server.
    public var hostname: String { "unit-\(100 + number)" }
}
