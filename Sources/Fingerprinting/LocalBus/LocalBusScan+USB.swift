import NetworkTypes

extension LocalBusScan {
    private static let usbDevices: ByteString = "/sys/bus/usb/devices"
    /// bDeviceClass of hubs (USB 2.0 §11.23.1).
    private static let hubClass: ByteString = "09"

    /// USB devices with their interfaces.
    mutating func readUSB(_ tree: any SysfsTree) {
        let paths = paths(tree, LocalBusScan.usbDevices)
        for path in paths where path.lastPathComponent.isUSBPort {
            guard let place = tree.resolve(path),
                let device = LocalBusScan.usbDevice(tree, path, port: path.lastPathComponent)
            else { continue }
            add(device, at: place)
        }
        // `1-1.2:1.0`: port, configuration, interface.
        for path in paths {
            let parts = path.lastPathComponent.split(0x3A)
            if parts.count == 2, let index = device(at: parts[0]) { readInterface(tree, path, of: index) }
        }
        for index in devices.indices {
            let path = LocalBusScan.usbDevices.appending(path: devices[index].usbPort)
            guard let bytes = tree.contents(of: path.appending(path: "descriptors"))?.bytes else { continue }
            let descriptors = USBDescriptors(bytes)
            for interface in descriptors.interfaces { attach(Signal(.usbInterface, interface), to: index) }
            for terminal in descriptors.audioTerminals { attach(Signal(.usbAudioTerminal, terminal), to: index) }
        }
    }

    private static func usbDevice(_ tree: any SysfsTree, _ path: ByteString, port: ByteString) -> LocalDevice? {
        guard let vendor = tree.attribute(path, "idVendor"), let product = tree.attribute(path, "idProduct"),
            vendor.count == 4, product.count == 4, tree.attribute(path, "bDeviceClass") != hubClass
        else { return nil }
        let identifier = ("\(vendor):\(product)" as ByteString).lowercasedASCII
        let serial = (tree.attribute(path, "serial") ?? "").asPartOfKey(except: 0x40)
        guard let key = DeviceKey("usb:\(identifier):\(serial)@\(port)") else { return nil }
        var device = LocalDevice(key: key, signals: [Signal(.usbID, identifier)])
        if let name = tree.attribute(path, "manufacturer") { device.signals.append(Signal(.usbManufacturer, name)) }
        if let name = tree.attribute(path, "product") { device.signals.append(Signal(.usbProduct, name)) }
        device.usbPort = port
        device.isAuthorised = tree.attribute(path, "authorized") != "0"
        return device
    }

    private mutating func readInterface(_ tree: any SysfsTree, _ path: ByteString, of index: Int) {
        guard let number = tree.attribute(path, "bInterfaceClass"),
            let subclass = tree.attribute(path, "bInterfaceSubClass"),
            let transfer = tree.attribute(path, "bInterfaceProtocol")
        else { return }
        attach(Signal(.usbInterface, ("\(number)/\(subclass)/\(transfer)" as ByteString).lowercasedASCII), to: index)
        if let name = tree.attribute(path, "interface") { attach(Signal(.usbInterfaceName, name), to: index) }
        if let driver = tree.target(path, "driver") { attach(Signal(.usbDriver, driver), to: index) }
    }
}

extension ByteString {
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
