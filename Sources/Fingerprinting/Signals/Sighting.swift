public import NetworkTypes

/// What one frame said of the device that sent it.
public struct Sighting: Hashable, Sendable {
    /// Who sent the frame, by its source address on the local link.
    public let device: MACAddress
    /// The IP address the frame proves the device to hold (ARP sender, IP source), if any.
    public let address: IPAddress?
    /// What it let be seen; empty where the frame proves an address only.
    public let signals: [Signal]

    /// A sighting.
    public init(device: MACAddress, address: IPAddress?, signals: [Signal]) {
        self.device = device
        self.address = address
        self.signals = signals
    }
}
