import NetworkTypes
import Policy

/// A bundle with every field set.
package enum PolicySamples {
    package static func prefix(_ text: String) -> IPPrefix {
        IPPrefix(ByteString(utf8: text)) ?? IPPrefix(host: IPAddress(v4: 0))
    }

    package static func name(_ text: String) -> AllowRule.Destination {
        NamePattern(ByteString(utf8: text)).map { .name($0) } ?? .gateway
    }

    package static var cameras: Allowlist {
        var cameras = Allowlist(name: "cameras")
        cameras.match.classes = [.ipCamera, .doorbell]
        cameras.match.vendors = ["axis", "hikvision"]
        cameras.match.models = ["m30*", "ds-2cd"]
        cameras.match.keys = ["mac:ac:cc:8e:01:02:03"]
        cameras.match.sites = ["warehouse-*"]
        cameras.match.tags = ["lobby", "outdoor"]
        cameras.match.minimumConfidence = 650
        cameras.mode = .monitor
        cameras.allow = [
            AllowRule(to: name("*.axis.com"), ports: [PortRange(transport: .tcp, first: 443, last: 443)]),
            AllowRule(
                to: .prefix(prefix("10.20.0.5")),
                ports: [
                    PortRange(transport: .tcp, first: 554, last: 554),
                    PortRange(transport: .udp, first: 5000, last: 5010),
                    PortRange(transport: .icmp, first: 0, last: 65535),
                ]
            ),
            AllowRule(to: .prefix(prefix("2001:db8::/32")), ports: []),
            AllowRule(to: .gateway, ports: [PortRange(transport: .udp, first: 123, last: 123)]),
        ]
        cameras.limits.newConnectionsPerSecond = 20
        cameras.limits.packetsPerSecond = 2000
        cameras.onContradiction = .quarantine
        cameras.limits.concurrentConnections = 200
        cameras.limits.bytesPerSecond = 1 << 20
        cameras.dns.answersOnlyAllowed = false
        cameras.dns.blocklists = ["malware", "ads"]
        cameras.dns.serverNames = .required
        var probes = ProbePolicy(kinds: ProbeSet.all)
        probes.everySeconds = 7200
        probes.exchangesPerHour = 7
        probes.bytesPerDay = 9000
        cameras.probes = probes
        cameras.onViolation = ViolationResponse(quarantineAfter: 50, withinSeconds: 60, forSeconds: 3600)
        return cameras
    }

    package static var bundle: PolicyBundle {
        var bundle = PolicyBundle()
        bundle.generation = 7
        bundle.issuedAtSeconds = 1_700_000_000
        bundle.notAfterSeconds = 1_731_536_000
        bundle.rollbackFrom = 9
        bundle.target.gateways = ["gw-1", "gw-2"]
        bundle.target.sites = ["warehouse-*"]
        bundle.baseline.unknown.mode = .monitor
        bundle.baseline.unknown.allow = [AllowRule(to: name("pool.ntp.org"), ports: [])]
        bundle.baseline.blockedPrefixes = [prefix("203.0.113.0/24"), prefix("2001:db8:bad::/48")]
        bundle.baseline.protectedPrefixes = [prefix("192.0.2.0/28")]
        bundle.baseline.mustReach = [ReachProbe(address: IPAddress(v4: 0xC000_0201), port: 443)]
        bundle.baseline.usb.deauthorisesInput = true
        bundle.baseline.usb.allowed = ["046d:c31c", "0781:5581:4C530001"]
        bundle.allowlists = [cameras, Allowlist(name: "second")]
        bundle.tags = [
            DeviceTag(name: "lobby", devices: ["mac:ac:cc:8e:01:02:03", "usb:046d:0825:ABC@1-1.2"]),
            DeviceTag(name: "outdoor", devices: []),
        ]
        return bundle
    }

    /// A stand-in for Ed25519: "signs" by key and length, so that the gate can be tested without a library.
    package static func sign(_ bundle: PolicyBundle, key: [UInt8]) -> [UInt8] {
        let payload = bundle.encoded()
        let keyID = PolicyEnvelope.keyID(of: key)
        let message = PolicyEnvelope.toBeSigned(payload: payload, keyID: keyID)
        return PolicyEnvelope(payload: payload, keyID: keyID, signature: tag(key, message)).encoded()
    }

    /// A knowledge file of 9 bytes, signed the same way.
    package static func signedKnowledge(key: [UInt8]) -> [UInt8] {
        let file = Array("knowledge".utf8)
        var manifest = FileManifest()
        (manifest.version, manifest.rollbackFrom, manifest.issuedAtSeconds) = (5, 9, 1_700_000_000)
        (manifest.fileHash, manifest.fileBytes) = (ByteString(SHA256.hash(file)), UInt64(file.count))
        let payload = manifest.encoded()
        let keyID = SignedEnvelope.keyID(of: key)
        let message = SignedEnvelope.toBeSigned(.knowledge, payload: payload, keyID: keyID)
        let signature = tag(key, message)
        return SignedEnvelope(.knowledge, payload: payload, keyID: keyID, signature: signature).encoded() + file
    }

    package static func verify(_ key: [UInt8], _ message: [UInt8], _ signature: [UInt8]) -> Bool {
        signature == tag(key, message)
    }

    public static func tag(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        let hash = SHA256.hash(key + message)
        return hash + SHA256.hash(hash)
    }
}
