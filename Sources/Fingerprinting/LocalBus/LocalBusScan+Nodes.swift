import NetworkTypes

extension LocalBusScan {
    /// V4L2 nodes. Where the driver says what a node is for, one that brings no pictures in (a codec, a display) is no
    /// device of its own.
    mutating func readVideo(_ tree: any SysfsTree) {
        for path in paths(tree, "/sys/class/video4linux") {
            let node = path.lastPathComponent
            guard let text = tree.attribute(path, "name"), let place = tree.resolve(path) else { continue }
            let capabilities = tree.videoCapabilities(of: node).flatMap { VideoCapabilities($0) }
            if owner(of: place) == nil {
                if let capabilities, !capabilities.isCapture { continue }
                add(key: "video4linux-\(node)", at: place, Signal(.v4l2Name, text))
            }
            guard let index = owner(of: place) else { continue }
            attach(Signal(.v4l2Name, text), to: index)
            for name in capabilities?.names ?? [] { attach(Signal(.v4l2Capability, name), to: index) }
        }
    }

    /// What people work with: the usages of HID devices, and the names of input devices. One on a PS/2 port or on
    /// Bluetooth is a device of its own; the buttons of the gateway's case are not.
    mutating func readHumanInterfaces(_ tree: any SysfsTree) {
        for path in paths(tree, "/sys/bus/hid/devices") {
            guard let place = tree.resolve(path), let index = owner(of: place),
                let bytes = tree.contents(of: path.appending(path: "report_descriptor"))?.bytes
            else { continue }
            for usage in HIDReportDescriptor(bytes).usages { attach(Signal(.hidUsage, usage), to: index) }
        }
        for path in paths(tree, "/sys/class/input") where path.lastPathComponent.hasPrefix("input") {
            guard let text = tree.attribute(path, "name"), let place = tree.resolve(path) else { continue }
            let signal = Signal(.inputName, text)
            if let index = owner(of: place) {
                attach(signal, to: index)
            } else if let port = LocalBusScan.serioPort(place) {
                add(key: port.lastPathComponent, at: port, signal)
            } else if tree.attribute(path, "id/bustype") == "0005", let address = tree.attribute(path, "uniq") {
                // BUS_BLUETOOTH of linux/input.h; `uniq` is the device's address.
                add(key: "bluetooth-\(address.lowercasedASCII)", at: place, signal)
            }
        }
    }

    /// The PS/2 port in a path: `…/i8042/serio1`.
    private static func serioPort(_ path: ByteString) -> ByteString? {
        var path = path
        while !path.isEmpty {
            if path.lastPathComponent.hasPrefix("serio") { return path }
            path = path.parentPath
        }
        return nil
    }

    /// Network interfaces and serial ports that are parts of USB devices: a modem, an adapter. `/dev/serial/by-id` names
    /// a serial port by what hangs on it (60-serial.rules of udev).
    mutating func readLines(_ tree: any SysfsTree) {
        for path in paths(tree, "/sys/class/net") {
            guard let place = tree.resolve(path), let index = owner(of: place) else { continue }
            let type = LocalBusScan.networkType(tree.attribute(path, "uevent"))
            attach(Signal(.networkType, type), to: index)
        }
        for path in paths(tree, "/dev/serial/by-id") {
            guard let port = tree.resolve(path)?.lastPathComponent,
                let place = tree.resolve("/sys/class/tty/\(port)"), let index = owner(of: place)
            else { continue }
            attach(Signal(.serialID, path.lastPathComponent), to: index)
        }
    }

    /// DEVTYPE of a network interface: `wwan`, `wlan`; plain Ethernet has none (Documentation/ABI/testing/sysfs-class-net).
    private static func networkType(_ uevent: ByteString?) -> ByteString {
        for line in uevent?.split(0x0A) ?? [] where line.hasPrefix("DEVTYPE=") {
            return ByteString(Array(line.bytes.dropFirst(8)))
        }
        return "ethernet"
    }
}
