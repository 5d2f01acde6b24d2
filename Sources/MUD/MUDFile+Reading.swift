extension MUDFile {
    /// Reads a file in the JSON encoding of RFC 7951.
    ///
    /// Throws where the file is not one, or where a rule cannot be understood at all. What is understood but unknown to
    /// RFC 8520 ends in `unknownMembers` and `AccessEntry.otherMatches`.
    public init(parsing bytes: [UInt8]) throws(MUDError) {
        guard bytes.count <= MUDFile.maximumBytes else {
            throw MUDError(place: "", message: "has more than \(MUDFile.maximumBytes) bytes")
        }
        let document = try JSONNode(parsing: bytes)
        let container = try document.required("ietf-mud:mud")
        let version = try container.required("mud-version")
        guard try version.integer(0...255) == 1 else { throw version.error("is not 1, the version of RFC 8520") }
        url = try container.required("mud-url").text()
        lastUpdate = try container.required("last-update").text()
        cacheValidityHours = try container.optional("cache-validity")?.integer(1...168) ?? 48
        isSupported = try container.required("is-supported").boolean()
        systemInformation = try container.optional("systeminfo")?.text()
        manufacturer = try container.optional("mfg-name")?.text()
        model = try container.optional("model-name")?.text()
        let lists = try MUDFile.lists(of: document)
        let known: Set<String> = [
            "mud-version", "mud-url", "last-update", "mud-signature", "cache-validity", "is-supported", "systeminfo",
            "mfg-name",
            "model-name", "firmware-rev", "software-rev", "documentation", "extensions", "from-device-policy",
            "to-device-policy",
        ]
        unknownMembers = try container.members().filter { !known.contains($0.key) }.map(\.value.path)
        let members = try document.members()
        unknownMembers += members.map(\.key).filter { $0 != "ietf-mud:mud" && $0 != "ietf-access-control-list:acls" }
        fromDevice = try MUDFile.policy("from-device-policy", .fromDevice, of: container, lists)
        toDevice = try MUDFile.policy("to-device-policy", .toDevice, of: container, lists)
        let entries = (fromDevice + toDevice).reduce(0) { $0 + $1.entries.count }
        guard entries <= MUDFile.maximumEntries else {
            throw container.error("has more than \(MUDFile.maximumEntries) entries in its lists")
        }
    }

    /// The access lists of the document by name.
    private static func lists(of document: JSONNode) throws(MUDError) -> [String: JSONNode] {
        var lists: [String: JSONNode] = [:]
        for node in try document.optional("ietf-access-control-list:acls")?.optional("acl")?.elements() ?? [] {
            let name = try node.required("name").text()
            guard lists.updateValue(node, forKey: name) == nil else { throw node.error("a second list named \(name)") }
        }
        return lists
    }

    private static func policy(
        _ key: String,
        _ direction: Direction,
        of container: JSONNode,
        _ lists: [String: JSONNode]
    ) throws(MUDError) -> [AccessList] {
        var policy: [AccessList] = []
        guard let node = try container.optional(key) else { return policy }
        for reference in try node.required("access-lists").optional("access-list")?.elements() ?? [] {
            let name = try reference.required("name").text()
            guard let list = lists[name] else {
                throw reference.error("names the list \(name), which is not in the file")
            }
            policy.append(try AccessList(list, direction))
        }
        return policy
    }
}

/// Which way the packets of a list go.
enum Direction {
    case fromDevice
    case toDevice
}

extension AccessList {
    init(_ node: JSONNode, _ direction: Direction) throws(MUDError) {
        name = try node.required("name").text()
        // The type is a YANG identity, with or without its module's name before it.
        switch try node.optional("type")?.text().split(separator: ":").last {
        case "ipv4-acl-type": family = .v4
        case "ipv6-acl-type": family = .v6
        case let other: family = .other(other.map(String.init) ?? "none")
        }
        entries = []
        for entry in try node.optional("aces")?.optional("ace")?.elements() ?? [] {
            entries.append(try AccessEntry(entry, direction))
        }
    }
}

extension AccessEntry {
    init(_ node: JSONNode, _ direction: Direction) throws(MUDError) {
        name = try node.required("name").text()
        let forwarding = try node.required("actions").required("forwarding")
        switch try forwarding.text().split(separator: ":").last {
        case "accept": isAccepted = true
        case "drop", "reject": isAccepted = false
        default: throw forwarding.error("is none of accept, drop and reject")
        }
        for (key, value) in try node.optional("matches")?.members() ?? [] {
            switch key {
            case "ietf-mud:mud": try readPeers(value)
            case "ipv4", "ipv6": try readAddresses(value, direction)
            case "tcp": try readPorts(value, direction, protocolNumber: 6)
            case "udp": try readPorts(value, direction, protocolNumber: 17)
            case "icmp":
                // The protocol is that of ICMP or ICMPv6; both are one here.
                try setTransport(1, value)
                otherMatches += try value.members().map { "icmp/\($0.key)" }
            default: otherMatches.append(key)
            }
        }
    }

    private mutating func setTransport(_ number: UInt8, _ node: JSONNode) throws(MUDError) {
        // ICMPv6 (58) and ICMP (1) are one.
        let number = number == 58 ? 1 : number
        if let transport, transport != number { throw node.error("two protocols in one entry") }
        transport = number
    }

    /// RFC 8520 §8.2.
    private mutating func readPeers(_ node: JSONNode) throws(MUDError) {
        for (key, value) in try node.members() {
            switch key {
            case "local-networks": peers.append(.localNetworks)
            case "my-controller": peers.append(.ownController)
            case "same-manufacturer": peers.append(.sameManufacturer)
            case "controller": peers.append(.controller(try value.text()))
            case "manufacturer": peers.append(.manufacturer(try value.text()))
            case "model": peers.append(.model(try value.text()))
            default: otherMatches.append("ietf-mud:mud/\(key)")
            }
        }
    }

    /// RFC 8519 §4.1 (`ietf-packet-fields`) and RFC 8520 §8.1.
    private mutating func readAddresses(_ node: JSONNode, _ direction: Direction) throws(MUDError) {
        let (peerSide, deviceSide) = direction == .fromDevice ? ("dst", "src") : ("src", "dst")
        let (peerWord, deviceWord) = direction == .fromDevice ? ("destination", "source") : ("source", "destination")
        for (key, value) in try node.members() {
            switch key {
            case "protocol": try setTransport(UInt8(try value.integer(0...255)), value)
            case "ietf-acldns:\(peerSide)-dnsname": peers.append(.name(try value.text()))
            case "\(peerWord)-ipv4-network", "\(peerWord)-ipv6-network": peers.append(.network(try value.text()))
            case "ietf-acldns:\(deviceSide)-dnsname", "\(deviceWord)-ipv4-network", "\(deviceWord)-ipv6-network":
                otherMatches.append("the device's own \(key)")
            default: otherMatches.append(key)
            }
        }
    }

    private mutating func readPorts(_ node: JSONNode, _ direction: Direction, protocolNumber: UInt8) throws(MUDError) {
        try setTransport(protocolNumber, node)
        let (peerKey, deviceKey) =
            direction == .fromDevice ? ("destination-port", "source-port") : ("source-port", "destination-port")
        for (key, value) in try node.members() {
            switch key {
            case peerKey: peerPorts = try AccessEntry.ports(value)
            case deviceKey:
                _ = try AccessEntry.ports(value)
                restrictsDevicePort = true
            case "ietf-mud:direction-initiated":
                switch try value.text() {
                case "from-device": opener = .device
                case "to-device": opener = .peer
                default: throw value.error("is neither from-device nor to-device")
                }
            default: otherMatches.append("\(protocolNumber == 6 ? "tcp" : "udp")/\(key)")
            }
        }
    }

    /// `port-range-or-operator` of RFC 8519.
    private static func ports(_ node: JSONNode) throws(MUDError) -> [ClosedRange<UInt16>] {
        let all = 0...65535
        if let lower = try node.optional("lower-port") {
            let first = try lower.integer(all)
            let upper = try node.required("upper-port")
            let last = try upper.integer(all)
            guard first <= last else { throw upper.error("is below lower-port") }
            return [UInt16(first)...UInt16(last)]
        }
        let port = UInt16(try node.required("port").integer(all))
        let word = try node.optional("operator")
        switch try word?.text() ?? "eq" {
        case "eq": return [port...port]
        case "lte": return [0...port]
        case "gte": return [port...65535]
        case "neq":
            return (port > 0 ? [0...(port - 1)] : []) + (port < 65535 ? [(port + 1)...65535] : [])
        default: throw node.error("operator is none of eq, neq, lte, gte")
        }
    }
}
