public import NetworkTypes

/// One question that is to be put now. Everything the edge needs; it decides nothing.
public final class ProbeExchange: Sendable {
    /// The device that is asked.
    public let device: DeviceKey
    /// Which question.
    public let step: ProbeStep
    /// The interface it goes out by.
    public let interface: ByteString
    /// The device's own address on that link.
    public let address: IPAddress
    /// Where to.
    public let port: UInt16
    /// What to send; nothing where the device speaks first.
    public let request: [UInt8]
    /// Most bytes to read.
    public let answerLimit: Int

    init(
        device: RegisteredDevice,
        step: ProbeStep,
        address: IPAddress,
        port: UInt16,
        request: [UInt8],
        answerLimit: Int
    ) {
        self.device = device.key
        self.step = step
        interface = device.interface
        self.address = address
        self.port = port
        self.request = request
        self.answerLimit = answerLimit
    }
}

/// How an exchange ended, as the sockets saw it.
public struct ProbeResult: Sendable {
    /// What happened at last.
    public enum End: UInt8, Sendable {
        /// The other side had no more to say, or enough was read.
        case finished
        /// The time was over.
        case timedOut
        /// Nobody listens.
        case closed
        /// The connection was cut.
        case reset
        /// Anything else: no route, a failed handshake.
        case failed
    }

    /// How it ended.
    public var end: End
    /// What came, a datagram each, or all of a stream in one.
    public var parts: [[UInt8]] = []
    /// The server's certificate in DER; empty for none.
    public var certificate: [UInt8] = []
    /// Bytes sent.
    public var sentBytes: UInt64 = 0
    /// Bytes received.
    public var receivedBytes: UInt64 = 0
    /// Whether more would have come than was read.
    public var isCut = false

    /// An end without any byte.
    public init(_ end: End) { self.end = end }
}

/// A link that devices are on, by what the gateway itself has there.
public struct ProbeLink: Hashable, Sendable {
    /// The interface.
    public let interface: ByteString
    /// The gateway's networks there; devices outside of them are not asked.
    public let networks: [IPPrefix]
    /// The gateway's own addresses.
    public let ownAddresses: [IPAddress]

    /// A link.
    public init(interface: ByteString, networks: [IPPrefix], ownAddresses: [IPAddress]) {
        self.interface = interface
        self.networks = networks
        self.ownAddresses = ownAddresses
    }
}

/// What became of probes; each limit that held something back shows here.
public struct ProbeCounters: Hashable, Sendable {
    /// Exchanges begun.
    public var sent: UInt64 = 0
    /// Bytes sent.
    public var sentBytes: UInt64 = 0
    /// Bytes received.
    public var receivedBytes: UInt64 = 0
    /// Exchanges that brought an answer.
    public var answered: UInt64 = 0
    /// Exchanges by which a device asked to be left alone.
    public var leftAlone: UInt64 = 0
    /// Answers longer than what is read of them.
    public var cut: UInt64 = 0
    /// Locations that devices named and that are not theirs, or not to be asked.
    public var refusedLocations: UInt64 = 0
    /// Times a device's budget of exchanges or bytes was used up.
    public var overBudget: UInt64 = 0
}
