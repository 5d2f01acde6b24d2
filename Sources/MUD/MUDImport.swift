public import NetworkTypes
public import Policy

/// Makes an allowlist of a MUD file.
///
/// Nothing is widened as to whom the device reaches and on which ports: what an allowlist cannot say there is left out, and
/// told. What narrows a permission further (flags, lengths, the device's own port) is dropped, and told.
public struct MUDImport: Sendable {
    /// What RFC 8520 leaves to the place where the device stands.
    public struct Surroundings: Sendable {
        /// What `local-networks` means; none where it is to be left out.
        public var localNetworks: [IPPrefix] = []
        /// Where `my-controller` is.
        public var ownController: [AllowRule.Destination] = []
        /// Where the controllers of classes are, by URI.
        public var controllers: [String: [AllowRule.Destination]] = [:]

        /// Nothing known but that the gateway itself gives DNS and NTP (RFC 8520 §6.1 names these two classes).
        public init() {}
    }

    /// A sentence about something that the allowlist does not say as the file does.
    public struct Remark: Hashable, Sendable, CustomStringConvertible {
        /// The list and the entry; nil where it is about the whole file.
        public let place: String?
        /// What is not said, and what can be done.
        public let message: String

        /// `list/entry: message`
        public var description: String { place.map { "\($0): \(message)" } ?? message }
    }

    /// The permissions.
    public private(set) var allowlist: Allowlist
    /// All that differs from the file.
    public private(set) var remarks: [Remark] = []

    private let surroundings: Surroundings

    /// Imports `file`; `name` is that of the allowlist.
    public init(_ file: MUDFile, name: ByteString, surroundings: Surroundings = Surroundings()) {
        self.surroundings = surroundings
        allowlist = Allowlist(name: name)
        if let manufacturer = file.manufacturer {
            allowlist.match.vendors = [ByteString(utf8: manufacturer).lowercasedASCII]
        }
        if let model = file.model { allowlist.match.models = [ByteString(utf8: model).lowercasedASCII] }
        if file.manufacturer == nil, file.model == nil {
            remark(nil, "the file names neither maker nor model: add a match, or the allowlist holds every device")
        }
        if !file.isSupported { remark(nil, "its maker no longer maintains the device") }
        for member in file.unknownMembers { remark(nil, "\(member) is not of RFC 8520 and was passed over") }
        for list in file.fromDevice { add(list) }
        for list in file.toDevice { checkAnswers(list, file.fromDevice) }
    }

    private mutating func remark(_ place: String?, _ message: String) {
        let remark = Remark(place: place, message: message)
        if !remarks.contains(remark) { remarks.append(remark) }
    }

    private mutating func add(_ list: AccessList) {
        if case .other(let type) = list.family {
            remark(list.name, "a list of type \(type) is neither of IPv4 nor of IPv6, and was left out")
            return
        }
        for (index, entry) in list.entries.enumerated() {
            let place = "\(list.name)/\(entry.name)"
            guard entry.isAccepted else {
                guard list.entries[(index + 1)...].contains(where: \.isAccepted) else { continue }
                remark(
                    place,
                    "an allowlist cannot refuse a part of what it allows: the entries of this list after this one were left out"
                )
                return
            }
            add(entry, list.family, place)
        }
    }

    private mutating func add(_ entry: AccessEntry, _ family: AccessList.Family, _ place: String) {
        if entry.opener == .peer {
            remark(place, "connections that others open to the device are not part of an allowlist")
            return
        }
        let narrowing = entry.otherMatches + (entry.restrictsDevicePort ? ["the device's own port"] : [])
        let unsafeToWiden = entry.otherMatches.filter { MUDImport.concernsPeer($0) }
        guard unsafeToWiden.isEmpty else {
            remark(place, "matches \(unsafeToWiden.joined(separator: ", ")), which is not understood: left out")
            return
        }
        guard let ports = ports(of: entry, place), let destinations = destinations(of: entry, family, place) else {
            return
        }
        if !narrowing.isEmpty {
            remark(place, "is wider than in the file, without \(narrowing.joined(separator: ", "))")
        }
        for to in destinations {
            let rule = AllowRule(to: to, ports: ports)
            if !allowlist.allow.contains(rule) { allowlist.allow.append(rule) }
        }
    }

    /// Whether a match that is not known may say whom the entry is about, or what kind of packets: then dropping it would
    /// let the device reach others. The rest are details of packets (RFC 8519, `ietf-packet-fields`).
    private static func concernsPeer(_ match: String) -> Bool {
        let details: Set<String> = [
            "dscp", "ecn", "length", "ttl", "ihl", "flags", "offset", "identification", "flow-label", "tcp/flags",
            "tcp/sequence-number", "tcp/acknowledgement-number", "tcp/data-offset", "tcp/reserved", "tcp/window-size",
            "tcp/urgent-pointer", "tcp/options", "udp/length", "icmp/type", "icmp/code", "icmp/rest-of-header",
        ]
        return !details.contains(match) && !match.hasPrefix("the device's own ")
    }

    /// The ports of the rule: empty for all; nil where the protocol cannot be said.
    private mutating func ports(of entry: AccessEntry, _ place: String) -> [PortRange]? {
        guard let number = entry.transport else { return [] }
        switch number {
        case 1: return [PortRange(transport: .icmp, first: 0, last: 0xFFFF)]
        case 6, 17:
            let transport: TransportProtocol = number == 6 ? .tcp : .udp
            guard !entry.peerPorts.isEmpty else { return [PortRange(transport: transport, first: 1, last: 0xFFFF)] }
            return entry.peerPorts.compactMap { range in
                // No packet has port 0.
                let first = max(range.lowerBound, 1)
                return first <= range.upperBound
                    ? PortRange(transport: transport, first: first, last: range.upperBound) : nil
            }
        default:
            remark(place, "an allowlist knows TCP, UDP and ICMP, not IP protocol \(number): left out")
            return nil
        }
    }

    /// Where the device may go; nil where that cannot be said.
    private mutating func destinations(
        of entry: AccessEntry,
        _ family: AccessList.Family,
        _ place: String
    ) -> [AllowRule.Destination]? {
        guard let peer = entry.peers.first else {
            remark(place, "names nobody: the device may reach every \(family == .v4 ? "IPv4" : "IPv6") address")
            return IPPrefix(family == .v4 ? "0.0.0.0/0" : "::/0").map { [.prefix($0)] }
        }
        guard entry.peers.count == 1 else {
            remark(place, "asks for peers that are several things at once: left out")
            return nil
        }
        switch peer {
        case .name(let name):
            guard let domain = DomainName(ByteString(utf8: name)), !domain.byteString.isEmpty else {
                remark(place, "\(name) is no domain name: left out")
                return nil
            }
            return [.name(NamePattern(name: domain, isWildcard: false))]
        case .network(let text):
            guard let prefix = IPPrefix(ByteString(utf8: text)) else {
                remark(place, "\(text) is no prefix without host bits: left out")
                return nil
            }
            return [.prefix(prefix)]
        case .localNetworks:
            let networks = surroundings.localNetworks.filter { ($0.address.bitWidth == 32) == (family == .v4) }
            guard !surroundings.localNetworks.isEmpty else {
                remark(place, "local networks are allowed: left out, say which ones with --local-network PREFIX")
                return nil
            }
            return networks.map { .prefix($0) }
        case .ownController:
            guard !surroundings.ownController.isEmpty else {
                remark(place, "the device's own controller is allowed: left out, say where it is with --my-controller")
                return nil
            }
            return surroundings.ownController
        case .controller(let uri):
            if let destinations = surroundings.controllers[uri] { return destinations }
            // The gateway answers both (RFC 8520 §6.1 and the IANA registry "MUD Well-Known Universal Resource Name").
            if uri == "urn:ietf:params:mud:dns" || uri == "urn:ietf:params:mud:ntp" { return [.gateway] }
            remark(place, "the controllers \(uri) are allowed: left out, say where they are with --controller \(uri)=…")
            return nil
        case .sameManufacturer:
            remark(place, "devices of the same maker are allowed: left out, name their addresses in a rule of your own")
            return nil
        case .manufacturer(let authority):
            remark(place, "devices of \(authority) are allowed: left out, name their addresses in a rule of your own")
            return nil
        case .model(let url):
            remark(
                place,
                "devices of the model \(url) are allowed: left out, name their addresses in a rule of your own"
            )
            return nil
        }
    }

    /// Answers to what the device may send pass by themselves. What else may come to it is told.
    private mutating func checkAnswers(_ list: AccessList, _ sent: [AccessList]) {
        for entry in list.entries where entry.isAccepted && entry.opener != .device {
            let isAnswer = sent.contains { other in
                other.family == list.family
                    && other.entries.contains {
                        $0.isAccepted && $0.opener != .peer && $0.peers == entry.peers
                            && $0.transport == entry.transport
                            && $0.peerPorts == entry.peerPorts
                    }
            }
            if isAnswer, entry.opener == nil { continue }
            remark(
                "\(list.name)/\(entry.name)",
                "connections that others open to the device are not part of an allowlist"
            )
        }
    }
}
