internal import Foundation
internal import NetworkTypes
public import Policy

/// Makes a MUD file of an allowlist.
public struct MUDExport: Sendable {
    /// What a MUD file says besides its rules.
    public struct Description: Sendable {
        /// Where the file will be: an HTTPS URL (RFC 8520 §3.1).
        public var url: String
        /// An RFC 3339 date and time.
        public var lastUpdate: String
        /// What the device is; at most 60 characters (RFC 8520 §3.8).
        public var systemInformation: String?

        /// What has to be there.
        public init(url: String, lastUpdate: String, systemInformation: String? = nil) {
            self.url = url
            self.lastUpdate = lastUpdate
            self.systemInformation = systemInformation
        }
    }

    /// The file.
    public private(set) var json: [UInt8] = []
    /// What the allowlist says and the file does not.
    public private(set) var remarks: [String] = []

    /// Exports `allowlist`. Throws nothing: an allowlist without a rule that can be said gives a file with empty lists.
    public init(_ allowlist: Allowlist, description: Description) {
        var entries: [AccessList.Family: [(from: [String: Any], to: [String: Any])]] = [.v4: [], .v6: []]
        for (index, rule) in allowlist.allow.enumerated() {
            let name = "rule-\(index + 1)"
            guard let peers = peers(of: rule, name) else { continue }
            for (family, peer) in peers {
                let ports = rule.ports.isEmpty ? [nil] : rule.ports.map(Optional.some)
                for (number, port) in ports.enumerated() {
                    let suffix = ports.count == 1 ? "" : "-\(number + 1)"
                    entries[family]?.append(
                        (
                            MUDExport.entry("\(name)\(suffix)-from", peer, port, family, .fromDevice),
                            MUDExport.entry("\(name)\(suffix)-to", peer, port, family, .toDevice)
                        )
                    )
                }
            }
        }
        noteTheRest(of: allowlist)
        let prefix = "mud-\(allowlist.name.text)"
        var lists: [[String: Any]] = []
        var references: (from: [[String: String]], to: [[String: String]]) = ([], [])
        for (family, suffix, type) in [(AccessList.Family.v4, "v4", "ipv4-acl-type"), (.v6, "v6", "ipv6-acl-type")] {
            guard let all = entries[family], !all.isEmpty else { continue }
            lists.append(["name": "\(prefix)-\(suffix)fr", "type": type, "aces": ["ace": all.map(\.from)]])
            lists.append(["name": "\(prefix)-\(suffix)to", "type": type, "aces": ["ace": all.map(\.to)]])
            references.from.append(["name": "\(prefix)-\(suffix)fr"])
            references.to.append(["name": "\(prefix)-\(suffix)to"])
        }
        var container: [String: Any] = [
            "mud-version": 1, "mud-url": description.url, "last-update": description.lastUpdate, "cache-validity": 48,
            "is-supported": true,
            "from-device-policy": ["access-lists": ["access-list": references.from]],
            "to-device-policy": ["access-lists": ["access-list": references.to]],
        ]
        if let information = description.systemInformation { container["systeminfo"] = information }
        if allowlist.match.vendors.count == 1 { container["mfg-name"] = allowlist.match.vendors[0].text }
        if allowlist.match.models.count == 1 { container["model-name"] = allowlist.match.models[0].text }
        let document: [String: Any] = ["ietf-mud:mud": container, "ietf-access-control-list:acls": ["acl": lists]]
        // Strings, numbers, lists and objects of them: always valid JSON.
        let data = try? JSONSerialization.data(
            withJSONObject: document,
            options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        )
        json = Array(data ?? Data()) + [0x0A]
    }

    /// Whom a rule is about, per family; nil where a MUD file cannot say it.
    private mutating func peers(of rule: AllowRule, _ place: String) -> [(AccessList.Family, AccessEntry.Peer)]? {
        switch rule.to {
        case .name(let pattern):
            guard !pattern.isWildcard else {
                remarks.append("\(place): \(pattern) is left out, RFC 8520 knows no wildcards")
                return nil
            }
            return [(.v4, .name(pattern.name.description)), (.v6, .name(pattern.name.description))]
        case .prefix(let prefix):
            return [(prefix.address.bitWidth == 32 ? .v4 : .v6, .network(prefix.byteString.text))]
        case .gateway:
            let services: [UInt16: String] = [53: "urn:ietf:params:mud:dns", 123: "urn:ietf:params:mud:ntp"]
            let classes = Set(rule.ports.map { $0.first == $0.last ? services[$0.first] : nil })
            guard classes.count == 1, let named = classes.first, let named else {
                remarks.append(
                    "\(place): the gateway is left out, RFC 8520 knows it as a server of DNS and of NTP only"
                )
                return nil
            }
            return [(.v4, .controller(named)), (.v6, .controller(named))]
        }
    }

    private static func entry(
        _ name: String,
        _ peer: AccessEntry.Peer,
        _ range: PortRange?,
        _ family: AccessList.Family,
        _ direction: Direction
    ) -> [String: Any] {
        let (side, word) = direction == .fromDevice ? ("dst", "destination") : ("src", "source")
        let version = family == .v4 ? "ipv4" : "ipv6"
        var matches: [String: Any] = [:]
        var header: [String: Any] = [:]
        switch peer {
        case .name(let name): header["ietf-acldns:\(side)-dnsname"] = name
        case .network(let prefix): header["\(word)-\(version)-network"] = prefix
        case .controller(let uri): matches["ietf-mud:mud"] = ["controller": uri]
        case .localNetworks, .ownController, .sameManufacturer, .manufacturer, .model: break
        }
        if let range {
            switch range.transport {
            case .tcp: header["protocol"] = 6
            case .udp: header["protocol"] = 17
            default: header["protocol"] = family == .v4 ? 1 : 58
            }
            if range.transport != .icmp {
                var fields: [String: Any] = [:]
                if range.first == range.last {
                    fields["\(word)-port"] = ["operator": "eq", "port": Int(range.first)] as [String: Any]
                } else if range.first > 1 || range.last < 0xFFFF {
                    fields["\(word)-port"] = ["lower-port": Int(range.first), "upper-port": Int(range.last)]
                }
                if range.transport == .tcp { fields["ietf-mud:direction-initiated"] = "from-device" }
                if !fields.isEmpty { matches[range.transport == .tcp ? "tcp" : "udp"] = fields }
            }
        }
        if !header.isEmpty { matches[version] = header }
        return ["name": name, "matches": matches, "actions": ["forwarding": "accept"]]
    }

    private mutating func noteTheRest(of allowlist: Allowlist) {
        let match = allowlist.match
        if match.vendors.count > 1 || match.models.count > 1 {
            remarks.append("a MUD file is about one model: its maker and model are left out")
        }
        if !match.classes.isEmpty || !match.keys.isEmpty || !match.sites.isEmpty || !match.tags.isEmpty {
            remarks.append("classes, devices, sites and tags of the match are left out")
        }
        if allowlist.limits != RateLimits() { remarks.append("limits are left out") }
        if allowlist.onViolation != nil { remarks.append("onViolation is left out") }
        if allowlist.onContradiction != .keep { remarks.append("onContradiction is left out") }
        if allowlist.mode == .monitor { remarks.append("mode monitor is left out: whoever imports the file chooses") }
    }
}
