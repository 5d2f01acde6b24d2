internal import NetworkTypes

/// Finds the devices on the local buses of a sysfs tree: USB, V4L2, I2C, SPI, 1-Wire, IIO, serial lines, and what input
/// devices there are beside them.
///
/// What lies below a device in the tree is a part of it: a camera on USB is one device with its V4L2 nodes, a modem one
/// with its network interface and its serial ports, a chip on I2C one with its IIO and hwmon folders. Hubs and root hubs
/// are no devices, nor is what the gateway is made of: its network interfaces, its serial ports, its thermal zones.
///
/// A tree that lies costs time and memory within `SysfsLimits` only.
public struct LocalBusScan: Sendable {
    /// The devices, in the order of their keys.
    public private(set) var devices: [LocalDevice] = []
    /// How many devices `SysfsLimits.devices` turned away.
    public private(set) var turnedAway: UInt64 = 0
    /// Index into `devices` by the real path of the device's folder.
    private var places: HashTable<ByteString, Int> = HashTable()

    /// Reads the tree. What others may be a part of comes first.
    public init(_ tree: any SysfsTree) {
        readUSB(tree)
        read(tree, "/sys/bus/i2c/devices", "name", .i2cName)
        read(tree, "/sys/bus/spi/devices", "modalias", .spiDevice)
        read(tree, "/sys/bus/serial/devices", "modalias", .serialDevice)
        read(tree, "/sys/bus/w1/devices", "", .oneWireFamily)
        read(tree, "/sys/bus/hid/devices", "report_descriptor", .hidUsage)
        read(tree, "/sys/bus/iio/devices", "name", .iioName)
        read(tree, "/sys/class/hwmon", "name", .hwmonName)
        read(tree, "/sys/class/video4linux", "name", .v4l2Name)
        read(tree, "/sys/class/input", "name", .inputName)
        read(tree, "/sys/class/net", "uevent", .networkType)
        read(tree, "/dev/serial/by-id", "", .serialID)
        devices = devices.ordered { $0.key < $1.key }
    }

    /// The paths of what is in a folder, as many as are looked at.
    func paths(_ tree: any SysfsTree, _ directory: ByteString) -> [ByteString] {
        var paths: [ByteString] = []
        for name in tree.entries(of: directory).ordered().prefix(SysfsLimits.entries) {
            paths.append(directory.appending(path: name))
        }
        return paths
    }

    /// Adds a device whose folder is at a real path; false where it is there already, or one too many.
    @discardableResult
    mutating func add(_ device: LocalDevice, at path: ByteString) -> Bool {
        for known in devices where known.key == device.key { return false }
        guard devices.count < SysfsLimits.devices else {
            turnedAway += 1
            return false
        }
        places[path] = devices.count
        devices.append(device)
        return true
    }

    /// The device that a real path lies in, itself included.
    func owner(of path: ByteString) -> Int? {
        var path = path
        while !path.isEmpty {
            if let index = places[path] { return index }
            path = path.parentPath
        }
        return nil
    }

    /// Adds to what is known of a device.
    mutating func attach(_ kind: SignalKind, _ value: ByteString?, to index: Int) {
        guard let value, devices[index].signals.count < SysfsLimits.signals else { return }
        let signal = Signal(kind, value)
        if !devices[index].signals.contains(signal) { devices[index].signals.append(signal) }
    }

    /// The device at a USB port.
    func device(at port: ByteString) -> Int? { devices.firstIndex { $0.usbPort == port } }
}
