import Fingerprinting
import NetworkTypes

/// A sysfs that the lines of the input describe, whatever the folder above: `FOLDER/ENTRY`, `FILE=CONTENTS`, `LINK>PATH`.
final class SysfsText: SysfsTree {
    /// A camera on USB with one interface, its descriptors and its video node; a sensor on I2C; a keyboard's reports.
    static let sample = """
        devices/1-1
        devices/1-1:1.0
        1-1>/sys/devices/usb1/1-1
        1-1:1.0>/sys/devices/usb1/1-1/1-1:1.0
        idVendor=046d
        idProduct=0825
        bDeviceClass=00
        serial=serial 7
        manufacturer=Logitech
        product=C270
        descriptors=\u{9}\u{4}\u{0}\u{0}\u{1}\u{E}\u{1}\u{0}\u{0}
        bInterfaceClass=0e
        bInterfaceSubClass=01
        bInterfaceProtocol=00
        video4linux/video0
        video0>/sys/devices/usb1/1-1/1-1:1.0/video4linux/video0
        name=bme280
        devices/1-0076
        1-0076>/sys/devices/i2c-1/1-0076
        report_descriptor=\u{5}\u{1}\u{9}\u{6}¡\u{1}
        """

    private let lines: [ByteString]

    init(_ bytes: [UInt8]) { lines = ByteString(bytes).split(0x0A) }

    private func values(_ path: ByteString, _ separator: UInt8) -> [ByteString] {
        var prefix = path.split(0x2F).last ?? ""
        prefix.append(byte: separator)
        return lines.filter { $0.hasPrefix(prefix) }.map { ByteString(Array($0.bytes.dropFirst(prefix.count))) }
    }

    func entries(of directory: ByteString) -> [ByteString] { values(directory, 0x2F) }

    func contents(of file: ByteString) -> ByteString? { values(file, 0x3D).first }

    func resolve(_ path: ByteString) -> ByteString? { values(path, 0x3E).first }

    /// The name of the node and nothing but ones.
    func videoCapabilities(of node: ByteString) -> [UInt8]? {
        contents(of: node)?.bytes ?? [UInt8](repeating: 0xFF, count: 104)
    }
}
