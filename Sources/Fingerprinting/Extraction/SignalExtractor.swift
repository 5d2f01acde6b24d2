public import NetworkTypes
public import PacketParsing

/// Turns captured frames into what they say of the devices that sent them.
///
/// A device is told by the source MAC address of the link, and only what it says of itself counts: who *searches* for
/// a camera is none. Frames that a router brought from elsewhere say nothing of the router. Frames that carry nothing
/// new cost no memory: what a device repeats within a minute is not reported again.
public struct SignalExtractor: Sendable {
    /// Most signals of one frame; a printer's mDNS announcement has about 40.
    public static let maximumSignals = 96

    /// What became of the frames so far.
    public internal(set) var counters = ExtractionCounters()
    /// Which source addresses are on the link. May be changed when the interfaces change.
    public var onLink: OnLinkAddresses
    /// Whether server names are kept for `takeServerNames`.
    public var noticesServerNames = false
    /// Where the gateway answers what devices send to port 53. On a bridge the kernel may have redirected it before it is
    /// captured (net.bridge.bridge-nf-call-iptables).
    public var resolverPort: UInt16?

    private let ignoredSources: [MACAddress]
    let ciphers: CaptureCiphers
    var recent = RecentSightings()
    var streams = StreamTable()
    var quicFlows: [QUICFlow] = []
    var fragments = FragmentTable()
    var budget = DecryptionBudget()
    var serverNames: [ServerNameSighting] = []

    /// An extractor for one link; frames from `ignoredSources`, the gateway's own interfaces, are passed over.
    public init(onLink: OnLinkAddresses, ignoredSources: [MACAddress] = [], ciphers: CaptureCiphers) {
        self.onLink = onLink
        self.ciphers = ciphers
        self.ignoredSources = ignoredSources
    }

    /// What the frame says; nil where it says nothing, or nothing new of its sender's presence.
    public mutating func extract(
        _ frame: Span<UInt8>,
        linkType: LinkType = .ethernet,
        timeNanoseconds: UInt64
    ) -> Sighting? {
        counters.frames += 1
        guard linkType.isSupported else {
            counters.unsupportedLinkType += 1
            return nil
        }
        do throws(DecodeError) {
            var reader = ByteReader(frame)
            let link = try LinkHeader(parsing: &reader, linkType: linkType)
            guard let source = link.source, !source.isMulticast, !source.isZero else {
                counters.rejectedSource += 1
                return nil
            }
            for ignored in ignoredSources where ignored == source { return nil }
            var draft = SightingDraft(device: source, timeNanoseconds: timeNanoseconds)
            switch link.etherType {
            case .arp: try readARP(&reader, &draft)
            case .ipv4, .ipv6: try readIP(&reader, link, &draft)
            case .lldp: try readLinkDiscovery(&reader, isLLDP: true, &draft)
            case .profinet: try readIndustrial(&reader, .profinet, nil, &draft)
            case .none where reader.starts(with: DeviceAnnouncement.cdpPrefix):
                try reader.skip(DeviceAnnouncement.cdpPrefix.count)
                try readLinkDiscovery(&reader, isLLDP: false, &draft)
            default: break
            }
            return draft.isRejected ? nil : finish(&draft)
        } catch {
            counters.malformed += 1
            return nil
        }
    }

    /// Reports the device at the address when it is heard next, however short ago that was.
    public mutating func forget(_ device: MACAddress, _ address: IPAddress) { recent.forget(device, address) }

    private mutating func finish(_ draft: inout SightingDraft) -> Sighting? {
        let isNew = recent.note(draft.device, draft.address, draft.timeNanoseconds)
        guard isNew || !draft.signals.isEmpty else { return nil }
        if isNew, !draft.device.isLocallyAdministered {
            var block = ByteString()
            block.append(hexadecimal: draft.device.organizationallyUniqueIdentifier, digits: 6)
            draft.add(.macBlock, block)
        }
        counters.sightings += 1
        counters.droppedSignals += draft.droppedSignals
        return Sighting(device: draft.device, address: draft.address, signals: draft.signals)
    }

    private mutating func readARP(_ reader: inout ByteReader, _ draft: inout SightingDraft) throws(DecodeError) {
        let message = try ARPMessage(parsing: &reader)
        guard message.senderMAC == draft.device else {
            counters.senderMismatch += 1
            return
        }
        // ARP does not pass routers, so who speaks it is on the link; but an address from outside the link's own
        // prefixes is a mistake or worse.
        let address = message.senderAddress
        guard !address.isUnspecified, !address.isMulticast, onLink == .guessed || onLink.contains(address) else {
            return
        }
        draft.address = address
    }

    private mutating func readIP(
        _ reader: inout ByteReader,
        _ link: LinkHeader,
        _ draft: inout SightingDraft
    ) throws(DecodeError) {
        let ip = try IPHeader(parsing: &reader)
        if ip.transport == .icmpv6, ip.timeToLive == 255, ip.isFirstFragment {
            try readNeighbor(&reader, ip, &draft)
            return
        }
        let isToGroup = link.destination?.isMulticast ?? ip.destination.isMulticast
        if onLink.contains(ip.source) || onLink == .guessed && recent.contains(draft.device, ip.source) {
            draft.address = ip.source
        } else if isToGroup {
            // Groups and broadcasts of the link are not forwarded: the sender is here, whatever it calls itself.
            if onLink == .guessed, !ip.source.isUnspecified, !ip.source.isMulticast, !ip.source.isLoopback {
                draft.address = ip.source
            }
        } else if !ip.source.isUnspecified {
            // What comes through a router says nothing of the router; but a DHCP relay names the client it speaks for.
            draft.isRejected = true
            defer { if draft.isRejected { counters.offLink += 1 } }
            guard ip.transport == .udp, ip.isFirstFragment else { return }
            let port = UInt16(reader.peek(2) ?? 0) << 8 | UInt16(reader.peek(3) ?? 0)
            guard port == 67 || port == 547 else { return }
            var payload = try reader.slice(Swift.min(ip.payloadLength ?? reader.remaining, reader.remaining))
            readUDP(&payload, ip, &draft)
            return
        }
        if ip.isFragment, ip.transport == .udp {
            try readFragment(&reader, ip, &draft)
            return
        }
        guard ip.isFirstFragment else {
            counters.laterFragments += 1
            return
        }
        var payload = try reader.slice(Swift.min(ip.payloadLength ?? reader.remaining, reader.remaining))
        switch ip.transport {
        case .udp: readUDP(&payload, ip, &draft)
        case .tcp: readTCP(&payload, ip, &draft)
        default: break
        }
    }
}
