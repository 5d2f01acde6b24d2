import NetworkTypes

/// Puts frames together for tests; checksums are left zero, since nothing here checks them.
public enum FrameBuilder {
    /// Two bytes, big-endian.
    public static func word(_ value: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
    }

    /// Four bytes, big-endian.
    public static func long(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(24 - $0 * 8)) }
    }

    /// An Ethernet frame; `tags` are VLAN identifiers, the outermost first.
    public static func ethernet(
        from source: ByteString,
        to destination: ByteString = "ff:ff:ff:ff:ff:ff",
        type: Int = 0x0800,
        tags: [Int] = [],
        _ payload: [UInt8]
    ) -> [UInt8] {
        var frame = octets(destination) + octets(source)
        for (index, tag) in tags.enumerated() {
            frame += word(tags.count > 1 && index == 0 ? 0x88A8 : 0x8100) + word(tag)
        }
        return frame + word(type) + payload
    }

    private static func octets(_ text: ByteString) -> [UInt8] { MACAddress(text)?.octets ?? [] }

    /// An IP packet of the addresses' family.
    public static func ip(
        from source: ByteString,
        to destination: ByteString,
        transport: UInt8,
        timeToLive: UInt8 = 64,
        flagsAndOffset: Int = 0x4000,
        identification: Int = 1,
        _ payload: [UInt8]
    ) -> [UInt8] {
        guard let from = IPAddress(source), let to = IPAddress(destination) else { return [] }
        if from.family == .v4 {
            return [0x45, 0] + word(20 + payload.count) + word(identification) + word(flagsAndOffset)
                + [timeToLive, transport, 0, 0] + from.octets + to.octets + payload
        }
        return [0x60, 0, 0, 0] + word(payload.count) + [transport, timeToLive] + from.octets + to.octets + payload
    }

    /// A UDP datagram.
    public static func udp(from source: Int, to destination: Int, _ payload: [UInt8]) -> [UInt8] {
        word(source) + word(destination) + word(8 + payload.count) + [0, 0] + payload
    }

    /// A TCP segment; `options` must be a multiple of four bytes.
    public static func tcp(
        from source: Int,
        to destination: Int,
        sequence: UInt32 = 1000,
        acknowledgement: UInt32 = 0,
        flags: UInt8 = 0x18,
        window: Int = 65535,
        options: [UInt8] = [],
        _ payload: [UInt8] = []
    ) -> [UInt8] {
        word(source) + word(destination) + long(sequence) + long(acknowledgement)
            + [UInt8((20 + options.count) / 4) << 4, flags] + word(window) + [0, 0, 0, 0] + options + payload
    }
}
