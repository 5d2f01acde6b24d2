import NetworkTypes

extension LocalBusScan {
    /// Reads one attribute (where it is empty, the name) of all that a bus or a class lists: it says something of the
    /// device that it lies in, or is a device itself.
    mutating func read(_ tree: any SysfsTree, _ directory: ByteString, _ attribute: ByteString, _ kind: SignalKind) {
        for path in paths(tree, directory) {
            let name = path.lastPathComponent
            guard var place = tree.resolve(path) else { continue }
            if kind == .hidUsage {
                guard let index = owner(of: place),
                    let bytes = tree.contents(of: path.appending(path: attribute))?.bytes
                else { continue }
                for usage in HIDReportDescriptor(bytes).usages { attach(kind, usage, to: index) }
                continue
            }
            guard
                let value = LocalBusScan.value(kind, name, attribute.isEmpty ? name : tree.attribute(path, attribute))
            else { continue }
            if kind == .serialID {
                // The link leads to a node of /dev, whose namesake is the port.
                guard let port = tree.resolve("/sys/class/tty/\(place.lastPathComponent)") else { continue }
                place = port
            }
            var use: ByteString?
            if kind == .v4l2Name, let answer = tree.videoCapabilities(of: name) { use = VideoCapabilities.use(answer) }
            if owner(of: place) == nil {
                var key: ByteString
                switch kind {
                case .i2cName: key = name.hasPrefix("i2c-") ? name : "i2c-\(name)"
                case .spiDevice, .serialDevice: key = name
                case .oneWireFamily: key = "w1-\(name)"
                // `iio:device0` is another one after the next boot; its parent is not.
                case .iioName:
                    place = place.parentPath
                    key = "iio-\(place.lastPathComponent)"
                case .v4l2Name:
                    // A codec or a display is no device of its own.
                    if let use, use != "capture" { continue }
                    key = "video4linux-\(name)"
                case .inputName:
                    guard let home = LocalBusScan.inputKey(tree, path, &place) else { continue }
                    key = home
                default: continue
                }
                key = "bus:\(key.asPartOfKey(except: 0x22))"
                if let key = DeviceKey(key) { add(LocalDevice(key: key, signals: []), at: place) }
            }
            guard let index = owner(of: place) else { continue }
            attach(kind, value, to: index)
            attach(.v4l2Capability, use, to: index)
        }
    }

    /// What an attribute says; nil for what is passed over.
    private static func value(_ kind: SignalKind, _ name: ByteString, _ text: ByteString?) -> ByteString? {
        guard let text else { return kind == .networkType ? "ethernet" : nil }
        switch kind {
        // An adapter is no chip; `dummy` is a second address of another one (drivers/i2c/i2c-core-base.c).
        case .i2cName: return name.isI2CAdapter || text == "dummy" ? nil : text
        case .oneWireFamily: return name.oneWireFamily
        case .iioName: return name.hasPrefix("iio:device") ? text : nil
        case .inputName: return name.hasPrefix("input") ? text : nil
        // `wwan`, `wlan`; plain Ethernet has none (Documentation/ABI/testing/sysfs-class-net).
        case .networkType:
            for line in text.split(0x0A) where line.hasPrefix("DEVTYPE=") {
                return ByteString(Array(line.bytes.dropFirst(8)))
            }
            return "ethernet"
        default: return text
        }
    }

    /// The key of an input device that is a part of no other: one on a PS/2 port, whose folder becomes `place`, or on
    /// Bluetooth. The buttons of the gateway's case are none.
    private static func inputKey(_ tree: any SysfsTree, _ path: ByteString, _ place: inout ByteString) -> ByteString? {
        var port = place
        while !port.isEmpty {
            if port.lastPathComponent.hasPrefix("serio") {
                place = port
                return port.lastPathComponent
            }
            port = port.parentPath
        }
        // BUS_BLUETOOTH of linux/input.h; `uniq` is the device's address.
        guard tree.attribute(path, "id/bustype") == "0005", let address = tree.attribute(path, "uniq") else {
            return nil
        }
        return "bluetooth-\(address.lowercasedASCII)"
    }
}

extension ByteString {
    /// `i2c-1`: an adapter; not `1-0076` nor `i2c-ELAN0001:00` (Documentation/i2c/i2c-sysfs.rst).
    fileprivate var isI2CAdapter: Bool {
        hasPrefix("i2c-") && Decimal.parse(ByteString(Array(bytes.dropFirst(4)))) != nil
    }

    /// `28` of `28-0000075a1b2c`: the family code and the number of a 1-Wire chip (Documentation/w1/w1-generic.rst); nil
    /// for `w1_bus_master1`.
    fileprivate var oneWireFamily: ByteString? {
        let parts = split(0x2D)
        guard count == 15, parts.count == 2, parts[0].count == 2, Hexadecimal.decode(parts[0]) != nil,
            Hexadecimal.decode(parts[1]) != nil
        else { return nil }
        return parts[0].lowercasedASCII
    }
}
