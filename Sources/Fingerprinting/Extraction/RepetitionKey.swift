import NetworkTypes
import PacketParsing

/// A hash of what a frame says, to know a repetition before anything is decoded or made into text.
///
/// Not for secrets: whoever forges a device's address can make its next message look like a repetition, for as long
/// as `RecentSightings` remembers it. It could as well send another one in the device's name.
struct RepetitionKey {
    private(set) var value: UInt64

    init(_ device: MACAddress) { value = 0x9E37_79B9_7F4A_7C15 ^ device.rawValue }

    mutating func combine(_ word: UInt64) {
        value = (value ^ word) &* 0xFF51_AFD7_ED55_8CCD
        value ^= value >> 33
    }

    /// Bytes `start..<end` of a reader's frame.
    mutating func combine(_ reader: borrowing ByteReader, from start: Int, to end: Int) {
        let bytes = reader.bytes
        var index = start
        while index + 8 <= end {
            var word: UInt64 = 0
            for distance in 0..<8 { word |= UInt64(bytes[index + distance]) << UInt64(distance * 8) }
            combine(word)
            index += 8
        }
        var rest = UInt64(end - start) << 56
        while index < end {
            rest = rest ^ rest << 8 ^ UInt64(bytes[index])
            index += 1
        }
        combine(rest)
    }

    /// All that tells one kind of SYN from another, the clock of the timestamp option left out.
    mutating func combine(_ ip: IPHeader, _ tcp: TCPHeader, _ options: inout ByteReader, hasPayload: Bool) {
        var traits = UInt64(ip.timeToLive) << 8 | UInt64(ip.trafficClass)
        traits = traits << 16 | UInt64(tcp.window)
        traits = traits << 8 | UInt64(tcp.flags)
        traits = traits << 4 | UInt64(tcp.reservedBits)
        func add(_ fact: Bool) { traits = traits << 1 | (fact ? 1 : 0) }
        add(ip.isFragmentationForbidden)
        add(ip.identification == 0)
        add(ip.hasReservedFlag)
        add(ip.flowLabel == 0)
        add(tcp.sequence == 0)
        add(tcp.acknowledgement == 0)
        add(tcp.urgentPointer == 0)
        add(hasPayload)
        add(ip.source.family == .v4)
        combine(traits)
        combine(UInt64(truncatingIfNeeded: ip.optionsLength))
        while let kind = options.peek() {
            let length = kind < 2 ? 1 : Int(options.peek(1) ?? 0)
            if kind == 8, length == 10, options.remaining >= 10 {
                var own: UInt8 = 0
                var echoed: UInt8 = 0
                for distance in 2..<6 {
                    own |= options.peek(distance) ?? 0
                    echoed |= options.peek(distance + 4) ?? 0
                }
                combine(0x0800 | (own == 0 ? 1 : 0) | (echoed == 0 ? 2 : 0))
            } else if kind == 0 || length < 1 || length > options.remaining {
                combine(options, from: options.position, to: options.end)
                return
            } else {
                combine(options, from: options.position, to: options.position + length)
            }
            guard (try? options.skip(length)) != nil else { return }
        }
    }
}
