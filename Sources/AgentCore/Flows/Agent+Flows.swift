import Fingerprinting
public import NetworkTypes
public import PacketParsing
public import WireProtocol

extension Agent {
    /// A device opened a connection that the kernel let pass, or where `isNew` is false has one open.
    ///
    /// `name` counts where no answer was seen that told the device the address: what the agent's own resolver remembers.
    public mutating func take(_ flow: OpenedFlow, name: DomainName?, place: FlowPlace, isNew: Bool, now: AgentTime) {
        guard registry[DeviceKey(flow.device)] != nil, let direction = place.direction(of: flow) else { return }
        let known = answeredNames.name(device: flow.device, address: flow.destination) ?? name
        let key = FlowKey(flow, name: known, direction: direction)
        flows.note(key, address: flow.destination, isNew: isNew, wallMilliseconds: now.wallMilliseconds)
    }

    /// A resolver's answer was on its way to a device.
    public mutating func take(_ answer: DNSMessage, to device: MACAddress) { answeredNames.note(answer, to: device) }

    /// The agent's own resolver tells a device the addresses of a name.
    public mutating func take(_ addresses: [IPAddress], of name: DomainName, to device: MACAddress) {
        answeredNames.note(addresses, of: name, to: device)
    }

    /// What an earlier run had recorded; of devices that are no longer known nothing is taken.
    public mutating func restore(_ table: FlowTable) {
        for (key, record) in table.flows where registry[DeviceKey(key.device)] != nil { flows.restore(key, record) }
    }

    /// What the collector has not heard of them, or not lately. nil where there is nothing to tell.
    public mutating func takeFlowReport(now: AgentTime) -> FlowReport? {
        flows.takeReport(wallMilliseconds: now.wallMilliseconds)
    }

    /// The flows as text: one JSON object a line, or fields with tabs between them. By device, then destination and service.
    public func flowLines(asJSON: Bool) -> ByteString {
        var lines = ByteString()
        let order = SortOrder.indices(count: flows.flows.count) { left, right in
            let (one, other) = (flows.flows.keys[left], flows.flows.keys[right])
            if one.device != other.device { return one.device.rawValue < other.device.rawValue }
            if one.destination != other.destination { return one.destination < other.destination }
            return (one.transport.rawValue, one.port) < (other.transport.rawValue, other.port)
        }
        for index in order {
            let key = flows.flows.keys[index]
            guard let device = registry[DeviceKey(key.device)] else { continue }
            let record = flows.flows.values[index]
            lines.append(asJSON ? json(key, record, device) : words(key, record, device))
            lines.append(byte: 0x0A)
        }
        return lines
    }

    private func json(_ key: FlowKey, _ record: FlowRecord, _ device: RegisteredDevice) -> ByteString {
        let identity = device.tracker.identity
        var json = JSONText()
        json.open(0x7B)
        json.member("device", device.key.byteString)
        json.member("site", settings.site.isEmpty ? nil : settings.site)
        json.member("class", identity.deviceClass.name)
        json.member("vendor", identity.vendor)
        json.member("model", identity.model)
        json.name("confidence")
        json.open(0x7B)
        json.member("class", perMille: identity.classConfidence)
        json.member("vendor", perMille: identity.vendorConfidence)
        json.member("model", perMille: identity.modelConfidence)
        json.close(0x7D)
        json.member("direction", ByteString(stringLiteral: key.direction.name))
        json.member("destination", key.destination)
        json.member("address", record.address.byteString)
        json.member("transport", key.transport.byteString)
        json.member("port", number: UInt64(key.port))
        json.member("count", number: record.count)
        json.member("first", number: record.firstMilliseconds)
        json.member("last", number: record.lastMilliseconds)
        json.close(0x7D)
        return json.text
    }

    private func words(_ key: FlowKey, _ record: FlowRecord, _ device: RegisteredDevice) -> ByteString {
        let identity = device.tracker.identity
        var line = ByteString()
        func add(_ field: ByteString) {
            if !line.isEmpty { line.append(byte: 0x09) }
            for byte in field.bytes { line.append(byte: byte < 0x20 || byte == 0x7F ? 0x3F : byte) }
        }
        add(device.key.byteString)
        add(identity.deviceClass.name)
        add(identity.vendor ?? "-")
        add(identity.model ?? "-")
        add(ByteString(stringLiteral: key.direction.name))
        add(key.destination)
        add("\(key.port)/\(key.transport.byteString)")
        for number in [record.count, record.firstMilliseconds, record.lastMilliseconds] { add("\(number)") }
        return line
    }
}
