import NetworkTypes
import WireProtocol

extension Allowlist {
    func encodeFields(_ map: inout CBORMapWriter) {
        map.text(1, name)
        if match != DeviceMatch() { map.map(2) { match.encodeFields(&$0) } }
        map.unsigned(3, UInt64(mode.rawValue))
        map.array(4, allow) { rule, encoder in encoder.map { rule.encodeFields(&$0) } }
        if limits != RateLimits() {
            map.map(5) {
                $0.unsigned(1, UInt64(limits.newConnectionsPerSecond))
                $0.unsigned(2, UInt64(limits.packetsPerSecond))
                $0.unsigned(3, UInt64(limits.concurrentConnections))
                $0.unsigned(4, UInt64(limits.bytesPerSecond))
            }
        }
        map.map(6) {
            $0.boolean(1, dns.answersOnlyAllowed)
            $0.texts(2, dns.blocklists)
            if dns.serverNames != .checked { $0.item(3) { $0.unsigned(UInt64(dns.serverNames.rawValue)) } }
            if dns.noticesBlocked { $0.boolean(4, true) }
            if dns.failsOpen { $0.boolean(5, true) }
        }
        if let onViolation {
            map.map(7) {
                $0.unsigned(1, UInt64(onViolation.quarantineAfter))
                $0.unsigned(2, UInt64(onViolation.withinSeconds))
                $0.unsigned(3, UInt64(onViolation.forSeconds))
            }
        }
        if let probes {
            map.map(8) {
                $0.unsigned(1, UInt64(probes.kinds.rawValue))
                $0.unsigned(2, UInt64(probes.everySeconds))
                $0.unsigned(3, UInt64(probes.exchangesPerHour))
                $0.unsigned(4, UInt64(probes.bytesPerDay))
            }
        }
        if onContradiction != .keep { map.item(9) { $0.unsigned(UInt64(onContradiction.rawValue)) } }
    }

    init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init(name: "")
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: name = try reader.readCBORText(limit: PolicyLimits.nameBytes)
            case 2: match = try DeviceMatch(parsing: &reader)
            case 3:
                let start = reader.position
                guard let mode = Mode(rawValue: UInt8(try reader.readCBORUnsigned(limit: 0xFF))) else {
                    throw DecodeError(.unsupported, at: start)
                }
                self.mode = mode
            case 4:
                for _ in 0..<(try reader.readCBORArray(limit: PolicyLimits.rulesPerAllowlist)) {
                    allow.append(try AllowRule(parsing: &reader))
                }
            case 5: limits = try RateLimits(parsing: &reader)
            case 6: dns = try DNSPolicy(parsing: &reader)
            case 7: onViolation = try ViolationResponse(parsing: &reader)
            case 8: probes = try ProbePolicy(parsing: &reader)
            case 9:
                let start = reader.position
                guard
                    let response = ContradictionResponse(rawValue: UInt8(try reader.readCBORUnsigned(limit: 0xFF))),
                    response != .keep
                else { throw DecodeError(.unsupported, at: start) }
                onContradiction = response
            default: throw reader.error(.unsupported)
            }
        }
    }
}

extension DeviceMatch {
    func encodeFields(_ map: inout CBORMapWriter) {
        map.texts(1, classes.map { $0.name })
        map.texts(2, vendors)
        map.texts(3, models)
        map.texts(4, keys)
        map.texts(5, sites)
        map.item(6) { $0.unsigned(UInt64(minimumConfidence)) }
        map.texts(7, tags)
    }

    init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1:
                let start = reader.position
                for name in try reader.readTexts() {
                    // A class this version does not know could only be matched wrongly.
                    guard let match = DeviceClass(name: name) else { throw DecodeError(.unsupported, at: start) }
                    classes.append(match)
                }
            case 2: vendors = try reader.readTexts()
            case 3: models = try reader.readTexts()
            case 4: keys = try reader.readTexts()
            case 5: sites = try reader.readTexts()
            case 6: minimumConfidence = UInt16(try reader.readCBORUnsigned(limit: 1000))
            case 7: tags = try reader.readTexts()
            default: throw reader.error(.unsupported)
            }
        }
    }
}

extension AllowRule {
    func encodeFields(_ map: inout CBORMapWriter) {
        switch to {
        case .name(let pattern): map.item(1) { $0.text(pattern.byteString) }
        case .prefix(let prefix): map.item(2) { $0.prefix(prefix) }
        case .gateway: map.boolean(3, true)
        }
        map.array(4, ports) { range, encoder in
            encoder.array(count: 3)
            encoder.unsigned(UInt64(range.transport.rawValue))
            encoder.unsigned(UInt64(range.first))
            encoder.unsigned(UInt64(range.last))
        }
    }

    init(parsing reader: inout ByteReader) throws(DecodeError) {
        let start = reader.position
        var destination: Destination?
        var ports: [PortRange] = []
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            if key <= 3, destination != nil { throw reader.error(.malformed) }
            switch key {
            case 1:
                let start = reader.position
                let limit = DomainName.maximumLength + 2
                guard let pattern = NamePattern(try reader.readCBORText(limit: limit)) else {
                    throw DecodeError(.malformed, at: start)
                }
                destination = .name(pattern)
            case 2: destination = .prefix(try reader.readPrefix())
            case 3:
                guard try reader.readCBORBoolean() else { throw reader.error(.malformed) }
                destination = .gateway
            case 4:
                for _ in 0..<(try reader.readCBORArray(limit: PolicyLimits.portRangesPerRule)) {
                    try reader.expectArray(count: 3)
                    let transport = UInt8(try reader.readCBORUnsigned(limit: 0xFF))
                    let first = UInt16(try reader.readCBORUnsigned(limit: 0xFFFF))
                    let last = UInt16(try reader.readCBORUnsigned(limit: 0xFFFF))
                    ports.append(
                        PortRange(transport: TransportProtocol(rawValue: transport), first: first, last: last)
                    )
                }
            default: throw reader.error(.unsupported)
            }
        }
        guard let destination else { throw DecodeError(.malformed, at: start) }
        self.init(to: destination, ports: ports)
    }
}

extension RateLimits {
    init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: newConnectionsPerSecond = try reader.readUInt32Value()
            case 2: packetsPerSecond = try reader.readUInt32Value()
            case 3: concurrentConnections = try reader.readUInt32Value()
            case 4: bytesPerSecond = try reader.readUInt32Value()
            default: throw reader.error(.unsupported)
            }
        }
    }
}

extension DNSPolicy {
    init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: answersOnlyAllowed = try reader.readCBORBoolean()
            case 2: blocklists = try reader.readTexts()
            case 3:
                let start = reader.position
                guard let check = ServerNameCheck(rawValue: UInt8(try reader.readCBORUnsigned(limit: 0xFF))),
                    check != .checked
                else { throw DecodeError(.unsupported, at: start) }
                serverNames = check
            case 4:
                // Left out where it is not so: there is one encoding.
                guard try reader.readCBORBoolean() else { throw reader.error(.malformed) }
                noticesBlocked = true
            case 5:
                guard try reader.readCBORBoolean() else { throw reader.error(.malformed) }
                failsOpen = true
            default: throw reader.error(.unsupported)
            }
        }
    }
}

extension ViolationResponse {
    init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init(quarantineAfter: 0, withinSeconds: 0, forSeconds: 0)
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: quarantineAfter = try reader.readUInt32Value()
            case 2: withinSeconds = try reader.readUInt32Value()
            case 3: forSeconds = try reader.readUInt32Value()
            default: throw reader.error(.unsupported)
            }
        }
    }
}

extension ProbePolicy {
    init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init(kinds: ProbeSet())
        everySeconds = 0
        exchangesPerHour = 0
        bytesPerDay = 0
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1:
                let start = reader.position
                kinds.rawValue = try reader.readUInt32Value()
                // A question this version does not know could not be held to its limits.
                guard kinds.rawValue & ~ProbeSet.all.rawValue == 0 else { throw DecodeError(.unsupported, at: start) }
            case 2: everySeconds = try reader.readUInt32Value()
            case 3: exchangesPerHour = try reader.readUInt32Value()
            case 4: bytesPerDay = try reader.readUInt32Value()
            default: throw reader.error(.unsupported)
            }
        }
    }
}
