internal import NetworkTypes

/// Finds the devices on the local buses of a sysfs tree: USB devices and V4L2 nodes. A camera on USB is one device, not
/// two. Hubs and root hubs are no devices in that sense and are left out.
public struct LocalBusScan: Sendable {
    /// The devices, in the order of their keys.
    public private(set) var devices: [LocalDevice] = []
    /// How many devices `SysfsLimits.devices` turned away.
    public private(set) var turnedAway: UInt64 = 0

    private static let usbDevices: ByteString = "/sys/bus/usb/devices"
    private static let videoNodes: ByteString = "/sys/class/video4linux"
    /// bDeviceClass of hubs (USB 2.0 §11.23.1).
    private static let hubClass: ByteString = "09"

    /// Reads the tree.
    public init(_ tree: any SysfsTree) {
        // Index into `devices` for each USB port, `1-1.2`.
        var ports: HashTable<ByteString, Int> = HashTable()
        let names = tree.entries(of: LocalBusScan.usbDevices).ordered()
        for name in names where name.isUSBPort {
            let path = LocalBusScan.usbDevices.appending(path: name)
            guard let device = LocalBusScan.usbDevice(tree, path, port: name, interfaces: names) else { continue }
            guard add(device) else { continue }
            ports[name] = devices.count - 1
        }
        for node in tree.entries(of: LocalBusScan.videoNodes).ordered() {
            let path = LocalBusScan.videoNodes.appending(path: node)
            guard let text = tree.attribute(path, "name") else { continue }
            let signal = Signal(.v4l2Name, text)
            if let port = LocalBusScan.usbPort(of: tree.resolve(path)), let index = ports[port] {
                if !devices[index].signals.contains(signal) { devices[index].signals.append(signal) }
            } else if let key = DeviceKey(ByteString(ByteString("bus:video4linux-").bytes + node.bytes)) {
                _ = add(LocalDevice(key: key, signals: [signal]))
            }
        }
        devices = devices.ordered { $0.key < $1.key }
    }

    private mutating func add(_ device: LocalDevice) -> Bool {
        guard devices.count < SysfsLimits.devices else {
            turnedAway += 1
            return false
        }
        devices.append(device)
        return true
    }

    private static func usbDevice(
        _ tree: any SysfsTree,
        _ path: ByteString,
        port: ByteString,
        interfaces names: [ByteString]
    ) -> LocalDevice? {
        guard let vendor = tree.attribute(path, "idVendor"), let product = tree.attribute(path, "idProduct"),
            vendor.count == 4, product.count == 4, tree.attribute(path, "bDeviceClass") != hubClass
        else { return nil }
        let identifier = ByteString(vendor.bytes + [0x3A] + product.bytes).lowercasedASCII
        var text: ByteString = "usb:"
        text.append(identifier)
        text.append(byte: 0x3A)
        text.append(serial(tree.attribute(path, "serial")))
        text.append(byte: 0x40)
        text.append(port)
        guard let key = DeviceKey(text) else { return nil }
        var signals = [Signal(.usbID, identifier)]
        if let name = tree.attribute(path, "manufacturer") { signals.append(Signal(.usbManufacturer, name)) }
        if let name = tree.attribute(path, "product") { signals.append(Signal(.usbProduct, name)) }
        var prefix = port
        prefix.append(byte: 0x3A)
        var count = 0
        for name in names where name.hasPrefix(prefix) && count < SysfsLimits.interfaces {
            guard let signal = interface(tree, usbDevices.appending(path: name)) else { continue }
            count += 1
            if !signals.contains(signal) { signals.append(signal) }
        }
        return LocalDevice(key: key, signals: signals)
    }

    private static func interface(_ tree: any SysfsTree, _ path: ByteString) -> Signal? {
        guard let number = tree.attribute(path, "bInterfaceClass"),
            let subclass = tree.attribute(path, "bInterfaceSubClass"),
            let transfer = tree.attribute(path, "bInterfaceProtocol")
        else { return nil }
        return Signal(
            .usbInterface,
            ByteString(number.bytes + [0x2F] + subclass.bytes + [0x2F] + transfer.bytes).lowercasedASCII
        )
    }

    /// A serial number as a part of a key: what is not printable, a blank or an `@` becomes `_`; empty where there is
    /// none.
    private static func serial(_ text: ByteString?) -> ByteString {
        guard let text else { return ByteString() }
        return ByteString(
            text.bytes.prefix(SysfsLimits.serialBytes).map { $0 > 0x20 && $0 < 0x7F && $0 != 0x40 ? $0 : 0x5F }
        )
    }

    /// The USB port in the path of a device below it: `1-1` of `/sys/devices/…/usb1/1-1/1-1:1.0/video4linux/video0`.
    private static func usbPort(of path: ByteString?) -> ByteString? {
        guard let path else { return nil }
        return path.split(0x2F).last { $0.isUSBPort }
    }
}

extension SysfsTree {
    /// An attribute without the blanks around it; nil where it is absent or empty.
    fileprivate func attribute(_ directory: ByteString, _ name: ByteString) -> ByteString? {
        guard let text = contents(of: directory.appending(path: name))?.trimmed, !text.isEmpty else { return nil }
        return text
    }
}

extension ByteString {
    fileprivate func appending(path name: ByteString) -> ByteString {
        ByteString(bytes + [0x2F] + name.bytes)
    }

    /// `1-1.2`: bus, dash, ports (Documentation/ABI/testing/sysfs-bus-usb); not `usb1` (a root hub) nor `1-1:1.0` (an
    /// interface).
    fileprivate var isUSBPort: Bool {
        guard let dash = bytes.firstIndex(of: 0x2D), dash > 0, dash < count - 1 else { return false }
        for (index, byte) in bytes.enumerated() where index != dash {
            let isDigit = byte >= 0x30 && byte <= 0x39
            guard isDigit || (byte == 0x2E && index > dash) else { return false }
        }
        return true
    }
}
