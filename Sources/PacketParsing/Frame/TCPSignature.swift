public import NetworkTypes

/// How a host opens TCP connections, in the notation of p0f 3 (its README, section "TCP signatures"):
/// `version:ttl+distance:options length:mss:window,scale:option layout:quirks:payload class`.
public enum TCPSignature {
    /// Hosts farther away than this are not believed in; p0f writes `?` then.
    private static let maximumDistance = 35

    /// The signature of a SYN or SYN+ACK, `options` being those of `tcp`.
    public static func text(
        ip: IPHeader,
        tcp: TCPHeader,
        options: TCPOptions,
        payloadLength: Int
    ) -> ByteString {
        var text = ByteString()
        text.bytes.reserveCapacity(80)
        text.append(decimal: ip.source.family.rawValue)
        text.append(byte: 0x3A)
        appendTimeToLive(ip.timeToLive, to: &text)
        text.append(byte: 0x3A)
        text.append(decimal: ip.optionsLength)
        text.append(byte: 0x3A)
        text.append(decimal: options.maximumSegmentSize ?? 0)
        text.append(byte: 0x3A)
        appendWindow(ip: ip, tcp: tcp, options: options, to: &text)
        text.append(byte: 0x2C)
        text.append(decimal: options.windowScale ?? 0)
        text.append(byte: 0x3A)
        appendLayout(options, to: &text)
        text.append(byte: 0x3A)
        appendQuirks(ip: ip, tcp: tcp, options: options, to: &text)
        text.append(payloadLength > 0 ? ":+" : ":0")
        return text
    }

    /// Hosts start at 32, 64, 128 or 255; what is missing was taken by routers.
    private static func appendTimeToLive(_ seen: UInt8, to text: inout ByteString) {
        let initial = seen <= 32 ? 32 : seen <= 64 ? 64 : seen <= 128 ? 128 : 255
        let distance = initial - Int(seen)
        text.append(decimal: seen)
        text.append(byte: 0x2B)
        if distance > maximumDistance {
            text.append(byte: 0x3F)
        } else {
            text.append(decimal: distance)
        }
    }

    /// Many systems choose a window that is a multiple of the segment size, with or without the 12 bytes of the
    /// timestamp option, or of the MTU that belongs to it.
    private static func appendWindow(ip: IPHeader, tcp: TCPHeader, options: TCPOptions, to text: inout ByteString) {
        let window = Int(tcp.window)
        let segment = Int(options.maximumSegmentSize ?? 0)
        let headers = ip.source.family == .v4 ? 40 : 60
        if window > 0, segment >= 100 {
            let hasClock = (options.timestamps?.own ?? 0) != 0
            for (unit, name) in [
                (segment, "mss"), (hasClock ? segment - 12 : segment, "mss"), (segment + headers, "mtu"),
            ]
                as [(Int, ByteString)] where window % unit == 0
            {
                text.append(name)
                text.append(byte: 0x2A)
                text.append(decimal: window / unit)
                return
            }
        }
        text.append(decimal: window)
    }

    private static func appendLayout(_ options: TCPOptions, to text: inout ByteString) {
        for (index, kind) in options.kinds.enumerated() {
            if index > 0 { text.append(byte: 0x2C) }
            switch kind {
            case 0:
                text.append("eol+")
                text.append(decimal: options.paddingLength)
            case 1: text.append("nop")
            case 2: text.append("mss")
            case 3: text.append("ws")
            case 4: text.append("sok")
            case 5: text.append("sack")
            case 8: text.append("ts")
            default:
                text.append(byte: 0x3F)
                text.append(decimal: kind)
            }
        }
    }

    private static func appendQuirks(ip: IPHeader, tcp: TCPHeader, options: TCPOptions, to text: inout ByteString) {
        let isV4 = ip.source.family == .v4
        let usesECN = ip.trafficClass & 0x03 != 0 || tcp.flags & 0xC0 != 0
        let isUrgent = tcp.flags & 0x20 != 0
        let own = options.timestamps?.own
        let echoed = options.timestamps?.echoed ?? 0
        let quirks: [(Bool, ByteString)] = [
            (isV4 && ip.isFragmentationForbidden, "df"),
            (isV4 && ip.isFragmentationForbidden && ip.identification != 0, "id+"),
            (isV4 && !ip.isFragmentationForbidden && ip.identification == 0, "id-"),
            (usesECN, "ecn"),
            (ip.hasReservedFlag || tcp.reservedBits != 0, "0+"),
            (ip.flowLabel != 0, "flow"),
            (tcp.sequence == 0, "seq-"),
            (!tcp.isACK && tcp.acknowledgement != 0, "ack+"),
            (tcp.isACK && tcp.acknowledgement == 0, "ack-"),
            (!isUrgent && tcp.urgentPointer != 0, "uptr+"),
            (isUrgent, "urgf+"),
            (tcp.flags & 0x08 != 0, "pushf+"),
            (own == 0, "ts1-"),
            (!tcp.isACK && echoed != 0, "ts2+"),
            (options.hasNonzeroPadding, "opt+"),
            ((options.windowScale ?? 0) > 14, "exws"),
            (options.isMalformed, "bad"),
        ]
        var isFirst = true
        for (applies, name) in quirks where applies {
            if !isFirst { text.append(byte: 0x2C) }
            text.append(name)
            isFirst = false
        }
    }
}
