/// What a descriptor in the event loop belongs to. Connections that come and go have tokens from `firstConnection` on.
enum Token {
    static let timer: UInt64 = 1
    static let signals: UInt64 = 2
    static let packetLog: UInt64 = 3
    static let rulesetMonitor: UInt64 = 4
    static let uplink: UInt64 = 5
    static let control: UInt64 = 6
    static let localBuses: UInt64 = 7
    /// The connection that proves a renewed certificate.
    static let candidate: UInt64 = 8
    static let resolution: UInt64 = 9
    /// UDP and TCP listeners of DNS: v4, v6, v4, v6.
    static let dnsUDP: UInt64 = 10
    static let dnsTCP: UInt64 = 12
    static let bluetooth: UInt64 = 14
    static let connections: UInt64 = 15
    static let network: UInt64 = 16
    /// Who asks the control socket.
    static let firstControlClient: UInt64 = 17
    static let lastControlClient: UInt64 = 24
    /// One a device interface.
    static let firstCapture: UInt64 = 32
    static let lastCapture: UInt64 = 63
    /// One an exchange with a device that is under way.
    static let firstProbe: UInt64 = 64
    static let lastProbe: UInt64 = 95
    /// One a device interface: its handshakes.
    static let firstHandshakes: UInt64 = 96
    static let lastHandshakes: UInt64 = 127
    /// One a connection that a policy on trial must be able to open (`PolicyTrial.maximumTargets`).
    static let firstReach: UInt64 = 128
    static let lastReach: UInt64 = 160
    /// The stream of each upstream of DNS.
    static let firstUpstream: UInt64 = 176
    static let lastUpstream: UInt64 = 183
    /// Listeners of the page that says why a name was refused: v4, v6.
    static let noticeTCP: UInt64 = 184
    /// One a connection to it.
    static let firstNotice: UInt64 = 192
    static let lastNotice: UInt64 = 223
    /// DNS upstream and DNS TCP connections.
    static let firstConnection: UInt64 = 1000
}
