import NetworkTypes
import PacketParsing

extension SignalExtractor {
    mutating func readUDP(_ reader: inout ByteReader, _ ip: IPHeader, _ draft: inout SightingDraft) {
        do throws(DecodeError) {
            let udp = try UDPHeader(parsing: &reader)
            var payload = try reader.slice(Swift.min(udp.payloadLength ?? reader.remaining, reader.remaining))
            guard !payload.isAtEnd else { return }
            let isRedirected = udp.destinationPort == resolverPort
            guard let kind = isRedirected ? .dnsQuery : SignalExtractor.kind(udp, payload) else { return }
            if kind == .dnsAnswer, !SignalExtractor.beginsWithOctet(payload) { return }
            // Before the payload is hashed: of most of its packets the first byte alone is looked at.
            if kind == .quic {
                try readQUIC(&payload, ip, udp, &draft)
                return
            }
            if kind == .ntp {
                try readNTP(&payload, udp, &draft)
                return
            }
            // Announcements are sent several times over, and questions asked again, with another identifier.
            var key = RepetitionKey(draft.device)
            key.combine(ip.source.high ^ ip.source.low)
            let isDNS: Bool
            switch kind {
            case .dnsQuery, .dnsAnswer, .multicastDNS, .localNames, .netbiosNames: isDNS = true
            default: isDNS = false
            }
            key.combine(isDNS ? 0 : UInt64(udp.sourcePort) << 16 | UInt64(udp.destinationPort))
            key.combine(payload, from: Swift.min(payload.position + (isDNS ? 2 : 0), payload.end), to: payload.end)
            guard recent.note(key: key.value, draft.timeNanoseconds) else { return }
            switch kind {
            case .dhcp: try readDHCP(&payload, &draft)
            case .dnsQuery: try readQuery(&payload, &draft)
            case .multicastDNS: try readMulticastDNS(&payload, ip.source, &draft)
            case .wsDiscovery: try readWSDiscovery(&payload, &draft)
            case .ssdp: try readSSDP(&payload, &draft)
            case .dhcpv6: try readDHCPv6(&payload, ip.source, &draft)
            case .localNames: try readOwnNames(&payload, ip.source, .llmnrName, &draft)
            case .dnsAnswer: try readOwnNames(&payload, ip.source, .dnsOwnName, &draft)
            case .netbiosNames, .netbiosDatagram:
                let names =
                    kind == .netbiosNames
                    ? try NetBIOSNames(parsingNameService: &payload, source: ip.source)
                    : try NetBIOSNames(parsingDatagram: &payload, source: ip.source)
                SignalExtractor.add(names, &draft)
            case .mikrotik: try readAnnouncement(&payload, .mikrotik, .mikrotikDiscovery, &draft)
            case .ubiquiti: try readAnnouncement(&payload, .ubiquiti, .ubiquitiDiscovery, &draft)
            case .dahua: try readAnnouncement(&payload, .text, .dahuaDiscovery, &draft)
            case .hikvision: try readAnnouncement(&payload, .text, .hikvisionDiscovery, &draft)
            case .kasa: try readAnnouncement(&payload, .scrambledText, .tpLinkDiscovery, &draft)
            case .tapo: try readAnnouncement(&payload, .text, .tpLinkDiscovery, &draft)
            case .tuya: try readAnnouncement(&payload, .text, .tuyaDiscovery, &draft)
            case .tuyaEncrypted: try readTuya(&payload, isAnswer: udp.destinationPort == 7000, &draft)
            case .lifx: try readAnnouncement(&payload, .lifx, .lifxDiscovery, &draft)
            case .sip: try readSIP(&payload, &draft)
            case .quic, .ntp: break
            case .industrial:
                guard let form = SignalExtractor.industrialForm(udp.sourcePort) else { return }
                try readIndustrial(&payload, form, ip.source, &draft)
            }
        } catch {
            counters.malformed += 1
        }
    }

    /// An answer to an SSDP search comes from any port to any port.
    private static func kind(_ udp: UDPHeader, _ payload: borrowing ByteReader) -> DatagramKind? {
        DatagramKind.find(udp) ?? (payload.starts(with: responsePrefix) ? .ssdp : nil)
    }

    /// A part of a datagram; the part that makes it whole lets it be read.
    mutating func readFragment(
        _ reader: inout ByteReader,
        _ ip: IPHeader,
        _ draft: inout SightingDraft
    ) throws(DecodeError) {
        // Of a part that was not captured whole nothing can be put together.
        let piece = try reader.slice(ip.payloadLength ?? reader.remaining)
        var isWanted = false
        if ip.isFirstFragment {
            var start = piece
            let udp = try UDPHeader(parsing: &start)
            let kind = SignalExtractor.kind(udp, start)
            isWanted = kind != nil && kind != .quic
        }
        let key = FragmentTable.Key(
            device: draft.device,
            source: ip.source,
            destination: ip.destination,
            identification: ip.fragmentIdentification
        )
        guard let whole = fragments.add(key, ip, piece, isWanted: isWanted, draft.timeNanoseconds, &counters) else {
            return
        }
        counters.reassembledDatagrams += 1
        var payload = ByteReader(whole.span)
        readUDP(&payload, ip, &draft)
    }

    private static let responsePrefix: [UInt8] = Array("HTTP/1.".utf8)

    /// A client is told by its own hardware address, which a relay passes on. Without a relay it must be the frame's:
    /// floods that empty a server's pool make up one for every message.
    private mutating func readDHCP(_ reader: inout ByteReader, _ draft: inout SightingDraft) throws(DecodeError) {
        let message = try DHCPv4Message(parsing: &reader)
        guard message.operation == .request else { return }
        if let client = message.clientMAC, client != draft.device {
            guard !message.relayAddress.isUnspecified, !client.isZero, !client.isMulticast else {
                counters.senderMismatch += 1
                return
            }
            draft.device = client
            draft.address = nil
        }
        draft.isRejected = false
        let held = message.clientAddress
        if onLink == .guessed ? !held.isUnspecified && !held.isMulticast : onLink.contains(held) {
            draft.address = held
        }
        // DISCOVER, REQUEST, INFORM; the others carry too few options to tell anything.
        guard [1, 3, 8].contains(message.messageType) else { return }
        draft.add(.dhcpHostname, message[12]?.text)
        draft.add(.dhcpVendorClass, message[60]?.text)
        if let list = message[55] { draft.add(.dhcpParameterList, SignalExtractor.list(list.data)) }
        draft.add(.dhcpOptionOrder, SignalExtractor.list(message.options.map { $0.code }))
        draft.add(.dhcpUserClass, message[77]?.text)
        draft.add(.dhcpFQDN, message.fullyQualifiedName)
        if let size = message[57]?.data, size.count == 2 {
            draft.add(.dhcpMaximumMessageSize, "\(UInt16(size[0]) << 8 | UInt16(size[1]))")
        }
        draft.add(.dhcpMUDURL, message[161]?.text)
    }

    private static func list(_ codes: [UInt8]) -> ByteString {
        var text = ByteString()
        text.bytes.reserveCapacity(codes.count * 4)
        for (index, code) in codes.enumerated() {
            if index > 0 { text.append(byte: 0x2C) }
            text.append(decimal: code)
        }
        return text
    }

    /// Who asks for the time, and who has it. The clocks in a message make each another one: what it says beside them is told.
    private mutating func readNTP(
        _ reader: inout ByteReader,
        _ udp: UDPHeader,
        _ draft: inout SightingDraft
    ) throws(DecodeError) {
        let mode = reader.peek().map { $0 & 7 } ?? 0
        guard mode == 3 && udp.destinationPort == 123 || mode == 4 || mode == 5 else { return }
        guard mode == 3 || udp.sourcePort == 123 else { return }
        let message = try NTPMessage(parsing: &reader)
        var key = RepetitionKey(draft.device)
        let traits = ByteReader(message.traits.bytes.span)
        key.combine(UInt64(mode))
        key.combine(traits, from: 0, to: traits.end)
        guard recent.note(key: key.value, draft.timeNanoseconds) else { return }
        draft.add(mode == 3 ? .ntpClient : .ntpServer, message.traits)
    }

    private mutating func readQuery(_ reader: inout ByteReader, _ draft: inout SightingDraft) throws(DecodeError) {
        let message = try DNSMessage(parsing: &reader)
        guard !message.flags.isResponse else { return }
        for question in message.questions { draft.add(.dnsQuery, question.name.domainName?.byteString) }
    }

    /// UPnP Device Architecture 2.0 §1.2-1.3.
    mutating func readSSDP(_ reader: inout ByteReader, _ draft: inout SightingDraft) throws(DecodeError) {
        let head = try HTTPMessageHead(parsingDatagram: &reader)
        guard head.form == .http else { return }
        switch head.start {
        case .request(let method, _):
            if method == "M-SEARCH" {
                draft.add(.ssdpSearch, head["user-agent"])
                draft.add(.ssdpSearch, head["st"])
            } else if method == "NOTIFY", head["nts"] != "ssdp:byebye" {
                draft.add(.ssdpType, head["nt"])
                addSSDP(head, &draft)
            }
        case .response(let status):
            guard status == 200, head["st"] != nil || head["usn"] != nil else { return }
            draft.add(.ssdpType, head["st"])
            addSSDP(head, &draft)
        }
    }

    private func addSSDP(_ head: HTTPMessageHead, _ draft: inout SightingDraft) {
        draft.add(.ssdpServer, head["server"])
        draft.add(.ssdpUSN, head["usn"])
        draft.add(.ssdpLocation, head["location"])
    }

    mutating func readWSDiscovery(_ reader: inout ByteReader, _ draft: inout SightingDraft) throws(DecodeError) {
        let message = try WSDiscoveryMessage(parsing: &reader)
        guard message.action == .hello || message.action == .probeMatches || message.action == .resolveMatches else {
            return
        }
        guard message.endpointCount <= 1 else {
            counters.relayedAnswers += 1
            return
        }
        for type in message.types { draft.add(.wsDiscoveryType, type) }
        for scope in message.scopes { draft.add(.wsDiscoveryScope, scope) }
    }
}
