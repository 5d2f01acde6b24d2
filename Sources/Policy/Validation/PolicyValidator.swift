import NetworkTypes

/// The one judge of policies, in gatehousectl, collector and agent: what passes one passes all.
public struct PolicyValidator {
    /// Most problems that are told of one policy.
    public static let maximumProblemCount = 100

    private(set) var problems: [PolicyProblem] = []

    /// Everything wrong with `bundle`; empty where nothing is. `protected` is what the caller knows must stay reachable,
    /// beyond what the bundle itself protects. A bundle may be enforced if no problem is an error.
    public static func validate(_ bundle: PolicyBundle, protected: [ProtectedPrefix] = []) -> [PolicyProblem] {
        var validator = PolicyValidator()
        validator.checkEnvelope(bundle)
        validator.checkBaseline(bundle.baseline, protected: protected)
        validator.checkAllowlists(bundle)
        return validator.problems
    }

    mutating func report(
        _ kind: PolicyProblem.Kind,
        allowlist: ByteString? = nil,
        rule: Int? = nil,
        _ message: ByteString,
        _ advice: ByteString
    ) {
        guard problems.count < PolicyValidator.maximumProblemCount else { return }
        problems.append(
            PolicyProblem(
                severity: kind == .suspicious ? .warning : .error,
                kind: kind,
                allowlist: allowlist,
                rule: rule,
                message: message,
                advice: advice
            )
        )
    }

    mutating func checkCount(
        _ count: Int,
        _ limit: Int,
        _ what: ByteString,
        allowlist: ByteString? = nil,
        rule: Int? = nil
    ) {
        guard count > limit else { return }
        var message = ByteString()
        message.append(decimal: count)
        message.append(" ")
        message.append(what)
        var advice: ByteString = "at most "
        advice.append(decimal: limit)
        report(.invalid, allowlist: allowlist, rule: rule, message, advice)
    }

    private mutating func checkEnvelope(_ bundle: PolicyBundle) {
        if bundle.generation == 0 { report(.invalid, "the generation is 0", "count from 1") }
        if bundle.notAfterSeconds <= bundle.issuedAtSeconds {
            report(.invalid, "it expires before it is issued", "give it a longer validFor")
        }
        if let rollbackFrom = bundle.rollbackFrom, rollbackFrom < bundle.generation {
            report(
                .invalid,
                "its rollback grant names a generation below its own",
                "name the highest generation it may replace"
            )
        }
        checkCount(bundle.target.gateways.count, PolicyLimits.matchEntries, "gateways in the target")
        checkCount(bundle.target.sites.count, PolicyLimits.matchEntries, "sites in the target")
        for gateway in bundle.target.gateways where gateway.isEmpty || gateway.count > PolicyLimits.textBytes {
            report(.invalid, "a gateway in the target is empty or too long", "name gateways by their identifiers")
        }
        for site in bundle.target.sites where TextPattern.isMalformed(site) || site.count > PolicyLimits.textBytes {
            report(.invalid, "site \"\(site)\" in the target", "a * may stand at the end only")
        }
    }

    private mutating func checkBaseline(_ baseline: Baseline, protected: [ProtectedPrefix]) {
        checkCount(baseline.blockedPrefixes.count, PolicyLimits.blockedPrefixCount, "blocked prefixes")
        checkCount(baseline.protectedPrefixes.count, PolicyLimits.protectedPrefixCount, "protected prefixes")
        checkCount(baseline.mustReach.count, PolicyLimits.probeCount, "mustReach probes")
        for probe in baseline.mustReach {
            if probe.port == 0 {
                report(.invalid, "mustReach \(probe.address.byteString) has port 0", "name a TCP port")
            }
            if !probe.isFit {
                report(
                    .invalid,
                    "mustReach \(probe.address.byteString) is nothing a gateway can connect to",
                    "name the address of one host, and none of fe80::/10, which is different on every link"
                )
            }
        }
        checkCount(baseline.usb.allowed.count, PolicyLimits.matchEntries, "USB devices")
        for entry in baseline.usb.allowed where !USBPolicy.isWellFormed(entry) {
            report(.invalid, "usb allow \"\(entry)\"", "write vendor:product or vendor:product:serial, like 046d:c31c")
        }
        if !baseline.usb.allowed.isEmpty, !baseline.usb.deauthorisesInput, !baseline.usb.deauthorisesStorage {
            report(
                .suspicious,
                "usb allow stands without deauthorise",
                "say what is to be de-authorised: input, storage"
            )
        }
        let own = baseline.protectedPrefixes.map { ProtectedPrefix($0, purpose: "protected by this policy") }
        let probes = baseline.mustReach.map { ProtectedPrefix($0.address, purpose: "a mustReach probe") }
        let all = protected + own + probes + ProtectedPrefix.essentials
        var seen: HashSet<IPPrefix> = HashSet()
        for (index, blocked) in baseline.blockedPrefixes.enumerated() {
            if !seen.insert(blocked) {
                report(
                    .suspicious,
                    rule: index,
                    "block \(blocked.byteString) stands twice",
                    "remove one"
                )
            }
            if blocked.length == 0 {
                report(
                    .cutsOff,
                    rule: index,
                    "block \(blocked.byteString) would cut the gateway off from everything",
                    "block what is meant, prefix by prefix"
                )
            } else if let hit = all.first(where: { $0.prefix.overlaps(blocked) }) {
                let message: ByteString = """
                    block \(blocked.byteString) would cut the gateway off from \(hit.prefix.byteString) (\(hit.purpose))
                    """
                report(.cutsOff, rule: index, message, "leave these addresses out of block")
            } else if blocked.length < 8 {
                report(
                    .suspicious,
                    rule: index,
                    "block \(blocked.byteString) is a large part of the internet",
                    "check the length of the prefix"
                )
            }
        }
    }
}
