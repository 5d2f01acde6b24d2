import NetworkTypes

extension PolicyValidator {
    mutating func checkAllowlists(_ bundle: PolicyBundle) {
        checkTags(bundle.tags)
        checkCount(bundle.allowlists.count, PolicyLimits.allowlistCount, "allowlists")
        let ruleCount = bundle.allowlists.reduce(bundle.baseline.unknown.allow.count) { $0 + $1.allow.count }
        checkCount(ruleCount, PolicyLimits.ruleCount, "rules in all")
        if bundle.baseline.unknown.name != "unknown" {
            report(
                .invalid,
                allowlist: bundle.baseline.unknown.name,
                "the baseline's is not named unknown",
                "rename it"
            )
        }
        if bundle.baseline.unknown.match != DeviceMatch() {
            report(
                .invalid,
                allowlist: "unknown",
                "it has a match, but holds what nothing else matches",
                "remove match"
            )
        }
        check(bundle.baseline.unknown, blocked: bundle.baseline.blockedPrefixes)
        var names: HashSet<ByteString> = HashSet()
        for (index, allowlist) in bundle.allowlists.enumerated() {
            checkName(allowlist.name)
            if !names.insert(allowlist.name) {
                report(.invalid, allowlist: allowlist.name, "the name stands twice", "give each its own")
            }
            check(allowlist.match, of: allowlist.name)
            checkCount(
                allowlist.match.tags.count,
                PolicyLimits.matchEntries,
                "entries in a list of match",
                allowlist: allowlist.name
            )
            for tag in allowlist.match.tags where !bundle.tags.contains(where: { $0.name == tag }) {
                report(
                    .invalid,
                    allowlist: allowlist.name,
                    "no document of kind Tags defines the tag \"\(tag)\" in match",
                    "define it, or correct its name"
                )
            }
            checkReachable(allowlist, earlier: bundle.allowlists[..<index])
            check(allowlist, blocked: bundle.baseline.blockedPrefixes)
        }
    }

    private mutating func checkName(_ name: ByteString) {
        if !DeviceTag.isWellFormed(name) {
            report(.invalid, allowlist: name, "not a valid name", "use 1 to 64 of a-z 0-9 - _ .")
        } else if name == "unknown" {
            report(.invalid, allowlist: name, "the name is kept for the baseline", "choose another")
        }
    }

    private mutating func checkTags(_ tags: [DeviceTag]) {
        checkCount(tags.count, PolicyLimits.tagCount, "tags")
        var names: HashSet<ByteString> = HashSet()
        for tag in tags {
            if !DeviceTag.isWellFormed(tag.name) {
                report(.invalid, "tag \"\(tag.name)\" is not a valid name", "use 1 to 64 of a-z 0-9 - _ .")
            }
            if !names.insert(tag.name) {
                report(.invalid, "the tag \(tag.name) stands twice", "put its devices together")
            }
            checkCount(tag.devices.count, PolicyLimits.devicesPerTag, "devices of the tag \(tag.name)")
            if !tag.isInOrder {
                report(.invalid, "the devices of the tag \(tag.name) are not in order, each once", "sort them")
            }
            for key in tag.devices where DeviceKey(key)?.byteString != key {
                report(
                    .invalid,
                    "\"\(key)\" of the tag \(tag.name) is no device key",
                    "write mac:aa:bb:cc:dd:ee:ff, usb:… or bus:… in lower case"
                )
            }
        }
    }

    private mutating func check(_ match: DeviceMatch, of name: ByteString) {
        if match.minimumConfidence > 1000 {
            report(.invalid, allowlist: name, "minimumConfidence is above 1", "write 0 to 1")
        }
        for list in [match.vendors, match.models, match.keys, match.sites] {
            checkCount(list.count, PolicyLimits.matchEntries, "entries in a list of match", allowlist: name)
            for entry in list where entry.count > PolicyLimits.textBytes {
                report(.invalid, allowlist: name, "an entry of match is longer than 160 bytes", "shorten it")
            }
        }
        checkCount(match.classes.count, PolicyLimits.matchEntries, "classes in match", allowlist: name)
        for vendor in match.vendors where vendor.isEmpty || vendor.bytes.contains(0x2A) {
            report(
                .invalid,
                allowlist: name,
                "vendor \"\(vendor)\" in match",
                "write the whole name, without *"
            )
        }
        for pattern in match.models + match.sites where TextPattern.isMalformed(pattern) {
            report(
                .invalid,
                allowlist: name,
                "\"\(pattern)\" in match",
                "a * may stand at the end only"
            )
        }
        for key in match.keys where DeviceKey(key)?.byteString != key {
            report(
                .invalid,
                allowlist: name,
                "\"\(key)\" is no device key",
                "write mac:aa:bb:cc:dd:ee:ff, usb:… or bus:… in lower case"
            )
        }
    }

    private mutating func checkReachable(_ allowlist: Allowlist, earlier: ArraySlice<Allowlist>) {
        guard let first = earlier.first(where: { $0.match.matchesAll || $0.match == allowlist.match }) else { return }
        report(
            .suspicious,
            allowlist: allowlist.name,
            "it holds no device, for \(first.name) stands before it and matches the same",
            "put it first, or remove it"
        )
    }

    private mutating func check(_ allowlist: Allowlist, blocked: [IPPrefix]) {
        let name = allowlist.name
        checkCount(allowlist.allow.count, PolicyLimits.rulesPerAllowlist, "rules", allowlist: name)
        var seen: HashSet<AllowRule> = HashSet()
        for (index, rule) in allowlist.allow.enumerated() {
            if !seen.insert(rule) {
                report(.suspicious, allowlist: name, rule: index, "stands twice", "remove one")
            }
            check(rule, index, of: name, blocked: blocked)
        }
        checkCount(allowlist.dns.blocklists.count, PolicyLimits.matchEntries, "blocklists", allowlist: name)
        for list in allowlist.dns.blocklists where list.isEmpty || list.count > PolicyLimits.textBytes {
            report(.invalid, allowlist: name, "the name of a blocklist is empty or too long", "write that of a list")
        }
        if allowlist.dns.noticesBlocked, !allowlist.showsNotice {
            report(
                .suspicious,
                allowlist: name,
                "blocked is notice, but a rule allows port 80 of the gateway, which stays what it is",
                "take the port out of the rule, or write blocked: nxdomain"
            )
        }
        let limits = allowlist.limits
        for limit in [limits.newConnectionsPerSecond, limits.packetsPerSecond, limits.concurrentConnections]
        where limit > PolicyLimits.rate {
            report(.invalid, allowlist: name, "a limit is above 10000000", "leave it out for none")
        }
        if let response = allowlist.onViolation {
            let times = [response.withinSeconds, response.forSeconds]
            if response.quarantineAfter == 0 || times.contains(where: { $0 == 0 || $0 > PolicyLimits.responseSeconds })
            {
                report(
                    .invalid,
                    allowlist: name,
                    "onViolation has a 0, or a time above a year",
                    "write quarantineAfter, within and for, each 1 or more"
                )
            }
        }
        if let probes = allowlist.probes { check(probes, of: allowlist) }
    }

    private mutating func check(_ probes: ProbePolicy, of allowlist: Allowlist) {
        let isWithinBounds =
            PolicyLimits.probeIntervalSeconds.contains(UInt64(probes.everySeconds))
            && PolicyLimits.probesPerHour.contains(UInt64(probes.exchangesPerHour))
            && PolicyLimits.probeBytesPerDay.contains(UInt64(probes.bytesPerDay))
        if probes.kinds.rawValue == 0 || !isWithinBounds {
            report(
                .invalid,
                allowlist: allowlist.name,
                "probes asks nothing, or has a limit out of bounds",
                "name probes; every 1h to 90d, exchangesPerHour 1 to 60, bytesPerDay 4KiB to 16MiB"
            )
        }
        let classes = allowlist.match.classes
        if !classes.isEmpty, classes.allSatisfy({ ProbePolicy.passiveOnly.contains($0) }) {
            report(
                .suspicious,
                allowlist: allowlist.name,
                "its probes are never sent, for devices of these classes are only listened to",
                "remove probes"
            )
        }
    }

    private mutating func check(_ rule: AllowRule, _ index: Int, of name: ByteString, blocked: [IPPrefix]) {
        switch rule.to {
        case .gateway: break
        case .name(let pattern):
            if pattern.name.byteString.isEmpty || pattern.byteString.bytes.dropFirst(2).contains(0x2A) {
                report(.invalid, allowlist: name, rule: index, "not a name", "write www.example.com or *.example.com")
            } else if pattern.isWildcard, !pattern.name.byteString.bytes.contains(0x2E) {
                report(
                    .suspicious,
                    allowlist: name,
                    rule: index,
                    "\(pattern.byteString) allows all of a top-level domain",
                    "name the vendor's own domain"
                )
            }
        case .prefix(let prefix):
            if prefix.length == 0 {
                report(
                    .suspicious,
                    allowlist: name,
                    rule: index,
                    "\(prefix.byteString) allows every address",
                    "name what the device needs"
                )
            }
            if let block = blocked.first(where: { $0.overlaps(prefix) && $0.length <= prefix.length }) {
                report(
                    .suspicious,
                    allowlist: name,
                    rule: index,
                    "it has no effect, for the baseline blocks \(block.byteString)",
                    "remove one of them"
                )
            }
        }
        checkCount(rule.ports.count, PolicyLimits.portRangesPerRule, "port ranges", allowlist: name, rule: index)
        for range in rule.ports { check(range, index, of: name) }
    }

    private mutating func check(_ range: PortRange, _ index: Int, of name: ByteString) {
        switch range.transport {
        case .tcp, .udp:
            if range.first == 0 {
                report(
                    .invalid,
                    allowlist: name,
                    rule: index,
                    "port 0",
                    "ports are 1 to 65535; leave ports out for all"
                )
            } else if range.first > range.last {
                report(
                    .invalid,
                    allowlist: name,
                    rule: index,
                    "ports end before they begin",
                    "write the lower one first"
                )
            }
        case .icmp:
            if range.first != 0 || range.last != 0xFFFF {
                report(.invalid, allowlist: name, rule: index, "icmp with a type", "write icmp, which is all types")
            }
        default:
            report(.invalid, allowlist: name, rule: index, "a protocol other than tcp, udp and icmp", "use one of them")
        }
    }
}
