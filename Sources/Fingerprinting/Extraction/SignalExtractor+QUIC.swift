import NetworkTypes
import PacketParsing

extension SignalExtractor {
    /// A client's datagram to port 443. Whatever is not an Initial packet costs a look at its header and no more; so does
    /// what a client goes on to send after its ClientHello, acknowledgements above all.
    mutating func readQUIC(
        _ payload: inout ByteReader,
        _ ip: IPHeader,
        _ udp: UDPHeader,
        _ draft: inout SightingDraft
    ) throws(DecodeError) {
        let key = StreamTable.Key(
            device: draft.device,
            source: ip.source,
            destination: ip.destination,
            sourcePort: udp.sourcePort,
            destinationPort: udp.destinationPort
        )
        if SignalExtractor.isOfUnknownVersion(payload) { note(.udp, key, .unread) }
        var told = RepetitionKey(draft.device)
        for word in [key.source.high, key.source.low, key.destination.high, key.destination.low] { told.combine(word) }
        told.combine(UInt64(key.sourcePort) << 16 | UInt64(key.destinationPort) | 1 << 40)
        while let packet = try QUICInitial.next(in: &payload) {
            // The client goes on with an identifier that the server chose, and could begin another connection from the
            // same port with one of its own: each is tried once.
            var connection = told
            for byte in packet.destinationIdentifier { connection.combine(UInt64(byte) | 1 << 41) }
            if recent.contains(key: connection.value, draft.timeNanoseconds) { continue }
            guard budget.take(draft.device, draft.timeNanoseconds) else {
                counters.undecrypted += 1
                note(.udp, key, .unread)
                continue
            }
            guard let (opened, frames) = openInitial(packet, payload, key, draft.timeNanoseconds) else {
                if recent.contains(key: told.value, draft.timeNanoseconds) {
                    _ = recent.note(key: connection.value, draft.timeNanoseconds)
                } else {
                    counters.undecryptable += 1
                }
                continue
            }
            var flow = opened
            let hello: TLSClientHello?
            do throws(DecodeError) {
                var reader = ByteReader(frames.span)
                try flow.handshake.add(frames: &reader)
                hello = try flow.handshake.clientHello()
            } catch {
                note(.udp, key, .unread)
                throw error
            }
            guard let hello else {
                keep(flow)
                continue
            }
            _ = recent.note(key: told.value, draft.timeNanoseconds)
            _ = recent.note(key: connection.value, draft.timeNanoseconds)
            draft.add(.tlsJA4, hello.ja4(isQUIC: true))
            draft.add(.tlsServerName, hello.serverName)
            note(.udp, key, ServerNameSighting.Name(hello))
        }
    }

    /// A long header (RFC 9000 §17.2) of a version that is neither known here nor zero, which negotiates versions.
    private static func isOfUnknownVersion(_ payload: borrowing ByteReader) -> Bool {
        guard let first = payload.peek(), first & 0xC0 == 0xC0, payload.remaining > 4 else { return false }
        var version: UInt32 = 0
        for distance in 1...4 { version = version << 8 | UInt32(payload.peek(distance) ?? 0) }
        return version != 0 && version != QUICInitial.version1 && version != QUICInitial.version2
    }

    private mutating func keep(_ flow: QUICFlow) {
        if quicFlows.count >= QUICFlow.maximumFlows {
            var own = 0
            for other in quicFlows where other.key.device == flow.key.device { own += 1 }
            let isFlood = own >= QUICFlow.maximumFlowsPerDevice
            let index = isFlood ? quicFlows.firstIndex { $0.key.device == flow.key.device } : 0
            note(.udp, quicFlows.remove(at: index ?? 0).key, .unread)
            counters.evictedStreams += 1
        }
        quicFlows.append(flow)
    }

    /// The packet's frames, and the connection it belongs to, which is taken out of the list.
    ///
    /// A client turns to the identifier that the server chose, but keeps its keys; after a Retry it makes new ones of it
    /// (RFC 9001 §5.2). The packet does not say which, so both are tried.
    private mutating func openInitial(
        _ packet: QUICInitial,
        _ payload: borrowing ByteReader,
        _ key: StreamTable.Key,
        _ nowNanoseconds: UInt64
    ) -> (QUICFlow, [UInt8])? {
        let index = quicFlows.firstIndex { $0.key == key }
        if index == nil || index.map({ quicFlows[$0].keys.identifier }) != packet.destinationIdentifier {
            let own = QUICInitialKeys(packet, ciphers)
            if let frames = own.open(packet, in: payload, ciphers) {
                if let index { quicFlows.remove(at: index) }
                return (QUICFlow(key: key, keys: own, sinceNanoseconds: nowNanoseconds), frames)
            }
        }
        if let index, let frames = quicFlows[index].keys.open(packet, in: payload, ciphers) {
            return (quicFlows.remove(at: index), frames)
        }
        return nil
    }
}
