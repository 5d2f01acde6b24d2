import NetworkTypes
import PacketParsing

extension SignalExtractor {
    /// LLMNR (RFC 4795): names with the sender's own address, in its answers.
    mutating func readLocalNames(
        _ reader: inout ByteReader,
        _ source: IPAddress,
        _ draft: inout SightingDraft
    ) throws(DecodeError) {
        let message = try DNSMessage(parsing: &reader)
        guard message.flags.isResponse else { return }
        for record in message.answers where record.address == source { draft.add(.llmnrName, record.name.byteString) }
    }

    /// Workgroups are names of many, and say nothing of one.
    static func add(_ names: NetBIOSNames, _ draft: inout SightingDraft) {
        for name in names.names {
            if !name.isGroup, name.suffix == 0 || name.suffix == 0x20 { draft.add(.netbiosName, name.text) }
            // The group of a domain's controllers has its members.
            guard name.suffix != 0, !name.isGroup || name.suffix == 0x1C else { continue }
            var digits = ByteString()
            digits.append(hexadecimal: name.suffix, digits: 2)
            draft.add(.netbiosService, digits)
        }
    }

    /// Neighbour discovery. A hop limit of 255 proves that no router brought the message (RFC 4861 §11.2).
    mutating func readNeighbor(
        _ reader: inout ByteReader,
        _ ip: IPHeader,
        _ draft: inout SightingDraft
    ) throws(DecodeError) {
        var payload = try reader.slice(Swift.min(ip.payloadLength ?? reader.remaining, reader.remaining))
        // Other kinds of ICMPv6 prove the address alone.
        let isDiscovery = (133...136).contains(payload.peek() ?? 0)
        let message = isDiscovery ? try NeighborMessage(parsing: &payload) : nil
        if let named = message?.hardwareAddress, named != draft.device {
            // Proxies speak for others (RFC 4861 §7.2.8).
            counters.senderMismatch += 1
            return
        }
        let address = message?.advertisedAddress ?? ip.source
        let isPossible = !address.isUnspecified && !address.isMulticast && !address.isLoopback
        if isPossible, onLink.contains(address) || onLink == .guessed && isDiscovery { draft.address = address }
        if message?.isDefaultRouter == true { draft.add(.ndpRole, "router") }
    }

    /// A client is who sends the frame, or whom a relay speaks for.
    mutating func readDHCPv6(
        _ reader: inout ByteReader,
        _ source: IPAddress,
        _ draft: inout SightingDraft
    ) throws(DecodeError) {
        let message = try DHCPv6Message(parsing: &reader)
        if message.isRelayed {
            guard let client = message.relayedClient, !client.isZero, !client.isMulticast else { return }
            draft.device = client
            draft.address = nil
            draft.isRejected = false
        }
        // SOLICIT, REQUEST, CONFIRM, RENEW, REBIND, INFORMATION-REQUEST.
        guard !draft.isRejected, [1, 3, 4, 5, 6, 11].contains(message.type) else { return }
        for option in message.options {
            var data = ByteReader(option.data.span)
            switch option.code {
            case 1:
                var text = ByteString()
                let kind = try data.readUInt16()
                text.append(decimal: kind)
                if kind == 2 { try SignalExtractor.appendEnterprise(&data, to: &text) }
                draft.add(.dhcpv6DUID, text)
            case 6:
                var codes: [UInt16] = []
                while data.remaining >= 2 { codes.append(try data.readUInt16()) }
                draft.add(.dhcpv6OptionRequest, SignalExtractor.list(codes))
            case 15:
                while !data.isAtEnd { draft.add(.dhcpv6UserClass, try SignalExtractor.counted(&data)) }
            case 16, 17:
                var text = ByteString()
                try SignalExtractor.appendEnterprise(&data, to: &text)
                text.bytes.removeFirst()
                if option.code == 16, !data.isAtEnd {
                    text.append(byte: 0x3A)
                    text.append(try SignalExtractor.counted(&data))
                }
                draft.add(option.code == 16 ? .dhcpv6VendorClass : .dhcpv6VendorOptions, text)
            case 39: draft.add(.dhcpv6FQDN, DNSName.text(ofPartial: Array(option.data.dropFirst())))
            case 112: draft.add(.dhcpv6MUDURL, ByteString(option.data))
            default: continue
            }
        }
    }

    /// `:` and an enterprise number of IANA's.
    private static func appendEnterprise(_ data: inout ByteReader, to text: inout ByteString) throws(DecodeError) {
        text.append(byte: 0x3A)
        text.append(decimal: try data.readUInt32())
    }

    /// Two bytes of length, and a text.
    private static func counted(_ data: inout ByteReader) throws(DecodeError) -> ByteString {
        let length = Int(try data.readUInt16())
        return ByteString(try data.slice(length)).trimmed
    }
}
