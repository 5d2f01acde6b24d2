public import NetworkTypes
public import PacketParsing

/// What a device answered to a probe: the same signals that the answer would have made on the wire, and what the prober
/// goes by.
public struct ProbeAnswer: Sendable {
    /// What to read an answer as.
    public enum Form: Sendable {
        /// DNS messages of multicast DNS.
        case multicastDNS
        /// Answers to an SSDP search.
        case ssdp
        /// ProbeMatches.
        case wsDiscovery
        /// HTTP with a page, RTSP, SSH identification.
        case text
        /// HTTP with a UPnP description.
        case upnpDescription
        /// HTTP with a SOAP envelope of ONVIF.
        case onvif
        /// Whatever a telnet server says first.
        case telnet
        /// CONNACK, SUBACK, PUBLISH.
        case mqtt
        /// One of the industrial protocols, SNMP and CoAP.
        case industrial(IndustrialDeclaration.Form)
    }

    /// Most bytes of a telnet banner.
    static let maximumBannerLength = 160

    /// What it says of the device.
    public private(set) var signals: [Signal] = []
    /// Where the device says that more is to be learnt, unchecked: LOCATION of SSDP, XAddrs of WS-Discovery.
    public private(set) var locations: [ByteString] = []
    /// Whether the device wants a name and password, or does not want to be asked.
    public private(set) var isRefusal = false
    /// Whether anything of it could be read.
    public private(set) var isUnderstood = false

    /// Reads an answer: one entry of `parts` a datagram, or one for all of a stream.
    public init(
        parts: [[UInt8]],
        form: Form,
        certificate: [UInt8] = [],
        device: MACAddress,
        source: IPAddress,
        port: UInt16
    ) {
        var extractor = SignalExtractor(onLink: .guessed, ciphers: .none)
        var draft = SightingDraft(device: device, timeNanoseconds: 0)
        if !certificate.isEmpty {
            var reader = ByteReader(certificate.span)
            if let names = try? TLSServerCertificate(parsingCertificate: &reader).names {
                for name in names { draft.add(SignalExtractor.kind(name.attribute), name.value) }
            }
        }
        for part in parts {
            do throws(DecodeError) {
                var reader = ByteReader(part.span)
                try read(&reader, form, StreamTable.Key(answerOf: source, port), &extractor, &draft)
                isUnderstood = true
            } catch {
                continue
            }
        }
        signals = draft.signals
    }

    private mutating func read(
        _ reader: inout ByteReader,
        _ form: Form,
        _ key: StreamTable.Key,
        _ extractor: inout SignalExtractor,
        _ draft: inout SightingDraft
    ) throws(DecodeError) {
        var copy = reader
        switch form {
        case .multicastDNS: try extractor.readMulticastDNS(&reader, key.source, &draft)
        case .ssdp:
            try extractor.readSSDP(&reader, &draft)
            if let location = try HTTPMessageHead(parsingDatagram: &copy)["location"] { locations.append(location) }
        case .wsDiscovery:
            try extractor.readWSDiscovery(&reader, &draft)
            let message = try WSDiscoveryMessage(parsing: &copy)
            if message.endpointCount <= 1 { locations += message.transportAddresses }
        case .text where reader.starts(with: SSHIdentification.prefix):
            draft.add(.sshServer, try SSHIdentification(parsing: &reader).software)
        case .text:
            let head = try HTTPMessageHead(parsing: &copy)
            note(head)
            _ = extractor.attempt(.http, key, &reader, &draft)
        case .upnpDescription, .onvif:
            let head = try HTTPMessageHead(parsing: &copy)
            note(head)
            draft.add(.httpServer, head["server"])
            if case .response(200) = head.start {
                var kind = SignalKind.upnpDevice
                if case .onvif = form { kind = .onvifDevice }
                SignalExtractor.add(DeviceDescription(parsing: &copy).statements, kind, &draft)
            } else if ByteString(copy).firstIndex(of: "NotAuthorized") != nil {
                // ONVIF Core Specification §5.8.2.2: a fault, which comes with 400 as well.
                isRefusal = true
            }
        case .telnet: draft.add(.telnetBanner, ProbeAnswer.banner(reader))
        case .mqtt: try readMQTT(&reader, &draft)
        case .industrial(let industrial):
            // RFC 7252 §5.9.2: 4.01 and 4.03.
            if case .coap = industrial, let code = reader.peek(1), code == 0x81 || code == 0x83 { isRefusal = true }
            try extractor.readIndustrial(&reader, industrial, key.source, &draft)
        }
    }

    /// RFC 9110 §15.5.2, §15.5.4, §15.5.8; RFC 2326 §11.3 has the same.
    private mutating func note(_ head: HTTPMessageHead) {
        guard case .response(let status) = head.start else { return }
        if status == 401 || status == 403 || status == 407 { isRefusal = true }
    }

    /// The text without what RFC 854 calls commands: 255, a verb, and for verbs from 251 on an option; 250 opens what 240
    /// closes.
    private static func banner(_ reader: borrowing ByteReader) -> ByteString {
        var text = ByteString()
        var index = reader.position
        while index < reader.end, text.count < maximumBannerLength {
            let byte = reader.bytes[index]
            index += 1
            if byte == 0xFF, index < reader.end {
                let verb = reader.bytes[index]
                index += verb >= 251 && verb < 255 ? 2 : 1
                if verb == 250 {
                    while index + 1 < reader.end, reader.bytes[index] != 0xFF || reader.bytes[index + 1] != 240 {
                        index += 1
                    }
                    index += 2
                }
            } else if byte > 0x20 && byte < 0x7F {
                text.append(byte: byte)
            } else if !text.isEmpty, text.bytes.last != 0x20 {
                text.append(byte: 0x20)
            }
        }
        return text.trimmed
    }

    /// MQTT 3.1.1 §3.2, §3.3: whether the CONNACK lets in, and the text of what is published.
    private mutating func readMQTT(_ reader: inout ByteReader, _ draft: inout SightingDraft) throws(DecodeError) {
        guard try reader.readUInt8() == 0x20, try reader.readUInt8() == 2 else { throw reader.error(.unsupported) }
        try reader.skip(1)
        let code = try reader.readUInt8()
        // Bad user name or password, not authorized.
        isRefusal = code == 4 || code == 5
        draft.add(.mqttBroker, code == 0 ? "open" : "closed")
        while !reader.isAtEnd {
            let type = try reader.readUInt8() >> 4
            let length = try reader.readUInt8()
            // What is longer than 127 bytes is no version.
            guard length < 0x80 else { return }
            var packet = try reader.slice(Int(length))
            guard type == 3 else { continue }
            try packet.skip(Int(try packet.readUInt16()))
            draft.add(.mqttBroker, ByteString(packet).trimmed)
        }
    }
}

extension StreamTable.Key {
    /// The connection of an answer, as far as it matters: the server is at `source`.
    fileprivate init(answerOf source: IPAddress, _ port: UInt16) {
        self.init(device: nil, source: source, destination: source, sourcePort: port, destinationPort: 65_535)
    }
}
