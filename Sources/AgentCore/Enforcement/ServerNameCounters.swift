public import NetworkTypes

/// What became of the server names that devices asked for, on addresses that they reach by a name.
public struct ServerNameCounters: Hashable, Sendable {
    /// Names that a rule allows.
    public internal(set) var allowed: UInt64 = 0
    /// Flows whose name no rule allows, and where names are required also those without one: cut, or in monitor mode
    /// reported.
    public internal(set) var refused: UInt64 = 0
    /// ClientHellos that name no server.
    public internal(set) var absent: UInt64 = 0
    /// Those that could not be read.
    public internal(set) var unread: UInt64 = 0
    /// Times that it was put off to judge live flows again, since they had been a moment before.
    public internal(set) var deferredTurns: UInt64 = 0
    /// Times that a device lost an address, since it had too many cut flows already.
    public internal(set) var closedAddresses: UInt64 = 0

    /// All zero.
    public init() {}

    /// Each by its name in health reports.
    public var named: [(name: ByteString, value: UInt64)] {
        [
            ("serverNames.allowed", allowed), ("serverNames.refused", refused), ("serverNames.absent", absent),
            ("serverNames.unread", unread), ("serverNames.deferredTurns", deferredTurns),
            ("serverNames.closedAddresses", closedAddresses),
        ]
    }
}
