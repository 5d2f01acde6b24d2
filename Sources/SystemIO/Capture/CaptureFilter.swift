/// What the kernel lets through to the agent: frames that can carry a signal, and nothing of the bulk.
///
/// Passed are ARP, LLDP and CDP; of PROFINET the discovery, not the cyclic data; UDP (and ICMPv6 neighbour discovery) of
/// the ports that carry signals, in
/// either direction; of QUIC the packets with a long header (RFC 9000 section 17.2: handshakes); every TCP SYN and SYN-ACK; and of the other TCP segments those whose payload begins a message
/// that tells something: a TLS handshake record, an HTTP or RTSP request or answer, an SSH banner or key exchange, an MQTT
/// CONNECT.
/// A stream of video or of TLS application data passes nothing, so what the agent sees is bounded by how often devices
/// open connections and not by how much they send. One exception: a ClientHello with a post-quantum key share needs
/// two segments, so short pushed segments to TLS ports pass unless they begin a TLS record of another kind; and so do those
/// of SSH, either way, whose key exchange is as long. What is typed in an SSH session is few of them.
///
/// One 802.1Q or 802.1ad tag is passed over, for frames whose tag the kernel left in. Later fragments of UDP datagrams, which
/// do not say their ports, are passed up to 16 KiB into the datagram. IPv6 packets with other extension headers than that of a
/// fragment before TCP or UDP are not passed: no device identifies itself in them.
public struct CaptureFilter: Hashable, Sendable {
    /// Bytes captured of each frame.
    public static let snapBytes: UInt32 = 2_048
    /// Bytes captured of frames with a handshake of TLS or QUIC: where the kernel joins segments before it captures them
    /// (GRO), a whole ClientHello is in one frame.
    public static let handshakeSnapBytes: UInt32 = 9_216

    /// Which of the frames described above are passed.
    public enum Content: Hashable, Sendable {
        /// All.
        case everything
        /// The handshakes of TLS and QUIC, for a reader that must not wait.
        case handshakes
        /// All but those.
        case others
    }

    /// Which frames are passed.
    public var content = Content.everything

    /// UDP ports that carry signals: DNS, DHCP, NTP, NetBIOS, SNMP, DHCPv6, SSDP, WS-Discovery,
    /// mDNS, LLMNR, CoAP, BACnet, EtherNet/IP, KNXnet/IP, SIP, Tuya; discovery of MikroTik, Kasa, Ubiquiti, Tapo,
    /// Hikvision, Dahua, LIFX; MELSEC, HART-IP, FINS, ADS.
    public var udpPorts: [UInt16] = [
        53, 67, 68, 123, 137, 138, 161, 546, 547, 1900, 3671, 3702, 5006, 5060, 5094, 5353, 5355, 5678, 5683, 6666,
        6667, 7000, 9600, 9999, 10001, 20002, 37020, 37810, 44818, 47808, 48899, 56700,
    ]

    /// TCP ports where a short pushed segment to the server may be the rest of a ClientHello.
    public var tlsPorts: [UInt16] = [443, 8443, 8883]

    /// TCP ports where a short pushed segment, either way, may be the rest of a key exchange.
    public var sshPorts: [UInt16] = [22]

    /// First four bytes of a TCP payload that is passed, on whatever port.
    public var tcpStarts: [UInt32] = [
        CaptureFilter.word("GET "), CaptureFilter.word("POST"), CaptureFilter.word("PUT "), CaptureFilter.word("HEAD"),
        CaptureFilter.word("HTTP"), CaptureFilter.word("OPTI"), CaptureFilter.word("NOTI"), CaptureFilter.word("SUBS"),
        CaptureFilter.word("M-SE"), CaptureFilter.word("RTSP"), CaptureFilter.word("DESC"), CaptureFilter.word("SETU"),
        CaptureFilter.word("PLAY"), CaptureFilter.word("SSH-"), CaptureFilter.word("REGI"), CaptureFilter.word("INVI"),
        CaptureFilter.word("SIP/"), CaptureFilter.word("220 "), CaptureFilter.word("CONN"),
    ]

    /// TCP ports of slow protocols, of which every segment with a payload is passed: Telnet, S7, Modbus, MQTT,
    /// KNXnet/IP, MELSEC, HART-IP, CWMP, FINS, EtherNet/IP.
    public var slowPorts: [UInt16] = [23, 102, 502, 1883, 2323, 3671, 5007, 5094, 7547, 9600, 44818]

    /// TCP ports of servers of whose answers every segment is passed, while what is sent to them may be much: IPP.
    public var answerPorts: [UInt16] = [631]

    /// The filter as described above.
    public init() {}

    /// Four ASCII bytes as the kernel compares them.
    private static func word(_ text: StaticString) -> UInt32 {
        var value: UInt32 = 0
        text.withUTF8Buffer { bytes in
            for index in bytes.indices { value = value << 8 | UInt32(unsafe bytes[index]) }
        }
        return value
    }

    /// Of longer datagrams the rest is not passed.
    private static let fragmentBytes: UInt32 = 16_384

    /// The program for SO_ATTACH_FILTER; nil where the lists are too long for a program (some hundreds of entries).
    public func program() -> [FilterInstruction]? {
        var code = FilterAssembler()
        let network = code.label()
        linkLayer(&code, network)
        let ipv6 = code.label()
        let transport = code.label()
        code.place(network)
        networkLayer(&code, ipv6: ipv6, transport: transport)
        code.place(transport)
        transportLayer(&code)
        return code.finish()
    }

    // Scratch words.
    private static let protocolWord: UInt32 = 0
    private static let endWord: UInt32 = 1
    private static let transportWord: UInt32 = 2
    private static let payloadWord: UInt32 = 3

    /// How much is captured of handshakes, and of everything else.
    private var handshakeBytes: UInt32 { content == .others ? 0 : CaptureFilter.handshakeSnapBytes }
    private var otherBytes: UInt32 { content == .handshakes ? 0 : CaptureFilter.snapBytes }

    /// Leaves A = EtherType and X = offset of the network header.
    private func linkLayer(_ code: inout FilterAssembler, _ network: FilterAssembler.Label) {
        let tagged = code.label()
        let plain = code.label()
        let passCDP = code.label()
        code.load16(12)
        code.ifEqual(0x8100, tagged)
        code.ifEqual(0x88A8, tagged)
        // A length in place of an EtherType is 802.3: of those only CDP, SNAP 00000C/2000.
        code.ifAtLeast(0x0600, plain)
        code.load16(20)
        code.ifEqual(0x2000, passCDP)
        code.accept(0)
        code.place(passCDP)
        code.accept(otherBytes)
        code.place(tagged)
        code.loadX(18)
        code.load16(16)
        code.jump(network)
        code.place(plain)
        code.loadX(14)
    }

    /// Leaves A = protocol number, X and M[transportWord] = offset of the transport header, M[endWord] = end of packet.
    private func networkLayer(
        _ code: inout FilterAssembler,
        ipv6: FilterAssembler.Label,
        transport: FilterAssembler.Label
    ) {
        let pass = code.label()
        let drop = code.label()
        let ipv4 = code.label()
        let neighbours = code.label()
        let profinet = code.label()
        let drop4 = code.label()
        let passFragment = code.label()
        let fragment6 = code.label()
        code.ifEqual(0x0806, pass)
        code.ifEqual(0x88CC, pass)
        code.ifEqual(0x0800, ipv4)
        code.ifEqual(0x86DD, ipv6)
        code.ifEqual(0x8892, profinet)
        code.place(drop)
        code.accept(0)
        code.place(pass)
        code.accept(otherBytes)

        // Frame identifiers of DCP (IEC 61158-6-10): Hello 0xFEFC to Identify response 0xFEFF.
        code.place(profinet)
        code.load16(atX: 0)
        let discovery = code.label()
        code.ifAtLeast(0xFEFC, discovery)
        code.accept(0)
        code.place(discovery)
        code.accept(otherBytes)

        code.place(ipv4)
        let whole = code.label()
        code.load16(atX: 6)
        code.ifAnyBit(0x1FFF, nil, otherwise: whole)
        code.and(0x1FFF)
        code.ifAtLeast(CaptureFilter.fragmentBytes / 8, drop4)
        code.load8(atX: 9)
        code.ifEqual(17, passFragment)
        code.place(drop4)
        code.accept(0)
        code.place(passFragment)
        code.accept(otherBytes)
        code.place(whole)
        code.load8(atX: 9)
        code.store(CaptureFilter.protocolWord)
        code.load16(atX: 2)
        code.addX()
        code.store(CaptureFilter.endWord)
        code.load8(atX: 0)
        code.and(0x0F)
        code.shiftLeft(2)
        code.addX()
        code.moveToX()
        code.store(CaptureFilter.transportWord)
        code.loadScratch(CaptureFilter.protocolWord)
        code.jump(transport)

        code.place(ipv6)
        code.load16(atX: 4)
        code.addX()
        code.add(40)
        code.store(CaptureFilter.endWord)
        code.load8(atX: 6)
        code.store(CaptureFilter.protocolWord)
        code.moveFromX()
        code.add(40)
        code.moveToX()
        // Stored before the branch: the kernel's check of scratch words (bpf_check_classic) does not see that a "return"
        // in between ends the path, and refuses the program.
        code.store(CaptureFilter.transportWord)
        code.loadScratch(CaptureFilter.protocolWord)
        code.ifEqual(58, neighbours)
        code.ifEqual(44, fragment6)
        code.jump(transport)

        // next header (1) | reserved (1) | offset in eights, reserved, more (2) | identification (4): RFC 8200 section 4.5.
        code.place(fragment6)
        let first6 = code.label()
        let drop6 = code.label()
        code.load8(atX: 0)
        code.ifEqual(17, nil, otherwise: drop6)
        code.load16(atX: 2)
        code.and(0xFFF8)
        code.ifEqual(0, first6)
        code.ifAtLeast(CaptureFilter.fragmentBytes, drop6)
        code.accept(otherBytes)
        code.place(drop6)
        code.accept(0)
        code.place(first6)
        code.moveFromX()
        code.add(8)
        code.moveToX()
        code.store(CaptureFilter.transportWord)
        code.loadConstant(17)
        code.jump(transport)

        // Router and neighbour solicitations and advertisements: types 133 to 136 of RFC 4861.
        code.place(neighbours)
        let isAtLeast = code.label()
        let isOther = code.label()
        code.load8(atX: 0)
        code.ifAtLeast(133, isAtLeast, otherwise: isOther)
        code.place(isAtLeast)
        code.ifAtLeast(137, isOther)
        code.accept(otherBytes)
        code.place(isOther)
        code.accept(0)
    }

    private func transportLayer(_ code: inout FilterAssembler) {
        let tcp = code.label()
        let udp = code.label()
        let pass = code.label()
        code.ifEqual(6, tcp)
        code.ifEqual(17, udp)
        code.accept(0)

        code.place(udp)
        let quic = code.label()
        let passQUIC = code.label()
        eitherPort(&code, udpPorts, pass)
        eitherPort(&code, [443], quic)
        code.accept(0)
        code.place(quic)
        code.load8(atX: 8)
        code.ifAnyBit(0x80, passQUIC)
        code.accept(0)
        code.place(passQUIC)
        code.accept(handshakeBytes)
        code.place(pass)
        code.accept(otherBytes)

        code.place(tcp)
        let isStream = code.label()
        code.load8(atX: 13)
        code.ifAnyBit(0x02, nil, otherwise: isStream)
        code.accept(otherBytes)
        code.place(isStream)
        segments(&code)
    }

    /// TCP segments that open no connection.
    private func segments(_ code: inout FilterAssembler) {
        let hasPayload = code.label()
        let passSlow = code.label()
        let passStart = code.label()
        let notStart = code.label()
        // Payload offset = transport offset + data offset; there is a payload where it is below the end.
        code.load8(atX: 12)
        code.shiftRight(4)
        code.shiftLeft(2)
        code.addX()
        code.store(CaptureFilter.payloadWord)
        code.moveToX()
        code.loadScratch(CaptureFilter.endWord)
        code.subtractX()
        // A = payload length. A negative one is a huge unsigned one, and its loads then fail, which drops the frame.
        code.ifAtLeast(1, hasPayload)
        code.accept(0)
        code.place(hasPayload)
        code.loadXScratch(CaptureFilter.transportWord)
        code.load16(atX: 0)
        for port in answerPorts { code.ifEqual(UInt32(port), passSlow) }
        eitherPort(&code, slowPorts, passSlow)
        code.jump(notStart)
        code.place(passSlow)
        code.accept(otherBytes)
        code.place(notStart)

        continuation(&code)

        // Loads beyond the end of the frame end the program with "drop", so four bytes are needed from here on.
        let notTLS = code.label()
        code.loadXScratch(CaptureFilter.payloadWord)
        code.load16(atX: 0)
        code.ifEqual(0x1603, nil, otherwise: notTLS)
        code.accept(handshakeBytes)
        code.place(notTLS)
        code.load32(atX: 0)
        for start in tcpStarts { code.ifEqual(start, passStart) }
        // A packet of SSH with SSH_MSG_KEXINIT (RFC 4253 section 6): its length, that of the padding, 20.
        let noKeyExchange = code.label()
        code.ifAtLeast(CaptureFilter.keyExchangeBytes, noKeyExchange)
        code.load8(atX: 5)
        code.ifEqual(20, passStart)
        code.place(noKeyExchange)
        code.accept(0)
        code.place(passStart)
        code.accept(otherBytes)
    }

    /// The longest payload that can be the rest of a ClientHello whose first part filled a segment.
    private static let continuationBytes: UInt32 = 1_400

    /// Longer is no key exchange.
    private static let keyExchangeBytes: UInt32 = 8_192

    /// A pushed segment to a TLS port that begins no record of change, alert or application data. X is the transport
    /// offset before.
    private func continuation(_ code: inout FilterAssembler) {
        let goOn = code.label()
        let toTLS = code.label()
        let ofSSH = code.label()
        let isShort = code.label()
        let isAtLeast = code.label()
        let passRest = code.label()
        let passHello = code.label()
        let isRecord = code.label()
        code.load8(atX: 13)
        code.ifAnyBit(0x08, nil, otherwise: goOn)
        eitherPort(&code, sshPorts, ofSSH)
        code.load16(atX: 2)
        for port in tlsPorts { code.ifEqual(UInt32(port), toTLS) }
        code.jump(goOn)
        code.place(ofSSH)
        code.loadXScratch(CaptureFilter.payloadWord)
        code.loadScratch(CaptureFilter.endWord)
        code.subtractX()
        code.ifAtLeast(CaptureFilter.continuationBytes, goOn, otherwise: passRest)
        code.place(toTLS)
        code.loadXScratch(CaptureFilter.payloadWord)
        code.loadScratch(CaptureFilter.endWord)
        code.subtractX()
        code.ifAtLeast(CaptureFilter.continuationBytes, goOn, otherwise: isShort)
        code.place(isShort)
        // One byte alone is no record; it may be the beginning of one.
        code.ifAtLeast(2, isRecord, otherwise: passHello)
        code.place(isRecord)
        code.load8(atX: 0)
        code.ifAtLeast(0x14, isAtLeast, otherwise: passHello)
        code.place(isAtLeast)
        code.ifAtLeast(0x18, passHello, otherwise: goOn)
        code.place(passHello)
        code.accept(handshakeBytes)
        code.place(passRest)
        code.accept(otherBytes)
        code.place(goOn)
    }

    /// Goes to `pass` where the source or the destination port of the header at X is in the list.
    private func eitherPort(_ code: inout FilterAssembler, _ ports: [UInt16], _ pass: FilterAssembler.Label) {
        code.load16(atX: 0)
        for port in ports { code.ifEqual(UInt32(port), pass) }
        code.load16(atX: 2)
        for port in ports { code.ifEqual(UInt32(port), pass) }
    }
}
