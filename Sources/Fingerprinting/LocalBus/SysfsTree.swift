public import NetworkTypes

/// A tree of files as the kernel shows it under /sys, so that the same code reads the real one, one below another root,
/// and one that a test makes up. Paths are absolute, from the root that stands for `/`.
public protocol SysfsTree: AnyObject {
    /// Names in a directory, without `.` and `..`, in any order; empty where it is none or cannot be read.
    func entries(of directory: ByteString) -> [ByteString]
    /// What a file holds, at most a page of it (Documentation/filesystems/sysfs.rst), or nil where it cannot be read.
    func contents(of file: ByteString) -> ByteString?
    /// The path without symbolic links that a path stands for, or nil where it does not exist.
    func resolve(_ path: ByteString) -> ByteString?
    /// The `struct v4l2_capability` with which the driver of `/dev/NODE` answers VIDIOC_QUERYCAP, or nil where it cannot
    /// be asked.
    func videoCapabilities(of node: ByteString) -> [UInt8]?
}

extension SysfsTree {
    /// An attribute without the blanks around it; nil where it is absent or empty.
    func attribute(_ directory: ByteString, _ name: ByteString) -> ByteString? {
        guard let text = contents(of: directory.appending(path: name))?.trimmed, !text.isEmpty else { return nil }
        return text
    }

    /// The last part of the path that a link leads to: the name of a driver; nil where there is no such link.
    func target(_ directory: ByteString, _ link: ByteString) -> ByteString? {
        let path = directory.appending(path: link)
        guard let target = resolve(path)?.lastPathComponent, target != link else { return nil }
        return target
    }
}

/// What is read of a sysfs tree, at most.
public enum SysfsLimits {
    /// Devices of one scan.
    public static let devices = 256
    /// Names looked at in one folder, the first in byte order.
    public static let entries = 1024
    /// Interfaces of one USB device (bNumInterfaces is one byte; real ones have a handful).
    public static let interfaces = 32
    /// Signals of one device.
    public static let signals = 64
    /// Bytes of a serial number, or of the name of a chip, in a device key.
    public static let keyPartBytes = 64
    /// Usages of one HID device.
    public static let usages = 8
}

extension ByteString {
    /// `self/name`
    func appending(path name: ByteString) -> ByteString { "\(self)/\(name)" }

    /// As a part of a `DeviceKey`: what is not printable, a blank, a quotation mark, a backslash or `separator` becomes
    /// `_`.
    func asPartOfKey(except separator: UInt8) -> ByteString {
        var part = ByteString()
        for byte in bytes.prefix(SysfsLimits.keyPartBytes) {
            let isPlain = byte > 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x5C && byte != separator
            part.append(byte: isPlain ? byte : 0x5F)
        }
        return part
    }

    /// What is behind the last `/`.
    var lastPathComponent: ByteString {
        guard let slash = bytes.lastIndex(of: 0x2F) else { return self }
        return ByteString(Array(bytes[(slash + 1)...]))
    }

    /// What is before the last `/`; empty where there is none.
    var parentPath: ByteString {
        guard let slash = bytes.lastIndex(of: 0x2F) else { return "" }
        return ByteString(Array(bytes[..<slash]))
    }
}
