import NetworkTypes
import PacketParsing

extension SignalExtractor {
    /// RTSP: who answers is a camera, a recorder or a player of its own; who asks plays what others have.
    static func addRTSP(_ head: HTTPMessageHead, _ draft: inout SightingDraft) {
        guard case .response = head.start else {
            draft.add(.rtspUserAgent, head["user-agent"])
            return
        }
        draft.add(.rtspServer, head["server"])
        if let challenge = head["www-authenticate"] { draft.add(.rtspRealm, realm(challenge)) }
    }

    /// SIP (RFC 3261). Proxies pass on what others say: a request with the mark of one hop comes from its maker; an
    /// answer names in Contact who gave it, except a registrar's, which no proxy is asked to pass on to a telephone.
    static func addSIP(_ head: HTTPMessageHead, _ draft: inout SightingDraft) {
        guard case .response = head.start else {
            var hops = 0
            for field in head.fields where field.name == "via" || field.name == "v" {
                hops += field.value.firstIndex(of: ",") == nil ? 1 : 2
            }
            if hops == 1 { draft.add(.sipUserAgent, head["user-agent"]) }
            return
        }
        if let sequence = head["cseq"], sequence.hasSuffix("REGISTER") {
            draft.add(.sipServer, head["server"] ?? head["user-agent"])
        } else if let contact = head["contact"] ?? head["m"], let address = draft.address?.byteString,
            let index = contact.firstIndex(of: address), !isDigit(contact.bytes.dropFirst(index + address.count).first)
        {
            draft.add(.sipUserAgent, head["user-agent"] ?? head["server"])
        }
    }

    /// 192.0.2.1 begins 192.0.2.10 too.
    private static func isDigit(_ byte: UInt8?) -> Bool { (byte ?? 0) >= 0x30 && (byte ?? 0) <= 0x39 }

    mutating func readSIP(_ reader: inout ByteReader, _ draft: inout SightingDraft) throws(DecodeError) {
        let head = try HTTPMessageHead(parsingDatagram: &reader)
        if head.form == .sip { SignalExtractor.addSIP(head, &draft) }
    }
}
