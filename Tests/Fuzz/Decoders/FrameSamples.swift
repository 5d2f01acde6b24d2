import Captures
import NetworkTypes

/// Whole frames around some of the messages of `PacketSamples`.
enum FrameSamples {
    private static let device: ByteString = "ac:cc:8e:01:02:03"

    private static func bytes(_ name: String) -> [UInt8] { PacketSamples.bytes(name).first ?? [] }

    private static func udp(_ from: Int, _ to: Int, _ payload: [UInt8]) -> [UInt8] {
        FrameBuilder.ip(
            from: "192.0.2.7",
            to: "224.0.0.251",
            transport: 17,
            FrameBuilder.udp(from: from, to: to, payload)
        )
    }

    /// IP packets: DHCP, DNS over both families, the beginning of a TLS connection, a SYN.
    static let packets: [[UInt8]] = [
        udp(68, 67, bytes("dhcpv4")),
        udp(53, 40000, bytes("dns")),
        FrameBuilder.ip(from: "192.0.2.7", to: "192.0.2.8", transport: 6, bytes("tcp")),
        FrameBuilder.ip(
            from: "fe80::7",
            to: "ff02::fb",
            transport: 17,
            FrameBuilder.udp(from: 5353, to: 5353, bytes("dns"))
        ),
        FrameBuilder.ip(from: "fe80::7", to: "ff02::1", transport: 58, timeToLive: 255, bytes("neighbour")),
    ]

    /// The same in Ethernet frames, and what is no IP.
    static let frames: [[UInt8]] =
        packets.map { packet in
            FrameBuilder.ethernet(from: device, type: packet[0] >> 4 == 4 ? 0x0800 : 0x86DD, packet)
        } + [
            FrameBuilder.ethernet(from: device, type: 0x0806, tags: [5], bytes("arp")),
            FrameBuilder.ethernet(from: device, type: 0x88CC, bytes("lldp")),
            FrameBuilder.ethernet(from: device, type: 0x8892, bytes("profinet")),
        ]

    /// The same in capture files: pcap, and pcapng (a section, an interface, an enhanced packet block for each).
    static func captures() -> [[UInt8]] {
        var pcapng = block(0x0A0D_0D0A, [0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 8))
        pcapng += block(1, [1, 0, 0, 0, 0, 0, 4, 0])
        for frame in frames {
            let padding = [UInt8](repeating: 0, count: (4 - frame.count % 4) % 4)
            let fields = [UInt8](repeating: 0, count: 4) + long(0x5_0000) + long(7)
            pcapng += block(6, fields + long(frame.count) + long(frame.count) + frame + padding)
        }
        return [CaptureWriter.file(frames), pcapng]
    }

    private static func long(_ value: Int) -> [UInt8] { FrameBuilder.long(UInt32(value)).reversed() }

    private static func block(_ type: Int, _ body: [UInt8]) -> [UInt8] {
        long(type) + long(body.count + 12) + body + long(body.count + 12)
    }
}
