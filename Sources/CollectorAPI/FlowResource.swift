/// Where a device's connections led, in the shape of a line of `gatehouse-agent flows -o json`: what `policy learn` and
/// `policy plan` read.
public struct FlowResource: Codable, Sendable {
    /// The device's key.
    public var device: String
    /// The site of its gateway; nil where that has none.
    public var site: String?
    /// What it is held to be now: `ip-camera`; `unknown`.
    public var `class`: String
    /// Nil where not known.
    public var vendor: String?
    /// Nil where not known.
    public var model: String?
    /// How sure, 0 to 1.
    public var confidence: DeviceResource.Confidence
    /// `internet`, `gateway`, `device`
    public var direction: String
    /// The name the device had asked for, the address where no name is known, or `gateway`.
    public var destination: String
    /// The address that the last connection went to.
    public var address: String
    /// `tcp`, `udp`, `icmp`, `icmpv6`, `gre`, or the number.
    public var transport: String
    /// The server's port; for ICMP the type, 0 for protocols without either.
    public var port: UInt16
    /// Connections.
    public var count: UInt64
    /// When the first was seen, milliseconds since 1970 by the gateway's clock.
    public var first: UInt64
    /// When one was last seen.
    public var last: UInt64

    /// A flow.
    public init(
        of device: DeviceResource,
        direction: String,
        destination: String,
        address: String,
        transport: String,
        port: UInt16,
        count: UInt64,
        first: UInt64,
        last: UInt64
    ) {
        self.device = device.key
        site = device.site.isEmpty ? nil : device.site
        self.class = device.class
        vendor = device.vendor
        model = device.model
        confidence = device.confidence
        self.direction = direction
        self.destination = destination
        self.address = address
        self.transport = transport
        self.port = port
        self.count = count
        self.first = first
        self.last = last
    }
}
