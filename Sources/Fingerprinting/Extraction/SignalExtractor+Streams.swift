import NetworkTypes
import PacketParsing

extension SignalExtractor {
    enum Attempt {
        /// Decoded, or not what it looked like.
        case done
        /// The message goes on in the next segment.
        case needsMore(StreamKind, consumed: Int)
    }

    mutating func readTCP(_ reader: inout ByteReader, _ ip: IPHeader, _ draft: inout SightingDraft) {
        do throws(DecodeError) {
            let tcp = try TCPHeader(parsing: &reader)
            if tcp.isSYN, !tcp.isReset, !tcp.isFinal { try readSYN(reader, ip, tcp, &draft) }
            guard !reader.isAtEnd else { return }
            // What a SYN brings along (RFC 7413) begins at the number after its own.
            readSegment(&reader, ip, tcp, tcp.sequence &+ (tcp.isSYN ? 1 : 0), &draft)
        } catch {
            counters.malformed += 1
        }
    }

    /// The signature of a SYN or SYN+ACK, unless the same device sent the same lately.
    private mutating func readSYN(
        _ reader: borrowing ByteReader,
        _ ip: IPHeader,
        _ tcp: TCPHeader,
        _ draft: inout SightingDraft
    ) throws(DecodeError) {
        var options = ByteReader(
            reader.bytes,
            from: tcp.optionsStart,
            to: Swift.min(tcp.optionsStart + tcp.optionsLength, reader.end)
        )
        var key = RepetitionKey(draft.device)
        var walked = options
        key.combine(ip, tcp, &walked, hasPayload: !reader.isAtEnd)
        guard recent.note(key: key.value, draft.timeNanoseconds) else { return }
        let parsed = TCPOptions(parsing: &options)
        let text = TCPSignature.text(ip: ip, tcp: tcp, options: parsed, payloadLength: reader.remaining)
        draft.add(tcp.isACK ? .tcpSYNACK : .tcpSYN, text)
    }

    private mutating func readSegment(
        _ payload: inout ByteReader,
        _ ip: IPHeader,
        _ tcp: TCPHeader,
        _ sequence: UInt32,
        _ draft: inout SightingDraft
    ) {
        if !streams.isEmpty {
            let key = StreamTable.Key(draft.device, ip, tcp)
            switch streams.append(key, sequence: sequence, payload) {
            case .waits: return
            case .oversized(let stream):
                counters.oversizedStreams += 1
                noteUnread(stream)
                return
            case .grew(let stream):
                readStream(stream, &draft)
                return
            case .unknown: break
            }
        }
        // A number that a Modbus client chose stands where other protocols say what they are.
        let sniffed = tcp.sourcePort == 502 ? nil : StreamKind.sniff(payload)
        let isIndustrial = sniffed == nil && SignalExtractor.industrialForm(tcp.sourcePort) != nil
        guard let kind = isIndustrial ? .industrial : sniffed else { return }
        let key = StreamTable.Key(draft.device, ip, tcp)
        let start = payload.position
        let length = payload.remaining
        guard case .needsMore(let next, let consumed) = attempt(kind, key, &payload, &draft) else { return }
        guard length - consumed < StreamTable.maximumBytes else {
            counters.oversizedStreams += 1
            if next == .tls, SignalExtractor.beginsHello(payload.bytes, at: start) { note(.tcp, key, .unread) }
            return
        }
        let rest = ByteReader(payload.bytes, from: start + consumed, to: payload.end)
        var stream = StreamTable.Stream(
            key: key,
            kind: next,
            firstSequence: sequence &+ UInt32(truncatingIfNeeded: consumed),
            sinceNanoseconds: draft.timeNanoseconds
        )
        _ = stream.buffer.insert(rest, at: 0)
        keep(stream)
    }

    private mutating func keep(_ stream: StreamTable.Stream) {
        guard let evicted = streams.insert(stream) else { return }
        counters.evictedStreams += 1
        noteUnread(evicted)
    }

    private mutating func readStream(_ stream: StreamTable.Stream, _ draft: inout SightingDraft) {
        let bytes = stream.buffer.contiguous
        var rest = stream
        if stream.kind != .tls || TLSClientHello.endsRecords(bytes) {
            var reader = ByteReader(bytes.span)
            guard case .needsMore(let next, let consumed) = attempt(stream.kind, stream.key, &reader, &draft) else {
                return
            }
            rest.kind = next
            rest.buffer.removeFirst(consumed)
            rest.firstSequence = stream.firstSequence &+ UInt32(truncatingIfNeeded: consumed)
        }
        guard !rest.isOversized else {
            counters.oversizedStreams += 1
            noteUnread(rest)
            return
        }
        keep(rest)
    }

    /// Decodes what begins at the reader's position.
    mutating func attempt(
        _ kind: StreamKind,
        _ key: StreamTable.Key,
        _ reader: inout ByteReader,
        _ draft: inout SightingDraft
    ) -> Attempt {
        let start = reader.position
        let isServer = kind == .tls && reader.peek(5) == 2
        do throws(DecodeError) {
            switch kind {
            case .tls where isServer:
                for name in try TLSServerCertificate(parsingRecords: &reader).names {
                    draft.add(SignalExtractor.kind(name.attribute), name.value)
                }
            case .tls:
                let hello = try TLSClientHello(parsingRecords: &reader)
                draft.add(.tlsJA4, hello.ja4)
                draft.add(.tlsServerName, hello.serverName)
                note(.tcp, key, ServerNameSighting.Name(hello))
            case .mqtt: draft.add(.mqttClientID, try MQTTConnect(parsing: &reader).clientIdentifier)
            case .http where reader.starts(with: SSHIdentification.prefix):
                let software = try SSHIdentification(parsing: &reader).software
                draft.add(SignalExtractor.isSSHServer(key) ? .sshServer : .sshClient, software)
                let consumed = reader.position - start
                do throws(DecodeError) { try readKeyExchange(&reader, key, &draft) } catch {
                    if error.reason == .truncated { return .needsMore(.ssh, consumed: consumed) }
                }
            case .ssh: try readKeyExchange(&reader, key, &draft)
            case .http:
                let head = try HTTPMessageHead(parsing: &reader)
                guard let body = SignalExtractor.add(head, &draft) else { return .done }
                let consumed = reader.position - start
                return try SignalExtractor.addBody(body, reader, &draft) ? .done : .needsMore(body, consumed: consumed)
            case .industrial:
                guard let form = SignalExtractor.industrialForm(key.sourcePort) else { return .done }
                try readIndustrial(&reader, form, key.source, &draft)
            case .html, .printer:
                return try SignalExtractor.addBody(kind, reader, &draft) ? .done : .needsMore(kind, consumed: 0)
            }
        } catch {
            if error.reason == .truncated { return .needsMore(kind, consumed: 0) }
            if kind == .tls, !isServer, SignalExtractor.beginsHello(reader.bytes, at: start) {
                note(.tcp, key, .unread)
            }
        }
        return .done
    }

    /// Both sides send the same; the server is at its own port, or else at the lower one.
    private static func isSSHServer(_ key: StreamTable.Key) -> Bool {
        key.sourcePort == 22 || key.destinationPort != 22 && key.sourcePort < key.destinationPort
    }

    private func readKeyExchange(
        _ reader: inout ByteReader,
        _ key: StreamTable.Key,
        _ draft: inout SightingDraft
    ) throws(DecodeError) {
        let exchange = try SSHKeyExchange(parsing: &reader)
        let isServer = SignalExtractor.isSSHServer(key)
        guard let digest = ciphers.md5(exchange.hasshText(isServer: isServer).bytes) else { return }
        draft.add(isServer ? .sshServerHASSH : .sshClientHASSH, Hexadecimal.encode(digest))
    }

    static func kind(_ attribute: TLSServerCertificate.Attribute) -> SignalKind {
        switch attribute {
        case .subjectName: return .certificateName
        case .subjectOrganization: return .certificateOrganization
        case .subjectUnit: return .certificateUnit
        case .issuerOrganization: return .certificateIssuer
        }
    }

    /// Adds what a head says; what follows it, where that is read too.
    private static func add(_ head: HTTPMessageHead, _ draft: inout SightingDraft) -> StreamKind? {
        guard head.form == .http else {
            if head.form == .sip { addSIP(head, &draft) } else { addRTSP(head, &draft) }
            return nil
        }
        switch head.start {
        case .request:
            draft.add(.httpUserAgent, head["user-agent"])
            draft.add(.httpHost, head["host"])
            return nil
        case .response:
            draft.add(.httpServer, head["server"])
            if let challenge = head["www-authenticate"] { draft.add(.httpRealm, realm(challenge)) }
            guard head["content-encoding"] == nil, let type = head["content-type"]?.lowercasedASCII else { return nil }
            return type.hasPrefix("text/html") ? .html : type.hasPrefix("application/ipp") ? .printer : nil
        }
    }

    /// RFC 9110 §11.5: `Basic realm="AXIS_ACCC8E010203"`.
    static func realm(_ challenge: ByteString) -> ByteString? {
        guard let start = challenge.lowercasedASCII.firstIndex(of: "realm=") else { return nil }
        let rest = challenge.bytes.dropFirst(start + 6)
        guard rest.first == 0x22 else {
            return ByteString(Array(rest.prefix { $0 != 0x2C && $0 != 0x20 }))
        }
        var realm = ByteString()
        var isEscaped = false
        for byte in rest.dropFirst() {
            if !isEscaped, byte == 0x22 { break }
            isEscaped = !isEscaped && byte == 0x5C
            if !isEscaped { realm.append(byte: byte) }
        }
        return realm
    }

    /// Adds what the body says; true where no more of it is wanted.
    private static func addBody(
        _ kind: StreamKind,
        _ body: borrowing ByteReader,
        _ draft: inout SightingDraft
    ) throws(DecodeError) -> Bool {
        guard kind == .printer else { return addTitle(body, &draft) }
        let attributes = try PrinterAttributes(parsing: body)
        add(attributes.statements, .ippPrinter, &draft)
        return attributes.isComplete
    }

    /// True if the search for a title is over.
    private static func addTitle(_ body: borrowing ByteReader, _ draft: inout SightingDraft) -> Bool {
        guard let title = HTTPTitle.find(in: body) else { return false }
        draft.add(.httpTitle, title)
        return true
    }
}

extension StreamTable.Key {
    init(_ device: MACAddress, _ ip: IPHeader, _ tcp: TCPHeader) {
        self.init(
            device: device,
            source: ip.source,
            destination: ip.destination,
            sourcePort: tcp.sourcePort,
            destinationPort: tcp.destinationPort
        )
    }
}
