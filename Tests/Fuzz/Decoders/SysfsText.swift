import Fingerprinting
import NetworkTypes

/// A sysfs of which the input says what is where: a path, a blank and what the file holds on each line, or `@` and the path
/// that a link leads to.
final class SysfsText: SysfsTree {
    /// A camera on USB with one interface and its video node, and a chip.
    static let sample = """
        /sys/bus/usb/devices/1-1/idVendor 046d
        /sys/bus/usb/devices/1-1/idProduct 0825
        /sys/bus/usb/devices/1-1/bDeviceClass 00
        /sys/bus/usb/devices/1-1/serial 7
        /sys/bus/usb/devices/1-1/manufacturer Logitech
        /sys/bus/usb/devices/1-1/product C270
        /sys/bus/usb/devices/1-1/1-1:1.0/bInterfaceClass 0e
        /sys/bus/usb/devices/1-1/1-1:1.0/bInterfaceSubClass 01
        /sys/bus/usb/devices/1-1/1-1:1.0/bInterfaceProtocol 00
        /sys/class/video4linux/video0 @/sys/bus/usb/devices/1-1/1-1:1.0/video4linux/video0
        /sys/class/video4linux/video0/name C270
        /sys/bus/i2c/devices/1-0076/name bme280
        """

    private var files: [(path: ByteString, value: ByteString)] = []

    init(_ bytes: [UInt8]) {
        for line in ByteString(bytes).split(0x0A) {
            let words = line.bytes.split(separator: 0x20, maxSplits: 1)
            guard let path = words.first else { continue }
            files.append((ByteString(Array(path)), ByteString(Array(words.count > 1 ? words[1] : []))))
        }
    }

    func entries(of directory: ByteString) -> [ByteString] {
        var names: [ByteString] = []
        for file in files where file.path.hasPrefix(directory) && file.path.count > directory.count + 1 {
            let rest = file.path.bytes.dropFirst(directory.count + 1)
            let name = ByteString(Array(rest.prefix { $0 != 0x2F }))
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    func contents(of file: ByteString) -> ByteString? { files.first { $0.path == file }?.value }

    func resolve(_ path: ByteString) -> ByteString? {
        guard let file = files.first(where: { $0.path.hasPrefix(path) }) else { return nil }
        guard file.path == path, file.value.bytes.first == 0x40 else { return path }
        return ByteString(Array(file.value.bytes.dropFirst()))
    }

    func videoCapabilities(of node: ByteString) -> [UInt8]? { contents(of: node)?.bytes }
}
