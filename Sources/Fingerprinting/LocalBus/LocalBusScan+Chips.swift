import NetworkTypes

extension LocalBusScan {
    /// Chips on I2C, SPI, 1-Wire and at the far end of a serial line that the kernel drives (serdev). They have no
    /// descriptors: what is known is what the device tree, ACPI or a person told the kernel, and on 1-Wire the family.
    mutating func readChips(_ tree: any SysfsTree) {
        for path in paths(tree, "/sys/bus/i2c/devices") {
            let name = path.lastPathComponent
            // `dummy` is a second address of another chip (drivers/i2c/i2c-core-base.c).
            guard !name.isI2CAdapter, let chip = tree.attribute(path, "name"), chip != "dummy" else { continue }
            readChip(tree, path, key: name.hasPrefix("i2c-") ? name : "i2c-\(name)", Signal(.i2cName, chip))
        }
        for path in paths(tree, "/sys/bus/w1/devices") {
            let name = path.lastPathComponent
            guard let family = name.oneWireFamily else { continue }
            readChip(tree, path, key: "w1-\(name)", Signal(.oneWireFamily, family))
        }
        readAliases(tree, "/sys/bus/spi/devices", .spiDevice)
        readAliases(tree, "/sys/bus/serial/devices", .serialDevice)
    }

    private mutating func readAliases(_ tree: any SysfsTree, _ directory: ByteString, _ kind: SignalKind) {
        for path in paths(tree, directory) {
            guard let alias = tree.attribute(path, "modalias") else { continue }
            readChip(tree, path, key: path.lastPathComponent, Signal(kind, alias))
        }
    }

    /// A chip inside a USB device (the tuner of a television stick, a sensor on a bridge) is a part of that device.
    private mutating func readChip(_ tree: any SysfsTree, _ path: ByteString, key: ByteString, _ signal: Signal) {
        guard let place = tree.resolve(path) else { return }
        if let index = owner(of: place) {
            attach(signal, to: index)
        } else {
            add(key: key, at: place, signal)
        }
    }

    /// What the chips measure: Industrial I/O, and hwmon. An IIO device that belongs to no chip of a bus above (a humidity
    /// sensor on a GPIO line, a converter on the board) is a device of its own, named by its parent, for `iio:device0` is
    /// another one after the next boot. A hwmon without a chip is a part of the gateway itself.
    mutating func readMeasurements(_ tree: any SysfsTree) {
        for path in paths(tree, "/sys/bus/iio/devices") where path.lastPathComponent.hasPrefix("iio:device") {
            guard let chip = tree.attribute(path, "name"), let place = tree.resolve(path) else { continue }
            let signal = Signal(.iioName, chip)
            if let index = owner(of: place) {
                attach(signal, to: index)
            } else {
                add(key: "iio-\(place.parentPath.lastPathComponent)", at: place.parentPath, signal)
            }
        }
        for path in paths(tree, "/sys/class/hwmon") {
            guard let place = tree.resolve(path), let index = owner(of: place),
                let chip = tree.attribute(path, "name") ?? tree.attribute(path, "device/name")
            else { continue }
            attach(Signal(.hwmonName, chip), to: index)
        }
    }
}

extension ByteString {
    /// `i2c-1`: an adapter; not `1-0076` nor `i2c-ELAN0001:00` (Documentation/i2c/i2c-sysfs.rst).
    fileprivate var isI2CAdapter: Bool {
        guard hasPrefix("i2c-") else { return false }
        for byte in bytes[4...] where byte < 0x30 || byte > 0x39 { return false }
        return true
    }

    /// `28` of `28-0000075a1b2c`: the family code and the number of a 1-Wire chip (Documentation/w1/w1-generic.rst); nil
    /// for `w1_bus_master1`.
    fileprivate var oneWireFamily: ByteString? {
        guard count == 15, bytes[2] == 0x2D else { return nil }
        for (index, byte) in lowercasedASCII.bytes.enumerated() where index != 2 {
            guard (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66) else { return nil }
        }
        return ByteString(Array(bytes[..<2])).lowercasedASCII
    }
}
