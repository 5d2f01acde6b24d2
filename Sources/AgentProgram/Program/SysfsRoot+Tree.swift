public import Fingerprinting
public import SystemIO

/// The sysfs of this host, or a tree like it below another root.
extension SysfsRoot: SysfsTree {}
