import Fingerprinting
import NetworkTypes
public import PacketParsing

extension Agent {
    /// Most Bluetooth devices: whoever is near can invent them, and must not fill the registry for others.
    public static let maximumBluetoothDevices = 128

    /// A Bluetooth device was heard. One that changes its address is none: it would be a new one every few minutes.
    public mutating func take(_ sighting: BluetoothManagementEvent.Sighting, now: AgentTime) -> [AgentAction] {
        guard sighting.isLasting, let key = DeviceKey("bus:bluetooth-\(sighting.address.byteString)") else { return [] }
        if registry[key] == nil {
            var count = 0
            for other in registry.devices.keys where other.byteString.hasPrefix("bus:bluetooth-") { count += 1 }
            guard count < Agent.maximumBluetoothDevices else {
                bluetoothTurnedAwayCount += 1
                return []
            }
        }
        let actions = admit(key, interface: "", now: now)
        var signals: [Signal] = []
        if sighting.isPublic, let signal = knowledge.blockSignal(of: sighting.address) { signals.append(signal) }
        for statement in sighting.advertisement.statements {
            signals.append(Signal(SignalKind(statement.kind), statement.value))
        }
        add(signals, to: key)
        return actions
    }
}
