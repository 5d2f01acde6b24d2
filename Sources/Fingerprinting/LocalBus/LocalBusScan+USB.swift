import NetworkTypes

extension LocalBusScan {
    private static let usbDevices: ByteString = "/sys/bus/usb/devices"
    /// bDeviceClass of hubs (USB 2.0 §11.23.1).
    private static let hubClass: ByteString = "09"

    /// USB devices with their interfaces.
    mutating func readUSB(_ tree: any SysfsTree) {
        let paths = paths(tree, LocalBusScan.usbDevices)
        for path in paths where path.lastPathComponent.isUSBPort {
            if let place = tree.resolve(path) { readDevice(tree, path, place) }
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
            for interface in descriptors.interfaces { attach(.usbInterface, interface, to: index) }
            for terminal in descriptors.audioTerminals { attach(.usbAudioTerminal, terminal, to: index) }
        }
    }

    private mutating func readDevice(_ tree: any SysfsTree, _ path: ByteString, _ place: ByteString) {
        guard let vendor = tree.attribute(path, "idVendor"), let product = tree.attribute(path, "idProduct"),
            vendor.count == 4, product.count == 4, tree.attribute(path, "bDeviceClass") != LocalBusScan.hubClass
        else { return }
        let identifier = ("\(vendor):\(product)" as ByteString).lowercasedASCII
        let port = path.lastPathComponent
        let serial = (tree.attribute(path, "serial") ?? "").asPartOfKey(except: 0x40)
        guard let key = DeviceKey("usb:\(identifier):\(serial)@\(port)") else { return }
        var device = LocalDevice(key: key, signals: [Signal(.usbID, identifier)])
        device.usbPort = port
        device.isAuthorised = tree.attribute(path, "authorized") != "0"
        guard add(device, at: place) else { return }
        let index = devices.count - 1
        attach(.usbManufacturer, tree.attribute(path, "manufacturer"), to: index)
        attach(.usbProduct, tree.attribute(path, "product"), to: index)
    }

    private mutating func readInterface(_ tree: any SysfsTree, _ path: ByteString, of index: Int) {
        guard let number = tree.attribute(path, "bInterfaceClass"),
            let subclass = tree.attribute(path, "bInterfaceSubClass"),
            let transfer = tree.attribute(path, "bInterfaceProtocol")
        else { return }
        attach(.usbInterface, ("\(number)/\(subclass)/\(transfer)" as ByteString).lowercasedASCII, to: index)
        attach(.usbInterfaceName, tree.attribute(path, "interface"), to: index)
        attach(.usbDriver, tree.target(path, "driver"), to: index)
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
