public import NetworkTypes

/// A domain name as DNS messages carry it: labels of any bytes, in the case they were sent.
///
/// Service instances of DNS-SD hold spaces, dots and UTF-8 (RFC 6763 §4.1.1), which `DomainName` refuses. Names are
/// equal where they differ in the case of ASCII letters alone (RFC 4343).
public struct DNSName: Sendable {
    /// Most bytes of a name on the wire, the final zero included (RFC 1035 §2.3.4).
    public static let maximumLength = 255

    /// The uncompressed form on the wire: length and bytes of each label, then a zero.
    public let wireBytes: [UInt8]

    /// The root.
    public static let root = DNSName(wireBytes: [0])

    init(wireBytes: [UInt8]) { self.wireBytes = wireBytes }

    /// A name as `DomainName` writes it.
    public init(_ name: DomainName) {
        var wire: [UInt8] = []
        wire.reserveCapacity(name.byteString.count + 2)
        if !name.byteString.isEmpty {
            for label in name.byteString.split(0x2E) {
                wire.append(UInt8(truncatingIfNeeded: label.count))
                wire.append(contentsOf: label.bytes)
            }
        }
        wire.append(0)
        wireBytes = wire
    }

    /// Labels from left to right; nil where one is empty or longer than 63 bytes, or all exceed 255.
    public init?(labels: [ByteString]) {
        var wire: [UInt8] = []
        for label in labels {
            guard !label.isEmpty, label.count <= DomainName.maximumLabelLength else { return nil }
            wire.append(UInt8(truncatingIfNeeded: label.count))
            wire.append(contentsOf: label.bytes)
            guard wire.count < DNSName.maximumLength else { return nil }
        }
        wire.append(0)
        wireBytes = wire
    }

    /// A name of a message that begins at `messageStart`, with compression (RFC 1035 §4.1.4).
    ///
    /// A pointer must lead before the run of labels that it ends, so a loop cannot be built.
    public init(parsing reader: inout ByteReader, messageStart: Int) throws(DecodeError) {
        var wire: [UInt8] = []
        var segment = reader
        var segmentStart = reader.position
        var hasJumped = false
        while true {
            let length = try segment.readUInt8()
            switch length & 0xC0 {
            case 0x00:
                guard wire.count + Int(length) + 1 <= DNSName.maximumLength - (length == 0 ? 0 : 1) else {
                    throw segment.error(.limitExceeded)
                }
                wire.append(length)
                if length == 0 {
                    if !hasJumped { reader = segment }
                    wireBytes = wire
                    return
                }
                guard segment.remaining >= Int(length) else { throw segment.error(.truncated) }
                let start = segment.position
                try segment.skip(Int(length))
                for offset in start..<segment.position { wire.append(segment.bytes[offset]) }
            case 0xC0:
                let target = messageStart + (Int(length & 0x3F) << 8 | Int(try segment.readUInt8()))
                guard target < segmentStart else { throw segment.error(.malformed) }
                if !hasJumped {
                    reader = segment
                    hasJumped = true
                }
                try segment.seek(to: target)
                segmentStart = target
            default: throw segment.error(.unsupported)
            }
        }
    }

    /// Passes over a name without making one; pointers are not followed.
    static func skip(_ reader: inout ByteReader) throws(DecodeError) {
        while true {
            let length = try reader.readUInt8()
            switch length & 0xC0 {
            case 0x00:
                if length == 0 { return }
                try reader.skip(Int(length))
            case 0xC0:
                try reader.skip(1)
                return
            default: throw reader.error(.unsupported)
            }
        }
    }

    /// The text of a name that DHCP carries: without compression, and where it is partial without the final zero.
    public static func text(ofPartial name: [UInt8]) -> ByteString? {
        var reader = ByteReader(name.span)
        if let whole = try? DNSName(parsing: &reader, messageStart: name.count) { return whole.byteString }
        let closed = name + [0]
        var again = ByteReader(closed.span)
        return (try? DNSName(parsing: &again, messageStart: closed.count))?.byteString
    }

    /// Whether it is the root.
    public var isRoot: Bool { wireBytes.count == 1 }

    /// The name that begins at the label whose length stands at `start` of `wireBytes`.
    public func suffix(from start: Int) -> DNSName { DNSName(wireBytes: Array(wireBytes[start...])) }

    /// The labels from left to right.
    public var labels: [ByteString] {
        var labels: [ByteString] = []
        var index = 0
        while index < wireBytes.count, wireBytes[index] != 0 {
            let end = index + 1 + Int(wireBytes[index])
            labels.append(ByteString(Array(wireBytes[(index + 1)..<end])))
            index = end
        }
        return labels
    }

    /// The name in lower case, or nil where it has bytes that no host or service name has.
    public var domainName: DomainName? {
        var text = ByteString()
        text.bytes.reserveCapacity(wireBytes.count)
        var index = 0
        while index < wireBytes.count, wireBytes[index] != 0 {
            if index > 0 { text.append(byte: 0x2E) }
            let end = index + 1 + Int(wireBytes[index])
            for offset in (index + 1)..<end {
                guard wireBytes[offset] != 0x2E else { return nil }
                text.append(byte: wireBytes[offset])
            }
            index = end
        }
        return DomainName(text)
    }

    /// Labels joined by dots, without the final one; a dot or backslash inside a label gets a backslash before it.
    public var byteString: ByteString {
        var text = ByteString()
        text.bytes.reserveCapacity(wireBytes.count)
        var index = 0
        while index < wireBytes.count, wireBytes[index] != 0 {
            if index > 0 { text.append(byte: 0x2E) }
            let end = index + 1 + Int(wireBytes[index])
            for offset in (index + 1)..<end {
                if wireBytes[offset] == 0x2E || wireBytes[offset] == 0x5C { text.append(byte: 0x5C) }
                text.append(byte: wireBytes[offset])
            }
            index = end
        }
        return text
    }
}

extension DNSName: Hashable {
    /// Length octets are below 64 and no letter, so the whole form can be folded.
    @inline(__always)
    private static func folded(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

    /// Equal but for the case of ASCII letters.
    public static func == (left: DNSName, right: DNSName) -> Bool {
        guard left.wireBytes.count == right.wireBytes.count else { return false }
        for index in left.wireBytes.indices
        where folded(left.wireBytes[index]) != folded(right.wireBytes[index]) { return false }
        return true
    }

    /// The case of ASCII letters does not matter.
    public func hash(into hasher: inout Hasher) {
        for byte in wireBytes { hasher.combine(DNSName.folded(byte)) }
    }
}

extension DNSName: CustomStringConvertible {
    /// The same as `byteString`, as text.
    public var description: String { byteString.text }
}
