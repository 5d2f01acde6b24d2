import AgentCore
import Fingerprinting
import NetworkTypes
import WireProtocol

/// What the agent remembers of devices across a restart: a DHCP lease may not be renewed for days, and a device that is
/// forgotten until then would fall to the policy for unknown ones.
///
/// An array of encoded device reports; the evidence in them is learned again from the signals, so that newer knowledge
/// applies at once.
enum DeviceMemory {
    /// Most devices kept.
    static let maximumDevices = DeviceRegistry.maximumDevices

    static func encode(_ registry: DeviceRegistry) -> [UInt8] {
        let devices = Array(registry.devices.values).ordered { $0.key < $1.key }.prefix(maximumDevices)
        var encoder = CBOREncoder()
        encoder.array(count: devices.count)
        for device in devices { encoder.append(encoded: DeviceReport(device).encoded()) }
        return encoder.encoded
    }

    static func decode(_ bytes: [UInt8]) throws(DecodeError) -> [DeviceReport] {
        var reader = ByteReader(bytes.span)
        var reports: [DeviceReport] = []
        for _ in 0..<(try reader.readCBORArray(limit: maximumDevices)) {
            reports.append(try DeviceReport(parsing: &reader))
        }
        try reader.expectEnd()
        return reports
    }
}
