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
}

/// What is read of a sysfs tree, at most.
public enum SysfsLimits {
    /// Devices of one scan.
    public static let devices = 256
    /// Interfaces of one USB device (bNumInterfaces is one byte; real ones have a handful).
    public static let interfaces = 32
    /// Bytes of a serial number in a device key.
    public static let serialBytes = 64
}
