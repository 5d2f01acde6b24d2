import Captures
import Fingerprinting
import NetworkTypes
import PacketParsing

extension DecoderTable {
    private static func link(_ name: String, _ type: LinkType) -> Decoder {
        .reader(name, [.frame(linkType: type.rawValue)], samples: type == .ethernet ? FrameSamples.frames : []) {
            reader throws(DecodeError) in
            _ = try LinkHeader(parsing: &reader, linkType: type)
        }
    }

    /// Capture files, and what lies below the messages.
    static let frames: [Decoder] = [
        Decoder("capture-file", [.file], maximumLength: 8192, samples: FrameSamples.captures) { bytes in
            var reader = CaptureFileReader()
            var extractor = SignalExtractor(onLink: .guessed, ciphers: .willing)
            do throws(DecodeError) {
                try reader.feed(bytes.span) { frame, bytes in
                    _ = extractor.extract(bytes, linkType: frame.linkType, timeNanoseconds: frame.timeNanoseconds)
                }
                return true
            } catch {
                return false
            }
        },
        Decoder("extractor", [.frame(linkType: 1)], samples: { FrameSamples.frames }) { bytes in
            var extractor = SignalExtractor(onLink: .guessed, ciphers: .willing)
            let sighting = extractor.extract(bytes.span, timeNanoseconds: 1)
            return sighting != nil && extractor.counters.malformed == 0
        },
        link("ethernet", .ethernet),
        link("linux-cooked", .linuxCooked),
        link("linux-cooked-2", .linuxCookedV2),
        link("wireless", .wireless),
        link("radiotap", .wirelessRadiotap),
        .reader("ip", [.etherType(0x0800), .etherType(0x86DD)]) { reader throws(DecodeError) in
            _ = try IPHeader(parsing: &reader)
        },
        .reader("tcp", [.transport(6)]) { reader throws(DecodeError) in
            let tcp = try TCPHeader(parsing: &reader)
            var options = try reader.window(from: tcp.optionsStart, to: tcp.optionsStart + tcp.optionsLength)
            _ = TCPOptions(parsing: &options)
        },
        .reader("tcp-signature", [.etherType(0x0800), .etherType(0x86DD)], samples: FrameSamples.packets) {
            reader throws(DecodeError) in
            let ip = try IPHeader(parsing: &reader)
            let tcp = try TCPHeader(parsing: &reader)
            var options = try reader.window(from: tcp.optionsStart, to: tcp.optionsStart + tcp.optionsLength)
            let parsed = TCPOptions(parsing: &options)
            _ = TCPSignature.text(ip: ip, tcp: tcp, options: parsed, payloadLength: reader.remaining)
        },
        .reader("udp", [.transport(17)], samples: [FrameBuilder.udp(from: 1, to: 2, [3])]) {
            reader throws(DecodeError) in
            _ = try UDPHeader(parsing: &reader)
        },
        .reader("arp", [.etherType(0x0806)]) { reader throws(DecodeError) in _ = try ARPMessage(parsing: &reader) },
        .reader("neighbour", [.transport(58)]) { reader throws(DecodeError) in
            _ = try NeighborMessage(parsing: &reader)
        },
    ]

    /// Addresses and names.
    static let names: [Decoder] = [
        .reader("dhcpv4", [.udp(67)]) { reader throws(DecodeError) in
            let message = try DHCPv4Message(parsing: &reader)
            _ = message.fullyQualifiedName
        },
        .reader("dhcpv6", [.udp(547)]) { reader throws(DecodeError) in _ = try DHCPv6Message(parsing: &reader) },
        .reader("dns", [.udp(53), .udp(5353), .udp(5355)]) { reader throws(DecodeError) in
            var message = try DNSMessage(parsing: &reader)
            message.limitTimesToLive(toSeconds: 300)
            let written = message.encoded(maximumLength: 512)
            var again = ByteReader(written.span)
            // What was cut to fit is still a message.
            _ = try DNSMessage(parsing: &again)
            for record in message.answers {
                if case .raw(let bytes) = record.data { _ = try? DNSServiceBinding(bytes) }
            }
        },
        .reader("dns-times", [.udp(53)], samples: PacketSamples.bytes("dns")) { reader throws(DecodeError) in
            _ = try DNSMessage.timeToLiveOffsets(parsing: &reader)
        },
        .reader("ntp", [.udp(123)], samples: [[0x24, 1, 6, 0xEC] + [UInt8](repeating: 0x47, count: 44)]) {
            reader throws(DecodeError) in
            _ = try NTPMessage(parsing: &reader)
        },
        .reader("netbios-names", [.udp(137)]) { reader throws(DecodeError) in
            _ = try NetBIOSNames(parsingNameService: &reader, source: IPAddress(v4: 0xC000_0207))
        },
        .reader("netbios-datagram", [.udp(138)]) { reader throws(DecodeError) in
            _ = try NetBIOSNames(parsingDatagram: &reader, source: IPAddress(v4: 0xC000_0207))
        },
    ]

    /// The beginnings of streams.
    static let streams: [Decoder] = [
        .reader(
            "tls-records",
            [.tcpBeginning(0x16)],
            samples: PacketSamples.bytes("tls-hello").map { [0x16, 3, 1, 0, UInt8($0.count)] + $0 },
            maximumLength: 8192
        ) { reader throws(DecodeError) in
            _ = try TLSClientHello(parsingRecords: &reader).ja4
        },
        .reader("tls-hello") { reader throws(DecodeError) in _ = try TLSClientHello(parsing: &reader).ja4 },
        .reader("tls-certificate", [.tcpBeginning(0x16)], maximumLength: 8192) { reader throws(DecodeError) in
            _ = try TLSServerCertificate(parsingRecords: &reader)
        },
        .reader(
            "http-head",
            [.tcp(80), .tcp(554), .tcp(5060)],
            texts: [
                "GET /a HTTP/1.1\r\nHost: cam\r\nUser-Agent: x\r\n\r\n",
                "RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nServer: Rtsp Server\r\n\r\n",
            ]
        ) { reader throws(DecodeError) in
            _ = try HTTPMessageHead(parsing: &reader)
        },
        .reader(
            "http-datagram",
            [.udp(1900), .udp(5060)],
            texts: ["NOTIFY * HTTP/1.1\r\nNT: upnp:rootdevice\r\nSERVER: a/1 UPnP/1.0 b/2\r\n\r\n"]
        ) { reader throws(DecodeError) in
            _ = try HTTPMessageHead(parsingDatagram: &reader)
        },
        Decoder("http-title", [.tcp(80)], samples: { [Array("<html><TITLE a=b> AXIS\n Live </title>".utf8)] }) {
            HTTPTitle.find(in: ByteReader($0.span)) != nil
        },
        Decoder("ipp", samples: { [printerAnswer, Array("4f\r\n".utf8) + printerAnswer] }) { bytes in
            (try? PrinterAttributes(parsing: ByteReader(bytes.span)))?.statements.isEmpty == false
        },
        .reader("mqtt", [.tcp(1883)]) { reader throws(DecodeError) in _ = try MQTTConnect(parsing: &reader) },
        .reader("ssh", [.tcp(22)], texts: ["SSH-2.0-dropbear_2019.78\r\nrest"]) { reader throws(DecodeError) in
            _ = try SSHIdentification(parsing: &reader)
        },
        .reader("ssh-kex", samples: [keyExchange]) { reader throws(DecodeError) in
            let exchange = try SSHKeyExchange(parsing: &reader)
            _ = exchange.hasshText(isServer: true)
        },
        .reader("quic", [.udp(443)], samples: SampleQUIC.datagrams(), maximumLength: 8192) {
            reader throws(DecodeError) in
            var handshake = QUICHandshake()
            let whole = reader
            var isOpened = false
            while let packet = try QUICInitial.next(in: &reader) {
                guard let frames = QUICInitialKeys(packet, .willing).open(packet, in: whole, .willing) else { continue }
                var inside = ByteReader(frames.span)
                try handshake.add(frames: &inside)
                isOpened = true
            }
            guard isOpened, let hello = try handshake.clientHello() else { throw reader.error(.truncated) }
            _ = hello.ja4
        },
        Decoder("reassembly", samples: { [[0, 3, 1, 2, 3, 6, 2, 9, 9, 3, 3, 4, 5, 6]] }, decode: reassemble),
        Decoder("streams", samples: SegmentedStream.samples, decode: SegmentedStream.decode),
    ]

    /// An answer of IPP with make, model and device identifier.
    private static let printerAnswer: [UInt8] = {
        func attribute(_ name: String, _ value: String) -> [UInt8] {
            [0x41] + FrameBuilder.word(name.utf8.count) + Array(name.utf8) + FrameBuilder.word(value.utf8.count)
                + Array(value.utf8)
        }
        return [2, 0, 0, 0, 0, 0, 0, 1, 4] + attribute("printer-make-and-model", "HP M401")
            + attribute("printer-device-id", "MFG:HP;MDL:M401;") + [3]
    }()

    /// SSH_MSG_KEXINIT with eight lists of one name and two of none.
    private static let keyExchange: [UInt8] = {
        let lists = (0..<8).flatMap { _ -> [UInt8] in [0, 0, 0, 1, 0x61] } + [UInt8](repeating: 0, count: 13)
        let packet = [4, 20] + [UInt8](repeating: 9, count: 16) + lists + [0, 0, 0, 0]
        return FrameBuilder.long(UInt32(packet.count)) + packet
    }()

    /// Pieces: offset (1), length (1), that many bytes; between them what is whole is taken away.
    private static func reassemble(_ input: [UInt8]) -> Bool {
        var buffer = ReassemblyBuffer(limit: 200)
        var index = 0
        while index + 2 <= input.count {
            let length = min(Int(input[index + 1]), input.count - index - 2)
            let piece = ByteReader(input.span, from: index + 2, to: index + 2 + length)
            _ = buffer.insert(piece, at: Int(input[index]))
            if input[index] & 7 == 7 { buffer.removeFirst(buffer.contiguousCount / 2) }
            index += 2 + length
        }
        return buffer.contiguous.count == buffer.contiguousCount && buffer.contiguousCount > 0
    }
}
