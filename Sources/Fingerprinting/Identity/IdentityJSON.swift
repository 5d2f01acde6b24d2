public import NetworkTypes

extension Identity {
    /// The JSON object of one device, on one line without an end of line: what `gatehouse-agent identify --json` prints.
    ///
    /// A field that is not known is null, the class `unknown`; confidences are decimals from 0 to 1.
    public func jsonLine(key: DeviceKey, addresses: [IPAddress]) -> ByteString {
        var json = JSONText()
        json.open(0x7B)
        json.member("key", key.byteString)
        json.name("addresses")
        json.open(0x5B)
        for address in addresses { json.string(address.byteString) }
        json.close(0x5D)
        json.member("class", deviceClass.name)
        json.member("vendor", vendor)
        json.member("model", model)
        json.member("firmware", firmware)
        json.member("os", operatingSystem)
        json.member("hostname", hostname)
        json.name("confidence")
        json.open(0x7B)
        json.member("class", perMille: classConfidence)
        json.member("vendor", perMille: vendorConfidence)
        json.member("model", perMille: modelConfidence)
        json.close(0x7D)
        json.name("evidence")
        json.list(evidence)
        json.name("contradictions")
        json.list(contradictions)
        json.close(0x7D)
        return json.text
    }
}

extension JSONText {
    mutating func list(_ evidence: [Evidence]) {
        open(0x5B)
        for item in evidence {
            open(0x7B)
            member("signal", item.signal.kind.name)
            member("value", item.signal.value)
            name("says")
            open(0x7B)
            if let value = item.deviceClass { member("class", value.name) }
            if let value = item.vendor { member("vendor", value) }
            if let value = item.model { member("model", value) }
            if let value = item.firmware { member("firmware", value) }
            if let value = item.operatingSystem { member("os", value) }
            close(0x7D)
            member("weight", perMille: item.weight)
            close(0x7D)
        }
        close(0x5D)
    }
}
