import Fingerprinting
import NetworkTypes
public import WireProtocol

extension DeviceReport {
    /// What the collector is told of a device.
    public init(_ device: RegisteredDevice) {
        self.init()
        let identity = device.tracker.identity
        key = device.key.byteString
        addresses = Array(device.sortedAddresses.prefix(DeviceReport.maximumAddressCount))
        deviceClass = identity.deviceClass.name
        vendor = identity.vendor ?? ""
        model = identity.model ?? ""
        firmware = identity.firmware ?? ""
        operatingSystem = identity.operatingSystem ?? ""
        hostname = identity.hostname ?? ""
        classConfidence = UInt64(identity.classConfidence)
        vendorConfidence = UInt64(identity.vendorConfidence)
        modelConfidence = UInt64(identity.modelConfidence)
        // What was sent to the device is never left out for want of room.
        let probes = device.probes.records
        let room = DeviceReport.maximumEvidenceCount - probes.count
        evidence = identity.evidence.prefix(room).map { EvidenceReport($0) }
        for record in probes { evidence.append(record.evidence) }
        contradictions = identity.contradictions.prefix(DeviceReport.maximumEvidenceCount).map { EvidenceReport($0) }
        policy = device.policy ?? ""
        interface = device.interface
        firstSeenMilliseconds = device.firstSeenMilliseconds
        lastSeenMilliseconds = device.lastSeenMilliseconds
        history = device.history
        isDistrusted = device.isDistrusted
        quarantineCount = device.quarantineCount
        quarantinedAtMilliseconds = device.quarantinedAtMilliseconds
        quarantineMilliseconds = device.lastQuarantineMilliseconds
        isQuarantined = device.quarantinedUntilMilliseconds != nil || device.isDeauthorised
    }
}

extension EvidenceReport {
    /// A signal and what it was taken to say.
    init(_ evidence: Evidence) {
        self.init()
        signal = evidence.signal.kind.name
        value = evidence.signal.value
        weight = UInt64(evidence.weight)
        func say(_ field: ByteString, _ value: ByteString?) {
            guard let value, !value.isEmpty else { return }
            if !says.isEmpty { says.append(byte: 0x20) }
            says.append(field)
            says.append(byte: 0x3D)
            says.append(value)
        }
        say("class", evidence.deviceClass?.name)
        say("vendor", evidence.vendor)
        say("model", evidence.model)
        say("firmware", evidence.firmware)
        say("os", evidence.operatingSystem)
    }
}
