public import NetworkTypes
public import Policy

/// Writes a bundle as the YAML that `PolicyDocuments` reads: what was signed, for people.
public struct PolicyRenderer {
    private var text = ByteString()

    /// The documents of a bundle, the baseline first; what only a signed bundle has is in comments.
    public static func render(_ bundle: PolicyBundle) -> ByteString {
        var renderer = PolicyRenderer()
        renderer.baseline(bundle)
        if !bundle.tags.isEmpty {
            renderer.line("---")
            renderer.line("apiVersion: gatehouse/v1")
            renderer.line("kind: Tags")
            renderer.line("tags:")
            for tag in bundle.tags {
                let devices = PolicyRenderer.joined(tag.devices.map { PolicyRenderer.quoted($0) })
                renderer.line("  ", PolicyRenderer.quoted(tag.name), ": [", devices, "]")
            }
        }
        for allowlist in bundle.allowlists {
            renderer.line("---")
            renderer.document(allowlist)
        }
        return renderer.text
    }

    /// The document of one allowlist.
    public static func render(_ allowlist: Allowlist) -> ByteString {
        var renderer = PolicyRenderer()
        renderer.document(allowlist)
        return renderer.text
    }

    private mutating func document(_ allowlist: Allowlist) {
        line("apiVersion: gatehouse/v1")
        line("kind: Allowlist")
        line("name: ", PolicyRenderer.quoted(allowlist.name))
        match(allowlist.match)
        holding(allowlist, indent: "")
    }

    private mutating func line(_ parts: ByteString...) {
        for part in parts { text.append(part) }
        text.append("\n")
    }

    private mutating func baseline(_ bundle: PolicyBundle) {
        line("# generation: ", PolicyRenderer.decimal(bundle.generation))
        line("# issued at: ", PolicyRenderer.decimal(bundle.issuedAtSeconds), " s since 1970")
        line("# not after: ", PolicyRenderer.decimal(bundle.notAfterSeconds), " s since 1970")
        if let rollbackFrom = bundle.rollbackFrom { line("# rollback from: ", PolicyRenderer.decimal(rollbackFrom)) }
        line("apiVersion: gatehouse/v1")
        line("kind: Baseline")
        if bundle.notAfterSeconds > bundle.issuedAtSeconds {
            line("validFor: ", PolicyRenderer.duration(bundle.notAfterSeconds - bundle.issuedAtSeconds))
        }
        if bundle.target != PolicyTarget() {
            line("target:")
            list("  gateways", bundle.target.gateways.map { PolicyRenderer.quoted($0) })
            list("  sites", bundle.target.sites.map { PolicyRenderer.quoted($0) })
        }
        line("unknown:")
        holding(bundle.baseline.unknown, indent: "  ")
        lines("block", bundle.baseline.blockedPrefixes.map { PolicyRenderer.quoted($0.byteString) })
        lines("protect", bundle.baseline.protectedPrefixes.map { PolicyRenderer.quoted($0.byteString) })
        let usb = bundle.baseline.usb
        if usb != USBPolicy() {
            line("usb:")
            list(
                "  deauthorise",
                (usb.deauthorisesInput ? ["input"] : []) + (usb.deauthorisesStorage ? ["storage"] : [])
            )
            list("  allow", usb.allowed.map { PolicyRenderer.quoted($0) })
        }
        lines(
            "mustReach",
            bundle.baseline.mustReach.map {
                PolicyRenderer.quoted(Endpoint(address: $0.address, port: $0.port).byteString)
            }
        )
    }

    private mutating func match(_ match: DeviceMatch) {
        guard match != DeviceMatch() else { return }
        line("match:")
        list("  class", match.classes.map { $0.name })
        list("  vendor", match.vendors.map { PolicyRenderer.quoted($0) })
        list("  model", match.models.map { PolicyRenderer.quoted($0) })
        list("  device", match.keys.map { PolicyRenderer.quoted($0) })
        list("  site", match.sites.map { PolicyRenderer.quoted($0) })
        list("  tag", match.tags.map { PolicyRenderer.quoted($0) })
        line("  minimumConfidence: ", PolicyRenderer.fraction(match.minimumConfidence))
    }

    private mutating func holding(_ allowlist: Allowlist, indent: ByteString) {
        line(indent, "mode: ", allowlist.mode == .enforce ? "enforce" : "monitor")
        if !allowlist.allow.isEmpty { line(indent, "allow:") }
        for rule in allowlist.allow {
            let to: ByteString
            switch rule.to {
            case .name(let pattern): to = PolicyRenderer.quoted(pattern.byteString)
            case .prefix(let prefix): to = PolicyRenderer.quoted(prefix.byteString)
            case .gateway: to = "gateway"
            }
            if rule.ports.isEmpty {
                line(indent, "  - { to: ", to, " }")
            } else {
                let ports = PolicyRenderer.joined(rule.ports.map { PolicySyntax.text(of: $0) })
                line(indent, "  - { to: ", to, ", ports: [", ports, "] }")
            }
        }
        if allowlist.limits != RateLimits() {
            line(indent, "limits:")
            let limits = allowlist.limits
            line(indent, "  newConnectionsPerSecond: ", PolicyRenderer.decimal(limits.newConnectionsPerSecond))
            line(indent, "  packetsPerSecond: ", PolicyRenderer.decimal(limits.packetsPerSecond))
            line(indent, "  concurrentConnections: ", PolicyRenderer.decimal(limits.concurrentConnections))
            if limits.bytesPerSecond > 0 {
                line(indent, "  bytesPerSecond: ", PolicyRenderer.decimal(limits.bytesPerSecond))
            }
        }
        let answerOnly: ByteString = allowlist.dns.answersOnlyAllowed ? "allowed" : "any"
        let lists = PolicyRenderer.joined(allowlist.dns.blocklists.map { PolicyRenderer.quoted($0) })
        var more: ByteString = allowlist.dns.noticesBlocked ? ", blocked: notice" : ""
        if allowlist.dns.failsOpen { more.append(", failMode: open") }
        if allowlist.dns.serverNames != .checked { more.append(", serverNames: \(allowlist.dns.serverNames.name)") }
        line(indent, "dns: { answerOnly: ", answerOnly, lists.isEmpty ? "" : ", blocklists: [\(lists)]", more, " }")
        if let response = allowlist.onViolation {
            line(indent, "onViolation:")
            line(indent, "  quarantineAfter: ", PolicyRenderer.decimal(response.quarantineAfter))
            line(indent, "  within: ", PolicyRenderer.duration(UInt64(response.withinSeconds)))
            line(indent, "  for: ", PolicyRenderer.duration(UInt64(response.forSeconds)))
        }
        if allowlist.onContradiction != .keep {
            line(indent, "onContradiction: ", allowlist.onContradiction.name)
        }
        if let probes = allowlist.probes {
            line(indent, "probes:")
            line(indent, "  run: [", PolicyRenderer.joined(probes.kinds.names), "]")
            line(indent, "  every: ", PolicyRenderer.duration(UInt64(probes.everySeconds)))
            line(indent, "  exchangesPerHour: ", PolicyRenderer.decimal(probes.exchangesPerHour))
            line(indent, "  bytesPerDay: ", PolicyRenderer.decimal(probes.bytesPerDay))
        }
    }

    private mutating func list(_ key: ByteString, _ values: [ByteString]) {
        guard !values.isEmpty else { return }
        line(key, ": [", PolicyRenderer.joined(values), "]")
    }

    private mutating func lines(_ key: ByteString, _ values: [ByteString]) {
        guard !values.isEmpty else { return }
        line(key, ":")
        for value in values { line("  - ", value) }
    }

    private static func joined(_ values: [ByteString]) -> ByteString {
        var text = ByteString()
        for (index, value) in values.enumerated() {
            if index > 0 { text.append(", ") }
            text.append(value)
        }
        return text
    }

    private static func decimal(_ value: some FixedWidthInteger) -> ByteString {
        var text = ByteString()
        text.append(decimal: value)
        return text
    }

    /// `0.7` for 700
    private static func fraction(_ perMille: UInt16) -> ByteString {
        var text = decimal(perMille / 1000)
        var digits = decimal(perMille % 1000 + 1000).bytes.dropFirst()
        while digits.last == 0x30 { digits.removeLast() }
        if !digits.isEmpty { text.append(ByteString([0x2E] + digits)) }
        return text
    }

    /// The largest unit that says it whole.
    private static func duration(_ seconds: UInt64) -> ByteString {
        let units: [(UInt64, ByteString)] = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")]
        var text = ByteString()
        for (factor, suffix) in units where seconds % factor == 0 {
            text.append(decimal: seconds / factor)
            text.append(suffix)
            break
        }
        return text
    }

    /// In double quotes, so that nothing is taken for a number or a truth value.
    private static func quoted(_ value: ByteString) -> ByteString {
        var text: ByteString = "\""
        for byte in value.bytes {
            switch byte {
            case 0x22, 0x5C:
                text.append(byte: 0x5C)
                text.append(byte: byte)
            case 0x00..<0x20, 0x7F:
                text.append("\\x")
                text.append(hexadecimal: byte, digits: 2)
            default: text.append(byte: byte)
            }
        }
        text.append("\"")
        return text
    }
}
