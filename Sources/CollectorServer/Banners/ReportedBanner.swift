internal import CollectorCore

/// A banner among what an agent reports of a device, in the form that Recog's databases are made for.
struct ReportedBanner: Hashable, Sendable {
    /// The signal it came in.
    let signal: String
    /// The databases that know such banners, the best one first.
    let databases: [String]
    /// The forms in which it is tried, in turn.
    let forms: [String]

    private init(_ signal: String, _ databases: [String], _ forms: [String]) {
        self.signal = signal
        self.databases = databases
        self.forms = forms
    }

    /// The banners of evidence, each once, in its order.
    static func banners(in evidence: [EvidenceRecord]) -> [ReportedBanner] {
        var banners: [ReportedBanner] = []
        for piece in evidence {
            guard let banner = ReportedBanner(piece), !banners.contains(banner) else { continue }
            banners.append(banner)
        }
        if let subject = certificate(in: evidence) { banners.append(subject) }
        return banners
    }

    private init?(_ piece: EvidenceRecord) {
        let value = piece.value
        switch piece.signal {
        case "http.server": self.init(piece.signal, ["http_header.server"], [value])
        // Agents tell the realm of WWW-Authenticate alone; the fingerprints are of the whole header.
        case "http.realm":
            let quoted = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            let forms = ["Basic", "Digest"].map { "\($0) realm=\"\(quoted)\"" }
            self.init(piece.signal, ["http_header.wwwauth"], forms)
        case "http.title": self.init(piece.signal, ["html_title"], [value])
        case "rtsp.server": self.init(piece.signal, ["rtsp_header.server"], [value])
        case "sip.server": self.init(piece.signal, ["sip_header.server", "sip_header.user_agent"], [value])
        case "sip.userAgent": self.init(piece.signal, ["sip_header.user_agent", "sip_header.server"], [value])
        case "ssh.server": self.init(piece.signal, ["ssh.banner"], [value])
        case "ssdp.server": self.init(piece.signal, ["ssdp_header.server", "http_header.server"], [value])
        case "dhcp.vendorClass": self.init(piece.signal, ["dhcp_vendor_class"], [value])
        case "snmp.description": self.init(piece.signal, ["snmp.sys_description"], [value])
        case "snmp.objectID": self.init(piece.signal, ["snmp.sys_object_id"], [value])
        case "mdns.text":
            let service = "_device-info._tcp "
            guard value.hasPrefix(service) else { return nil }
            self.init(piece.signal, ["mdns.device-info.txt"], [String(value.dropFirst(service.count))])
        default: return nil
        }
    }

    /// The subject of the device's certificate (RFC 4514: the last part first), of the parts that agents tell. Whose certificates
    /// differ has none: which part belongs to which name is not known.
    private static func certificate(in evidence: [EvidenceRecord]) -> ReportedBanner? {
        var parts: [String] = []
        for (signal, label) in [
            ("tls.subjectName", "CN"), ("tls.subjectUnit", "OU"), ("tls.subjectOrganization", "O"),
        ] {
            let values = Set(evidence.filter { $0.signal == signal }.map(\.value))
            guard values.count <= 1 else { return nil }
            if let value = values.first { parts.append("\(label)=\(escaped(value))") }
        }
        return parts.isEmpty ? nil : ReportedBanner("tls.subject", ["x509.subject"], [parts.joined(separator: ",")])
    }

    /// A value of a distinguished name (RFC 4514 §2.4).
    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value {
            if ",+\"\\<>;".contains(character) { text += "\\" }
            text.append(character)
        }
        if text.hasPrefix(" ") || text.hasPrefix("#") { text = "\\" + text }
        if text.hasSuffix(" "), text.count > 1 { text = text.dropLast() + "\\ " }
        return text
    }
}
