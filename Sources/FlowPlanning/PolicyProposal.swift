import NetworkTypes
import Policy

/// A policy made of the flows that were seen: an allowlist for each kind of device, no wider than what they did.
public struct PolicyProposal: Sendable {
    /// A device that no allowlist is proposed for, because it is not known well enough what it is.
    public struct UnknownDevice: Sendable {
        /// Its key.
        public let key: String
        /// What it is held to be, however unsure.
        public let description: String
        /// What it did.
        public let flows: [String]
    }

    /// The allowlists, those that match more narrowly first, as their order asks.
    public private(set) var groups: [ProposedGroup] = []
    /// Groups of devices that did nothing often enough.
    public private(set) var emptyGroups: [ProposedGroup] = []
    /// Devices that are not known well enough.
    public private(set) var unknown: [UnknownDevice] = []
    /// Flows that it was made of.
    public let flowCount: Int
    /// Devices that had them.
    public let deviceCount: Int

    /// What matters of a device.
    private struct Kind: Hashable {
        var deviceClass: DeviceClass
        var vendor: ByteString = ""
        var model: ByteString = ""

        /// nil where the class is not known well enough for an allowlist with the usual confidence to hold the device.
        init?(_ facts: DeviceFacts, byModel: Bool) {
            let least = DeviceMatch().minimumConfidence
            guard facts.deviceClass != .unknown, facts.classConfidence >= least else { return nil }
            deviceClass = facts.deviceClass
            if Kind.isUsable(facts.vendor), facts.vendorConfidence >= least { vendor = facts.vendor.lowercasedASCII }
            guard byModel, !vendor.isEmpty, Kind.isUsable(facts.model), facts.modelConfidence >= least else { return }
            model = facts.model.lowercasedASCII
        }

        private static func isUsable(_ text: ByteString) -> Bool {
            !text.isEmpty && text.count <= PolicyLimits.textBytes && !text.bytes.contains(0x2A)
                && text.text.unicodeScalars.allSatisfy { ProposalText.isPlain($0) }
        }

        /// Models before vendors before classes: the first match holds a device.
        var rank: Int { vendor.isEmpty ? 2 : model.isEmpty ? 1 : 0 }
    }

    /// Learns from flows, of one gateway or of many.
    public init(_ flows: [RecordedFlow], settings: ProposalSettings = ProposalSettings()) {
        flowCount = flows.count
        deviceCount = Set(flows.map(\.device.key)).count
        var known: [Kind: [RecordedFlow]] = [:]
        var strangers: [ByteString: [RecordedFlow]] = [:]
        for flow in flows where !flow.needsNoRule {
            guard let kind = Kind(flow.device, byModel: settings.isByModel) else {
                strangers[flow.device.key, default: []].append(flow)
                continue
            }
            known[kind, default: []].append(flow)
        }
        let order = known.keys.sorted {
            ($0.rank, $0.deviceClass.name, $0.vendor, $0.model) < ($1.rank, $1.deviceClass.name, $1.vendor, $1.model)
        }
        var names: Set<ByteString> = []
        for kind in order {
            var match = DeviceMatch()
            match.classes = [kind.deviceClass]
            if !kind.vendor.isEmpty { match.vendors = [kind.vendor] }
            if !kind.model.isEmpty { match.models = [kind.model] }
            // A class alone would also hold what other makers will bring: these devices, and no others.
            if kind.vendor.isEmpty { match.keys = (known[kind] ?? []).prefix(1).map(\.device.key) }
            let name = PolicyProposal.name([kind.deviceClass.name, kind.vendor, kind.model], &names)
            var builder = GroupBuilder(match: match, name: name)
            for flow in known[kind] ?? [] { builder.add(flow) }
            let group = builder.built(settings)
            if group.allowlist.allow.isEmpty { emptyGroups.append(group) } else { groups.append(group) }
        }
        for (key, flows) in strangers.sorted(by: { $0.key < $1.key }) {
            unknown.append(PolicyProposal.stranger(key, flows))
        }
    }

    private static func stranger(_ key: ByteString, _ flows: [RecordedFlow]) -> UnknownDevice {
        var seen: [String: Seen] = [:]
        for flow in flows { seen["\(flow.destination) \(flow.service)", default: Seen()].add(flow) }
        let facts = flows[0].device
        let words = [facts.deviceClass.name, facts.vendor, facts.model].filter { !$0.isEmpty }.map(\.text)
        return UnknownDevice(
            key: key.text,
            description: words.joined(separator: ", "),
            flows: seen.sorted { $0.key < $1.key }.map { "\($0.key): \(ProposalText.seen($0.value))" }
        )
    }

    /// `learned-ip-camera-axis`, in the characters of a policy's name, each once.
    private static func name(_ parts: [ByteString], _ taken: inout Set<ByteString>) -> ByteString {
        var text: [UInt8] = Array("learned".utf8)
        for part in parts where !part.isEmpty {
            text.append(0x2D)
            for byte in part.lowercasedASCII.bytes {
                let isPlain = (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2E
                if isPlain { text.append(byte) } else if text.last != 0x2D { text.append(0x2D) }
            }
        }
        // Room for a number.
        let stem = Array(text.prefix(PolicyLimits.nameBytes - 6))
        var name = ByteString(stem)
        var number = 2
        while !taken.insert(name).inserted {
            name = ByteString(stem + Array("-\(number)".utf8))
            number += 1
        }
        return name
    }
}
