import NetworkTypes
import PacketParsing

extension SignalExtractor {
    /// Answers and announcements of multicast DNS (RFC 6762) with services of DNS-SD (RFC 6763). Questions, and the
    /// known answers in them, say nothing of who asks. A sleep proxy or a reflector answers for others: what belongs
    /// to a host whose address is not the sender's is left out.
    mutating func readMulticastDNS(
        _ reader: inout ByteReader,
        _ source: IPAddress,
        _ draft: inout SightingDraft
    ) throws(DecodeError) {
        let message = try DNSMessage(parsing: &reader)
        guard message.flags.isResponse else { return }
        // A time to live of zero is a goodbye.
        let records = (message.answers + message.authorities + message.additionals).filter { $0.timeToLiveSeconds > 0 }
        let foreign = SignalExtractor.foreignHosts(records, source)
        var foreignInstances: HashSet<DNSName> = HashSet()
        for record in records {
            if case .service(_, _, _, let target) = record.data, foreign.contains(target) {
                foreignInstances.insert(record.name)
            }
        }
        if !foreign.isEmpty { counters.relayedAnswers += 1 }
        let speaksForOthersOnly = !foreign.isEmpty && !SignalExtractor.hasOwnHost(records, foreign)
        for record in records {
            switch record.data {
            case .name(let target) where record.type == .ptr:
                guard !speaksForOthersOnly, !foreignInstances.contains(target), !foreign.contains(target) else {
                    continue
                }
                addPointer(record.name, target, &draft)
            case .service(_, _, _, let target):
                guard !foreignInstances.contains(record.name) else { continue }
                addInstance(record.name, &draft)
                addHost(target, &draft)
            case .text(let pairs):
                guard !speaksForOthersOnly, !foreignInstances.contains(record.name) else { continue }
                addText(record.name, pairs, &draft)
            case .address:
                guard !foreign.contains(record.name) else { continue }
                addHost(record.name, &draft)
            default: continue
            }
        }
    }

    /// Names with addresses comparable to the sender's, none of which is the sender's.
    private static func foreignHosts(_ records: [DNSRecord], _ source: IPAddress) -> HashSet<DNSName> {
        var own: HashSet<DNSName> = HashSet()
        var others: HashSet<DNSName> = HashSet()
        for record in records {
            guard let address = record.address else { continue }
            if address == source {
                own.insert(record.name)
            } else if address.family == source.family, address.isLinkLocal == source.isLinkLocal {
                others.insert(record.name)
            }
        }
        return others.subtracting(own)
    }

    private static func hasOwnHost(_ records: [DNSRecord], _ foreign: HashSet<DNSName>) -> Bool {
        for record in records where record.address != nil && !foreign.contains(record.name) { return true }
        return false
    }

    /// The service type in a name: `_http._tcp` of `Door._http._tcp.local` and of `_printer._sub._http._tcp.local`.
    private static func service(_ labels: [ByteString]) -> (text: ByteString, index: Int)? {
        guard labels.count >= 3, labels[labels.count - 1].lowercasedASCII == "local" else { return nil }
        let index = labels.count - 3
        let transport = labels[index + 1].lowercasedASCII
        guard labels[index].bytes.first == 0x5F, transport == "_tcp" || transport == "_udp" else { return nil }
        var text = labels[index]
        text.append(byte: 0x2E)
        text.append(transport)
        return (text, index)
    }

    private func addPointer(_ name: DNSName, _ target: DNSName, _ draft: inout SightingDraft) {
        let labels = name.labels
        // RFC 6763 §9: the list of all service types.
        if labels.count == 4, labels[0] == "_services", labels[1] == "_dns-sd" {
            if let (text, index) = SignalExtractor.service(target.labels), index == 0 { draft.add(.mdnsService, text) }
            return
        }
        if SignalExtractor.service(labels) != nil {
            addInstance(target, &draft)
        } else if let last = labels.last?.lowercasedASCII, last == "arpa" {
            addHost(target, &draft)
        }
    }

    private func addInstance(_ name: DNSName, _ draft: inout SightingDraft) {
        let labels = name.labels
        guard let (text, index) = SignalExtractor.service(labels), text != "_dns-sd._udp" else { return }
        draft.add(.mdnsService, text)
        if index == 1 { draft.add(.mdnsInstance, labels[0]) }
    }

    private func addHost(_ name: DNSName, _ draft: inout SightingDraft) {
        guard name.labels.count >= 2 else { return }
        draft.add(.mdnsHostname, name.byteString)
    }

    private func addText(_ name: DNSName, _ pairs: [ByteString], _ draft: inout SightingDraft) {
        guard let (service, _) = SignalExtractor.service(name.labels) else { return }
        for pair in pairs where !pair.isEmpty {
            var text = service
            text.append(byte: 0x20)
            text.append(pair)
            draft.add(.mdnsText, text)
        }
    }
}
