public import Fingerprinting
public import NetworkTypes
public import SystemIO

/// The sysfs of this host, or a tree like it below another root.
extension SysfsRoot: SysfsTree {
    /// No driver is asked yet.
    public func videoCapabilities(of node: ByteString) -> [UInt8]? { nil }
}
