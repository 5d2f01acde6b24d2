import Foundation

/// Devices that `umockdev-record` wrote down (the format is described in umockdev's README): `P:` begins a device, `E:` is a
/// property, `A:` an attribute, `H:` one in hexadecimal, `L:` a link.
public struct UmockdevRecording: Sendable {
    /// One folder of sysfs.
    public struct Device: Sendable {
        /// `/sys/devices/…`
        public let path: String
        /// Where the kernel lists it: `/sys/bus/usb/devices/1-1`, `/sys/class/input/input5`.
        public internal(set) var listed = ""
        /// Attributes by name.
        public internal(set) var attributes: [String: [UInt8]] = [:]
        /// Links by name, relative to the folder.
        public internal(set) var links: [String: String] = [:]
    }

    /// What is a bus; every other subsystem is a class.
    private static let buses: Set<String> = [
        "usb", "hid", "spi", "i2c", "iio", "serial", "serio", "w1", "pci", "platform", "serial-base",
    ]

    /// In the order of the recording.
    public let devices: [Device]

    /// Reads a recording.
    public init(_ text: String) {
        var devices: [Device] = []
        for line in text.split(separator: "\n") {
            let rest = line.dropFirst(3)
            if line.hasPrefix("P: ") {
                devices.append(Device(path: "/sys" + rest))
                continue
            }
            guard !devices.isEmpty else { continue }
            let last = devices.count - 1
            let name = String(rest.prefix { $0 != "=" })
            let value = String(rest.dropFirst(name.count + 1))
            switch line.prefix(3) {
            case "A: ": devices[last].attributes[name] = Array(value.replacingOccurrences(of: "\\n", with: "\n").utf8)
            case "H: ":
                let digits = Array(value)
                devices[last].attributes[name] = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
                    UInt8(String(digits[$0...($0 + 1)]), radix: 16)
                }
            case "L: ": devices[last].links[name] = value
            case "E: " where name == "SUBSYSTEM":
                let kind = Self.buses.contains(value) ? "bus/\(value)/devices" : "class/\(value)"
                devices[last].listed = "/sys/\(kind)/\((devices[last].path as NSString).lastPathComponent)"
            default: break
            }
        }
        self.devices = devices
    }

    /// Makes the tree below a folder. Links lead where they led; what they lead to may not have been recorded, but the
    /// folders of drivers are made.
    public func layOut(below root: URL) throws {
        let manager = FileManager.default
        func make(_ path: String) throws -> URL {
            let folder = root.appending(path: path)
            try manager.createDirectory(at: folder, withIntermediateDirectories: true)
            return folder
        }
        for device in devices {
            let folder = try make(device.path)
            for (name, bytes) in device.attributes {
                let file = folder.appending(path: name)
                try manager.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(bytes).write(to: file)
            }
            for (name, target) in device.links {
                let link = folder.appending(path: name)
                try manager.createSymbolicLink(atPath: link.path, withDestinationPath: target)
                if name == "driver" {
                    _ = try make(
                        ((device.path as NSString).appendingPathComponent(target) as NSString).standardizingPath
                    )
                }
            }
            guard !device.listed.isEmpty else { continue }
            _ = try make((device.listed as NSString).deletingLastPathComponent)
            try manager.createSymbolicLink(
                atPath: root.appending(path: device.listed).path,
                withDestinationPath: device.path
            )
        }
    }
}
