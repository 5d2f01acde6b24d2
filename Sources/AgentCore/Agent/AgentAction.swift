public import NetworkTypes
public import WireProtocol

/// What the agent decided; the runtime carries it out in order.
public enum AgentAction: Hashable, Sendable {
    /// Write a report into the spool.
    case report(Report.Severity, Report.Body)
    /// A device is new, has new addresses, or is held by another allowlist.
    case hold(EnforcedDevice)
    /// A device made room for another: its bindings go.
    case letGo(MACAddress)
    /// Put a device into quarantine.
    case quarantine(MACAddress, seconds: UInt64)
    /// Keep the packets that brought a device into quarantine under a name; the bytes are a capture file.
    case keepEvidence(name: ByteString, capture: [UInt8])
    /// Let a device out of quarantine.
    case release(MACAddress)
    /// Have the kernel ask a device whether an address is still its own. Where its answer is seen, that is a sighting.
    case ask(IPAddress, of: MACAddress, interface: ByteString)
    /// Take from the device at a USB port the right to be used, and say with `Agent.deauthorised` what came of it.
    case deauthorise(DeviceKey, port: ByteString)
}
