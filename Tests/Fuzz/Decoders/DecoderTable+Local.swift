import AgentCore
import ConfigurationFiles
import Fingerprinting
import KnowledgeBuilder
import NetworkTypes
import Policy
import Samples
import SystemIO

extension DecoderTable {
    private static let rules = """
        - rule: service
          when: { mdns.service: ["_one._tcp", { prefix: "_cam-" }] }
          says: { class: ip-camera, vendor: Axis }
          weight: 0.9
          source: https://example.com/
          examples: ["_one._tcp", "_cam-7._tcp"]
          counterexamples: ["_two._tcp"]
        - rule: name
          when: { hostname: { glob: "cam-*-[0-9]" } }
          says: { vendor: Axis, model: $1 }
          weight: 0.8
          source: https://example.com/
          examples: [{ value: cam-m3-7, model: m3 }]
          counterexamples: [cam]

        """
    private static let vendors = """
        vendors:
          - { name: Axis, class: ip-camera, aliases: ["AXIS Communications"], register: ["axis communications*"] }

        """
    private static let policy = """
        apiVersion: gatehouse/v1
        kind: Allowlist
        name: cameras
        match: { class: ip-camera, vendor: [axis], minimumConfidence: 0.7 }
        mode: enforce
        allow:
          - { to: "*.axis.com", ports: [443/tcp] }
          - { to: 10.20.0.5, ports: [554/tcp, 5000-5010/udp] }
        onViolation: { quarantineAfter: 50, within: 60s, for: 1h }

        """

    /// What the gateway's kernel, disk and resolvers say.
    static let local: [Decoder] = [
        Decoder("knowledge", maximumLength: 4096, samples: { knowledgeFiles() }, decode: readKnowledge),
        Decoder("sysfs", samples: { [Array(SysfsText.sample.utf8)] }) { bytes in
            !LocalBusScan(SysfsText(bytes)).devices.isEmpty
        },
        .reader(
            "uevent",
            texts: ["add@/devices/pci0/usb1/1-1\0ACTION=add\0DEVPATH=/devices/pci0/usb1/1-1\0SUBSYSTEM=usb\0SEQNUM=1\0"]
        ) { reader throws(DecodeError) in
            _ = try DeviceEvent(parsing: &reader)
        },
        Decoder("netlink", samples: NetlinkSamples.all) { bytes in
            let reader = NetlinkReader(bytes: bytes, count: bytes.count)
            var found = false
            reader.forEachMessage { message in
                let packet = LoggedPacket(reader, message)
                if ViolationPrefix(packet.prefix) != nil || TrackedFlow(reader, message) != nil { found = true }
            }
            return found
        },
        Decoder("dns-proxy", [.udp(53)], samples: { [question] }, decode: proxyDNS),
        Decoder("policy-yaml", samples: { [Array(policy.utf8)] }) { bytes in
            var documents = PolicyDocuments()
            do throws(ConfigurationError) {
                try documents.add(bytes, file: "policy.yaml")
                _ = PolicyValidator.validate(documents.bundle, protected: [])
                return true
            } catch {
                return false
            }
        },
    ]

    /// One for the address of `a.example`, with an OPT record (RFC 1035 §4.1, RFC 6891 §6.1.2).
    private static let question: [UInt8] =
        [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0x61, 7] + Array("example".utf8) + [0, 0, 1, 0, 1]
        + [0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0]

    /// The bytes are a device's question, and, where that is passed on, with another head also the answer to it.
    private static func proxyDNS(_ bytes: [UInt8]) -> Bool {
        var proxy = DNSProxy(settings: .init(upstreamCount: 2, timeoutMilliseconds: 1000))
        let client = DNSProxy.Client(device: MACAddress(rawValue: 0x02_00_00_00_00_01), isTCP: false, handle: 1)
        let allowlist = Allowlist(name: "all")
        var wasForwarded = false
        for (now, list) in [(UInt64(1), nil), (5000, allowlist)] as [(UInt64, Allowlist?)] {
            var actions = proxy.query(bytes, from: client, allowlist: list, entropy: 7, nowMilliseconds: now)
            guard case .forward(let query, let asked, _)? = actions.first else { continue }
            wasForwarded = true
            // The identifier is the proxy's own: without it no answer is looked at.
            let answer = Array(asked.prefix(2)) + [0x81] + bytes.dropFirst(3)
            actions = proxy.answered(query: query, bytes: answer, nowMilliseconds: now)
            if case .fill(let query, _, _, _, _)? = actions.first { _ = proxy.filled(query: query, succeeded: true) }
            _ = proxy.tick(nowMilliseconds: now + 3000, entropy: 9)
        }
        return wasForwarded
    }

    private static func knowledgeFiles() -> [[UInt8]] {
        (try? KnowledgeBuilder.build(texts: [("r.yaml", rules), ("vendors.yaml", vendors)])).map { [$0] } ?? []
    }

    /// A file whose digest is right whatever is in it: what a signed, but wrong, file could do.
    private static func readKnowledge(_ bytes: [UInt8]) -> Bool {
        var file = bytes
        if file.count > KnowledgeFormat.contentsOffset {
            let digest = SHA256.hash(Array(file[KnowledgeFormat.contentsOffset...]))
            file.replaceSubrange(KnowledgeFormat.digestOffset..<KnowledgeFormat.contentsOffset, with: digest)
            for (shift, index) in zip([24, 16, 8, 0], 12...) {
                file[index] = UInt8(truncatingIfNeeded: file.count >> shift)
            }
        }
        guard let knowledge = try? KnowledgeBase(opening: ArrayByteStore(file)) else { return false }
        for kind in SignalKind.allCases {
            for value: ByteString in ["_one._tcp", "cam-m3-7", "accc8e", "accc8e010"] {
                _ = knowledge.lookup(Signal(kind, value))
            }
        }
        _ = knowledge.vendor(spelled: "AXIS Communications")
        _ = knowledge.blockSignal(of: MACAddress(rawValue: 0xACCC_8E01_0203))
        return true
    }
}
