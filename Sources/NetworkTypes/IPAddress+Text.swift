extension IPAddress {
    /// Dotted IPv4, or IPv6 in any form of RFC 4291 §2.2 (without a zone); nil for anything else.
    public init?(_ text: ByteString) {
        guard text.count <= 45 else { return nil }
        if text.bytes.contains(0x3A) {
            guard let address = IPAddress.parseV6(text) else { return nil }
            self = address
        } else {
            guard let bits = IPAddress.parseV4(text) else { return nil }
            self.init(v4: bits)
        }
    }

    private static func parseV4(_ text: ByteString) -> UInt32? {
        let parts = text.split(0x2E)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            // "010" is octal to some resolvers and decimal to others: refuse what could mean two things.
            guard part.count <= 3, part.count == 1 || part.bytes.first != 0x30,
                let octet = Decimal.parse(part, limit: 255)
            else { return nil }
            bits = bits << 8 | UInt32(octet)
        }
        return bits
    }

    private static func parseV6(_ text: ByteString) -> IPAddress? {
        var head: [UInt16] = []
        var tail: [UInt16] = []
        var hasGap = false
        let parts = text.split(0x3A)
        guard parts.count >= 3, parts.count <= 9 else { return nil }
        for (index, part) in parts.enumerated() {
            if part.isEmpty {
                // "::" gives one empty part inside, two at an end of the text.
                let isEdge = index == 0 || index == parts.count - 1
                if isEdge {
                    let neighbour = index == 0 ? parts[1] : parts[parts.count - 2]
                    guard neighbour.isEmpty else { return nil }
                    if index == 0 || parts.count == 3 && parts[0].isEmpty { continue }
                    continue
                }
                guard !hasGap else { return nil }
                hasGap = true
                continue
            }
            var groups: [UInt16] = []
            if index == parts.count - 1, part.bytes.contains(0x2E) {
                guard let bits = parseV4(part) else { return nil }
                groups = [UInt16(bits >> 16), UInt16(truncatingIfNeeded: bits)]
            } else {
                guard part.count <= 4 else { return nil }
                var group: UInt16 = 0
                for byte in part.bytes {
                    guard let nibble = Hexadecimal.value(byte) else { return nil }
                    group = group << 4 | UInt16(nibble)
                }
                groups = [group]
            }
            if hasGap { tail += groups } else { head += groups }
        }
        let count = head.count + tail.count
        guard hasGap ? count <= 7 : count == 8 else { return nil }
        let groups = head + [UInt16](repeating: 0, count: 8 - count) + tail
        let high = groups[0..<4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        let low = groups[4..<8].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        return IPAddress(v6High: high, low: low)
    }

    /// `192.0.2.1`, or the canonical form of RFC 5952 for IPv6.
    public var byteString: ByteString {
        var text = ByteString()
        switch family {
        case .v4:
            for (index, octet) in octets.enumerated() {
                if index > 0 { text.append(byte: 0x2E) }
                text.append(decimal: octet)
            }
        case .v6:
            if let mapped = mappedV4 { return ByteString(ByteString("::ffff:").bytes + mapped.byteString.bytes) }
            let groups = IPAddress.groups(high) + IPAddress.groups(low)
            let gap = IPAddress.longestRunOfZeros(groups)
            var index = 0
            while index < 8 {
                if let gap, index == gap.lowerBound {
                    text.append("::")
                    index = gap.upperBound
                    continue
                }
                if index > 0, gap?.upperBound != index { text.append(byte: 0x3A) }
                var digits = 1
                while digits < 4, groups[index] >> UInt16(digits * 4) != 0 { digits += 1 }
                text.append(hexadecimal: groups[index], digits: digits)
                index += 1
            }
        }
        return text
    }

    private static func groups(_ half: UInt64) -> [UInt16] {
        (0..<4).map { UInt16(truncatingIfNeeded: half >> UInt64(48 - $0 * 16)) }
    }

    /// The run of two or more zero groups that RFC 5952 §4.2 shortens: the longest, the first of equals.
    private static func longestRunOfZeros(_ groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        while start < groups.count {
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start >= 2, end - start > (best?.count ?? 0) { best = start..<end }
            start = end + 1
        }
        return best
    }
}

extension IPAddress: CustomStringConvertible {
    /// The same as `byteString`, as text.
    public var description: String { byteString.text }
}
