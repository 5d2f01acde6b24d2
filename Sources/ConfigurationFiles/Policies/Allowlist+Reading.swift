import NetworkTypes
import Policy

extension Allowlist {
    /// What an `Allowlist` and the `unknown` of a `Baseline` have in common. Returns where the rules stand.
    mutating func readHolding(
        _ reader: inout MappingReader,
        file: ByteString
    ) throws(ConfigurationError) -> [PolicyDocuments.Place] {
        if let value = reader.optional("mode") {
            switch try value.text() {
            case "enforce": mode = .enforce
            case "monitor": mode = .monitor
            default: throw value.mismatch(try value.text(), "enforce or monitor")
            }
        }
        var places: [PolicyDocuments.Place] = []
        if let value = reader.optional("allow") {
            for rule in try value.list() {
                allow.append(try AllowRule(reading: try rule.mapping()))
                places.append(PolicyDocuments.Place(file: file, line: rule.node.line))
            }
        }
        if let value = reader.optional("limits") { limits = try RateLimits(reading: try value.mapping()) }
        if let value = reader.optional("dns") {
            var mapping = try value.mapping()
            if let answerOnly = mapping.optional("answerOnly") {
                switch try answerOnly.text() {
                case "allowed": dns.answersOnlyAllowed = true
                case "any": dns.answersOnlyAllowed = false
                default: throw answerOnly.mismatch(try answerOnly.text(), "allowed or any")
                }
            }
            if let check = mapping.optional("serverNames") {
                let text = try check.text()
                guard let found = ServerNameCheck(name: text) else {
                    throw check.mismatch(text, "checked, required or unchecked")
                }
                dns.serverNames = found
            }
            if let lists = mapping.optional("blocklists") { dns.blocklists = try lists.texts() }
            if let blocked = mapping.optional("blocked") {
                switch try blocked.text() {
                case "notice": dns.noticesBlocked = true
                case "nxdomain": dns.noticesBlocked = false
                default: throw blocked.mismatch(try blocked.text(), "notice or nxdomain")
                }
            }
            if let mode = mapping.optional("failMode") {
                switch try mode.text() {
                case "open": dns.failsOpen = true
                case "closed": dns.failsOpen = false
                default: throw mode.mismatch(try mode.text(), "open or closed")
                }
            }
            try mapping.finish()
        }
        if let value = reader.optional("onViolation") {
            onViolation = try ViolationResponse(reading: try value.mapping())
        }
        if let value = reader.optional("onContradiction") {
            let text = try value.text()
            guard let response = ContradictionResponse(name: text) else {
                throw value.mismatch(text, "keep, unknown or quarantine")
            }
            onContradiction = response
        }
        if let value = reader.optional("probes") { probes = try ProbePolicy(reading: try value.mapping()) }
        return places
    }
}

extension DeviceMatch {
    init(reading mapping: MappingReader) throws(ConfigurationError) {
        self.init()
        var reader = mapping
        if let value = reader.optional("class") {
            for entry in try value.list() {
                let text = try entry.text()
                guard let deviceClass = DeviceClass(name: text) else {
                    throw entry.mismatch(text, "a class of devices, like ip-camera or sensor")
                }
                classes.append(deviceClass)
            }
        }
        if let value = reader.optional("vendor") { vendors = try value.texts().map { $0.lowercasedASCII } }
        if let value = reader.optional("model") { models = try value.texts().map { $0.lowercasedASCII } }
        if let value = reader.optional("device") {
            for entry in try value.list() {
                let text = try entry.text()
                guard let key = DeviceKey(text) else {
                    throw entry.mismatch(text, "a device key, like mac:aa:bb:cc:dd:ee:ff")
                }
                keys.append(key.byteString)
            }
        }
        if let value = reader.optional("site") { sites = try value.texts() }
        if let value = reader.optional("tag") { tags = try value.texts() }
        minimumConfidence = try reader.optional("minimumConfidence")?.perMille() ?? minimumConfidence
        try reader.finish()
    }
}

extension AllowRule {
    init(reading mapping: MappingReader) throws(ConfigurationError) {
        var reader = mapping
        let to = try AllowRule.destination(try reader.required("to"))
        var ports: [PortRange] = []
        if let value = reader.optional("ports") {
            for entry in try value.list() {
                let text = try entry.text()
                guard let ranges = PolicySyntax.portRanges(text) else {
                    throw entry.mismatch(text, "a port like 443/tcp or 5000-5010/udp, a service like ntp, or icmp")
                }
                ports += ranges
            }
            // An empty list would allow all ports, which is hardly what an empty list says.
            if ports.isEmpty { throw value.error("names no port; leave the key out to allow all") }
        }
        try reader.finish()
        self.init(to: to, ports: ports)
    }

    private static func destination(_ value: ConfigurationValue) throws(ConfigurationError) -> Destination {
        let text = try value.text()
        if text == "gateway" { return .gateway }
        if let prefix = IPPrefix(text) { return .prefix(prefix) }
        guard !text.bytes.contains(0x2F), !text.bytes.contains(0x3A), !PolicySyntax.looksLikeAddress(text) else {
            throw value.mismatch(text, "an address or a prefix without host bits, like 192.0.2.0/24")
        }
        guard let pattern = NamePattern(text) else {
            throw value.mismatch(text, "a name, *.name, an address, a prefix or gateway")
        }
        return .name(pattern)
    }
}

extension RateLimits {
    init(reading mapping: MappingReader) throws(ConfigurationError) {
        self.init()
        var reader = mapping
        newConnectionsPerSecond = try reader.optional("newConnectionsPerSecond")?.rate() ?? 0
        packetsPerSecond = try reader.optional("packetsPerSecond")?.rate() ?? 0
        concurrentConnections = try reader.optional("concurrentConnections")?.rate() ?? 0
        if let value = reader.optional("bytesPerSecond") {
            bytesPerSecond = UInt32(truncatingIfNeeded: try value.byteCount(1024...UInt64(UInt32.max)))
        }
        try reader.finish()
    }
}

extension ViolationResponse {
    init(reading mapping: MappingReader) throws(ConfigurationError) {
        var reader = mapping
        let longest = UInt64(PolicyLimits.responseSeconds)
        self.init(
            quarantineAfter: UInt32(try reader.required("quarantineAfter").unsigned(1...UInt64(UInt32.max))),
            withinSeconds: UInt32(try reader.required("within").seconds(1...longest)),
            forSeconds: UInt32(try reader.required("for").seconds(1...longest))
        )
        try reader.finish()
    }
}

extension USBPolicy {
    init(reading mapping: MappingReader) throws(ConfigurationError) {
        self.init()
        var reader = mapping
        if let value = reader.optional("deauthorise") {
            let words = try value.texts()
            deauthorisesInput = words.contains("input")
            deauthorisesStorage = words.contains("storage")
            for word in words where word != "input" && word != "storage" {
                throw value.mismatch(word, "input or storage")
            }
        }
        allowed = try reader.optional("allow")?.texts() ?? []
        try reader.finish()
    }
}

extension ProbePolicy {
    init(reading mapping: MappingReader) throws(ConfigurationError) {
        var reader = mapping
        self.init(kinds: try reader.required("run").probes())
        if let value = reader.optional("every") {
            everySeconds = UInt32(try value.seconds(PolicyLimits.probeIntervalSeconds))
        }
        if let value = reader.optional("exchangesPerHour") {
            exchangesPerHour = UInt32(try value.unsigned(PolicyLimits.probesPerHour))
        }
        if let value = reader.optional("bytesPerDay") {
            bytesPerDay = UInt32(try value.byteCount(PolicyLimits.probeBytesPerDay))
        }
        try reader.finish()
    }
}

extension ConfigurationValue {
    /// Names of probes, each once.
    func probes() throws(ConfigurationError) -> ProbeSet {
        var set = ProbeSet()
        for value in try list() {
            let text = try value.text()
            guard let kind = ProbeKind(name: text), set.insert(kind) else {
                throw value.mismatch(
                    text,
                    """
                    a probe, named once, of: mdns upnp onvif coap ssh telnet mqtt rtsp https http snmp-public bacnet \
                    ethernet-ip modbus
                    """
                )
            }
        }
        return set
    }

    func texts() throws(ConfigurationError) -> [ByteString] {
        var texts: [ByteString] = []
        for value in try list() { texts.append(try value.text()) }
        return texts
    }

    fileprivate func rate() throws(ConfigurationError) -> UInt32 { UInt32(try unsigned(0...UInt64(PolicyLimits.rate))) }
}
