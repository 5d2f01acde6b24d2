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
            source: ip.source,
            destination: ip.destination,
            sourcePort: udp.sourcePort,
            destinationPort: udp.destinationPort
        )
        var told = RepetitionKey(draft.device)
        for word in [key.source.high, key.source.low, key.destination.high, key.destination.low] { told.combine(word) }
        told.combine(UInt64(key.sourcePort) << 16 | UInt64(key.destinationPort) | 1 << 40)
        while let packet = try QUICInitial.next(in: &payload) {
            if recent.contains(key: told.value, draft.timeNanoseconds) { return }
            guard let (opened, frames) = openInitial(packet, payload, key, draft.timeNanoseconds) else { continue }
            var flow = opened
            var reader = ByteReader(frames.span)
            try flow.handshake.add(frames: &reader)
            guard let hello = try flow.handshake.clientHello() else {
                if quicFlows.count >= QUICFlow.maximumFlows {
                    quicFlows.removeFirst()
                    counters.evictedStreams += 1
                }
                quicFlows.append(flow)
                continue
            }
            _ = recent.note(key: told.value, draft.timeNanoseconds)
            draft.add(.tlsJA4, hello.ja4(isQUIC: true))
            draft.add(.tlsServerName, hello.serverName)
        }
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
        guard budget.take(nowNanoseconds) else {
            counters.undecrypted += 1
            return nil
        }
        let index = quicFlows.firstIndex { $0.key == key }
        if index == nil || index.map({ quicFlows[$0].keys.identifier }) != packet.destinationIdentifier {
            let own = QUICInitialKeys(packet, ciphers)
            if let frames = own.open(packet, in: payload, ciphers) {
                if let index { quicFlows.remove(at: index) }
                return (QUICFlow(key: key, keys: own), frames)
            }
        }
        if let index, let frames = quicFlows[index].keys.open(packet, in: payload, ciphers) {
            return (quicFlows.remove(at: index), frames)
        }
        counters.undecryptable += 1
        return nil
    }
}
