import NetworkTypes
import PacketParsing

extension SignalExtractor {
    /// Answers of LLMNR (RFC 4795) and DNS: names with the sender's own address, and the name for its own address. A DNS
    /// server knows the names of others; those say nothing of it.
    mutating func readOwnNames(
        _ reader: inout ByteReader,
        _ source: IPAddress,
        _ kind: SignalKind,
        _ draft: inout SightingDraft
    ) throws(DecodeError) {
        let message = try DNSMessage(parsing: &reader)
        guard message.flags.isResponse else { return }
        for record in message.answers {
            if record.address == source {
                draft.add(kind, record.name.byteString)
            } else if record.type == .ptr, record.name.byteString.lowercasedASCII == SignalExtractor.reverse(source) {
                draft.add(kind, record.target?.byteString)
            }
        }
    }

    /// Whether the name in a DNS message can be that of an address: a resolver gives thousands of answers about other names.
    static func beginsWithOctet(_ payload: borrowing ByteReader) -> Bool {
        guard let length = payload.peek(12), length >= 1, length <= 3, let digit = payload.peek(13) else {
            return false
        }
        return Hexadecimal.value(digit) != nil
    }

    /// The name under which DNS has an address (RFC 1035 §3.5, RFC 3596 §2.5).
    private static func reverse(_ address: IPAddress) -> ByteString {
        var text = ByteString()
        for octet in address.octets.reversed() {
            if address.family == .v4 {
                text.append(decimal: octet)
            } else {
                text.append(byte: Hexadecimal.digit(octet & 0xF))
                text.append(byte: 0x2E)
                text.append(byte: Hexadecimal.digit(octet >> 4))
            }
            text.append(byte: 0x2E)
        }
        text.append(address.family == .v4 ? "in-addr.arpa" : "ip6.arpa")
        return text
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
            switch option.type {
            case 1:
                let kind = option.integer(at: 0, count: 2, in: reader)
                draft.add(.dhcpv6DUID, kind == 2 ? "2:\(option.integer(at: 2, count: 4, in: reader))" : "\(kind)")
            case 6:
                var text = ByteString()
                for index in 0..<(option.count / 2) {
                    if index > 0 { text.append(byte: 0x2C) }
                    text.append(decimal: option.integer(at: index * 2, count: 2, in: reader))
                }
                draft.add(.dhcpv6OptionRequest, text)
            case 15: draft.add(.dhcpv6UserClass, SignalExtractor.firstClass(of: option, at: 0, in: reader))
            case 16, 17:
                var text: ByteString = "\(option.integer(at: 0, count: 4, in: reader))"
                if option.type == 16, option.count > 6 {
                    text.append(":\(SignalExtractor.firstClass(of: option, at: 4, in: reader))")
                }
                draft.add(option.type == 16 ? .dhcpv6VendorClass : .dhcpv6VendorOptions, text)
            case 39:
                let name = ByteString(option.value(in: reader)).bytes.dropFirst()
                draft.add(.dhcpv6FQDN, DNSName.text(ofPartial: Array(name)))
            case 112: draft.add(.dhcpv6MUDURL, option.text(in: reader))
            default: continue
            }
        }
    }

    /// Two bytes of length, and a text.
    private static func firstClass(
        of option: TypeLengthValue,
        at offset: Int,
        in reader: borrowing ByteReader
    ) -> ByteString {
        let length = Int(option.integer(at: offset, count: 2, in: reader))
        return option.text(in: reader, from: offset + 2, count: length)
    }
}
