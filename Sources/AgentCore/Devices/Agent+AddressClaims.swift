public import NetworkTypes
import WireProtocol

/// An address that one device holds and another says is its own. Until it is settled it stays where it is.
struct AddressClaim: Sendable {
    let holder: MACAddress
    let claimant: MACAddress
    /// Monotonic milliseconds until which the holder may answer.
    let dueMilliseconds: UInt64
}

/// What became of addresses that two devices claimed.
public struct AddressClaimCounters: Hashable, Sendable {
    /// Stayed with the device that had them, or with the gateway.
    public internal(set) var refused: UInt64 = 0
    /// Went to the one that claimed them.
    public internal(set) var granted: UInt64 = 0
    /// Beyond `Agent.maximumClaims`, by a third device meanwhile, or where the holder cannot be asked.
    public internal(set) var turnedAway: UInt64 = 0
}

/// To whom an address belongs. Any device can announce any address, or send from it; so who was first is asked, and keeps it
/// if it answers: that is all that binds an address to a device where nobody hands addresses out under control.
extension Agent {
    /// The kernel asks three times, a second apart; a device that sleeps answers late.
    static let claimMilliseconds: UInt64 = 4_000
    /// Most claims at a time; what comes beyond is not granted, and may be claimed again.
    static let maximumClaims = 64
    /// Of one claimant it is told once in so long, with how often it was.
    static let claimQuietMilliseconds: UInt64 = 600_000

    /// Whether a holder is being asked: nobody can say of a packet now that its source is forged.
    public func isContested(_ address: IPAddress) -> Bool { claims[address] != nil }

    /// A device says that an address is its own; whether that is new and true, as far as can be told now.
    mutating func take(
        _ address: IPAddress,
        of device: inout RegisteredDevice,
        now: AgentTime
    ) -> (isNew: Bool, actions: [AgentAction]) {
        guard let claimant = device.key.macAddress else { return (false, []) }
        if device.addresses[address] != nil {
            own(address, &device, wallMilliseconds: now.wallMilliseconds)
            guard let claim = claims[address], claim.holder == claimant else { return (false, []) }
            return (false, settle(address, isHolders: true, now: now))
        }
        if probeLinks.contains(where: { $0.ownAddresses.contains(address) }) {
            return (false, tell(&device, address, "the gateway's own address", now))
        }
        guard let holder = owners[address], let held = registry[DeviceKey(holder)],
            !address.isLinkLocal || held.interface == device.interface
        else {
            own(address, &device, wallMilliseconds: now.wallMilliseconds)
            return (true, [])
        }
        guard claims[address] == nil, claims.count < Agent.maximumClaims else {
            if claims[address]?.claimant != claimant { claimCounters.turnedAway += 1 }
            return (false, [])
        }
        claims[address] = AddressClaim(
            holder: holder,
            claimant: claimant,
            dueMilliseconds: now.monotonicMilliseconds + Agent.claimMilliseconds
        )
        return (false, [.ask(address, of: holder, interface: held.interface)])
    }

    /// The holder of a contested address answered, or did not.
    public mutating func settle(_ address: IPAddress, isHolders: Bool, now: AgentTime) -> [AgentAction] {
        // The holder may have been pushed out or have let go meanwhile, and a third device come to hold it.
        guard let claim = claims.removeValue(forKey: address), owners[address] ?? claim.holder == claim.holder,
            var claimant = registry[DeviceKey(claim.claimant)]
        else { return [] }
        guard !isHolders else {
            let actions = tell(&claimant, address, "which \(claim.holder.byteString) has", now)
            registry[claimant.key] = claimant
            return actions
        }
        var actions: [AgentAction] = []
        if var holder = registry[DeviceKey(claim.holder)] {
            holder.addresses.removeValue(forKey: address)
            holder.isDirty = true
            actions += hold(&holder)
            registry[holder.key] = holder
        }
        claimCounters.granted += 1
        own(address, &claimant, wallMilliseconds: now.wallMilliseconds)
        claimant.isDirty = true
        actions += hold(&claimant)
        registry[claimant.key] = claimant
        return actions
    }

    /// The holder cannot be asked: nothing changes.
    public mutating func dropClaim(to address: IPAddress) {
        if claims.removeValue(forKey: address) != nil { claimCounters.turnedAway += 1 }
    }

    /// The holders that have not answered in time lose what is claimed.
    mutating func settleClaims(now: AgentTime) -> [AgentAction] {
        var actions: [AgentAction] = []
        for (address, claim) in claims where claim.dueMilliseconds <= now.monotonicMilliseconds {
            actions += settle(address, isHolders: false, now: now)
        }
        return actions
    }

    /// The address is the device's from now on.
    mutating func own(_ address: IPAddress, _ device: inout RegisteredDevice, wallMilliseconds: UInt64) {
        if let lost = device.prove(address, wallMilliseconds: wallMilliseconds) { owners.removeValue(forKey: lost) }
        owners[address] = device.key.macAddress
    }

    private mutating func tell(
        _ device: inout RegisteredDevice,
        _ address: IPAddress,
        _ whose: ByteString,
        _ now: AgentTime
    ) -> [AgentAction] {
        claimCounters.refused += 1
        device.refusedClaims += 1
        guard now.monotonicMilliseconds >= device.claimQuietUntilMilliseconds else { return [] }
        device.claimQuietUntilMilliseconds = now.monotonicMilliseconds + Agent.claimQuietMilliseconds
        var incident = IncidentReport()
        incident.kind = "address-conflict"
        incident.device = device.key.byteString
        incident.summary = "claims \(address.byteString), \(whose): it is not let use it"
        incident.count = device.refusedClaims
        device.refusedClaims = 0
        return [.report(.critical, .incident(incident))]
    }
}
