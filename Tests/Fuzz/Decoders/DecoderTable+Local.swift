import AgentCore
import BlocklistBuilder
import Captures
import ConfigurationFiles
import Fingerprinting
import FlowPlanning
import KnowledgeBuilder
import MUD
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

    private static let flowLine = """
        {"device":"mac:ac:cc:8e:01:02:03","site":null,"class":"ip-camera","vendor":"Axis","model":null,"confidence":\
        {"class":0.98,"vendor":0.7,"model":0},"direction":"internet","destination":"cloud.example","address":\
        "203.0.113.6","transport":"tcp","port":443,"count":2,"first":10,"last":7200010}

        """

    private static var flows: [UInt8] {
        var table = FlowTable()
        for (name, direction) in [("cloud.example", FlowDirection.internet), ("", .internet), ("", .gateway)]
            as [(ByteString, FlowDirection)]
        {
            let flow = OpenedFlow(
                device: MACAddress(rawValue: 0xACCC_8E01_0203),
                destination: IPAddress(v4: 0xCB00_7105),
                transport: .tcp,
                port: 443
            )
            let key = FlowKey(flow, name: name.isEmpty ? nil : DomainName(name), direction: direction)
            table.note(key, address: flow.destination, isNew: true, wallMilliseconds: 1_764_000_000_000)
        }
        return table.encoded()
    }

    /// What the gateway's kernel, disk and resolvers say.
    static let local: [Decoder] = [
        Decoder("knowledge", maximumLength: 4096, samples: { knowledgeFiles() }, decode: readKnowledge),
        Decoder("blocklists", samples: { [blocklist] }, decode: readBlocklists),
        Decoder("blocklist-source", samples: { [Array("0.0.0.0 a.example\n||b.example^\n@@||c.b.example^\n".utf8)] }) {
            bytes in
            let source = BlocklistSource(parsing: bytes)
            return !source.blocked.isEmpty
        },
        Decoder("web-address", samples: { [Array("https://a.example:8443/folder/x?y#z".utf8), Array("../x".utf8)] }) {
            bytes in
            // As a server sends it, in Location.
            WebAddress("https://b.example/folder/")?.following(ByteString(bytes)) != nil
        },
        Decoder("flows", samples: { [flows] }) { bytes in
            guard let table = try? FlowTable(decoding: bytes) else { return false }
            return table.flows.count <= FlowTable.maximumFlows
        },
        Decoder("flow-lines", samples: { [Array(flowLine.utf8)] }) { bytes in
            guard let flows = try? RecordedFlow.read(bytes), !flows.isEmpty else { return false }
            return !PolicyProposal(flows).yaml.isEmpty
        },
        Decoder("mud", maximumLength: 4096, samples: { [Array(usage.utf8)] }) { (try? MUDFile(parsing: $0)) != nil },
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
        .init("notice-request", samples: { [Array("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n".utf8)] }) { bytes in
            if case .whole = NoticePage.request(bytes) { return true }
            return false
        },
        Decoder("dns-stream", samples: { [streamed] }, decode: streamDNS),
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

    /// Two answers on a stream, under the identifiers 0 and 1.
    private static let streamed: [UInt8] =
        [0, 12, 0, 0, 0x81, 0x80, 0, 0, 0, 0, 0, 0, 0, 0] + [0, 12, 0, 1, 0x81, 0x80, 0, 0, 0, 0, 0, 0, 0, 0]

    /// The bytes are what an upstream sends over its stream; each answer must be one that was asked for.
    private static func streamDNS(_ bytes: [UInt8]) -> Bool {
        var stream = DNSStream(entropy: 0)
        for query in 0..<UInt64(3) { _ = stream.ask(query: query, bytes: question, nowMilliseconds: 0) }
        _ = stream.opened(nowMilliseconds: 0)
        do throws(DNSStream.Failure) {
            let answers = try stream.received(bytes, nowMilliseconds: 1)
            precondition(answers.allSatisfy { $0.query < 3 && $0.bytes.prefix(2) == question.prefix(2) })
            return !answers.isEmpty
        } catch {
            return false
        }
    }

    /// The bytes are a device's question, and, where that is passed on, with another head also the answer to it.
    private static func proxyDNS(_ bytes: [UInt8]) -> Bool {
        var proxy = DNSProxy(settings: .init(upstreamCount: 2, timeoutMilliseconds: 1000))
        let client = DNSProxy.Client(device: MACAddress(rawValue: 0x02_00_00_00_00_01), isTCP: false, handle: 1)
        let allowlist = Allowlist(name: "all")
        var wasForwarded = false
        for (now, list) in [(UInt64(1), nil), (5000, allowlist)] as [(UInt64, Allowlist?)] {
            var actions = proxy.query(bytes, from: client, allowlist: list, entropy: 7, nowMilliseconds: now)
            guard case .forward(let query, let asked, _, _)? = actions.first else { continue }
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

    /// A file whose length and digest are right whatever is in it: what a signed, but wrong, file could do. Knowledge and
    /// blocklists begin alike.
    private static func sealed(_ bytes: [UInt8]) -> [UInt8] {
        var file = bytes
        guard file.count > KnowledgeFormat.contentsOffset else { return file }
        for (shift, index) in zip([24, 16, 8, 0], 12...) {
            file[index] = UInt8(truncatingIfNeeded: file.count >> shift)
        }
        let digest = SHA256.hash(Array(file[KnowledgeFormat.contentsOffset...]))
        file.replaceSubrange(KnowledgeFormat.digestOffset..<KnowledgeFormat.contentsOffset, with: digest)
        return file
    }

    /// One list of two names, of which one is excepted again.
    private static let blocklist: [UInt8] = {
        var file = BlocklistFormat.magic + FrameBuilder.long(BlocklistFormat.version)
        file += [UInt8](repeating: 0, count: 36 + 16) + FrameBuilder.long(1) + Array("malware".utf8)
        file += [UInt8](repeating: 0, count: 25) + FrameBuilder.long(2) + FrameBuilder.long(1)
        for hash in [1, 9, 5] as [UInt8] { file += [UInt8](repeating: hash, count: BlocklistFormat.hashLength) }
        return file
    }()

    private static func readBlocklists(_ bytes: [UInt8]) -> Bool {
        guard let lists = try? Blocklists(opening: ArrayByteStore(sealed(bytes))) else { return false }
        if let name = DomainName("a.b.example") { _ = lists.match(name, among: lists.names) }
        for name in lists.names { _ = lists.count(name) }
        return true
    }

    private static let usage = #"""
        {"ietf-mud:mud":{"mud-version":1,"mud-url":"https://a.example/b","last-update":"2020-01-01T00:00:00Z",
        "cache-validity":48,"is-supported":true,"systeminfo":"c","from-device-policy":{"access-lists":{"access-list":
        [{"name":"f"}]}},"to-device-policy":{"access-lists":{"access-list":[]}}},"ietf-access-control-list:acls":{"acl":
        [{"name":"f","type":"ipv4-acl-type","aces":{"ace":[{"name":"x","matches":{"ipv4":{"ietf-acldns:dst-dnsname":
        "d.example","protocol":6},"tcp":{"destination-port":{"operator":"eq","port":443}}},"actions":{"forwarding":
        "accept"}}]}}]}}
        """#

    private static func readKnowledge(_ bytes: [UInt8]) -> Bool {
        let file = sealed(bytes)
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
