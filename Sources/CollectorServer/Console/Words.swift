internal import CollectorAPI

/// Words of the API, said for people.
enum Words {
    static func severity(_ word: String) -> BadgeView {
        switch word {
        case "critical": return BadgeView(text: "Critical", tone: "bad")
        case "warning": return BadgeView(text: "Warning", tone: "warn")
        case "notice": return BadgeView(text: "Notice", tone: "info")
        default: return BadgeView(text: "Info", tone: "")
        }
    }

    static func kind(_ word: String) -> String {
        switch word {
        case "device-appeared": return "New device"
        case "device-changed": return "Device changed"
        case "violation": return "Blocked attempt"
        case "quarantine": return "Quarantine"
        case "incident": return "Incident"
        case "proof": return "Proof"
        case "policy-refused": return "Policy refused"
        case "gap": return "Reports lost"
        case "connection": return "Connection"
        case "lifecycle": return "Gateway"
        case "silence": return "Silence"
        default: return word
        }
    }

    /// `Program: OpenBSD OpenSSH 9.2, 90 % sure`
    static func statement(_ statement: BannerResource.Statement) -> String {
        let subject: String
        switch statement.subject {
        case "hw": subject = "Device"
        case "os": subject = "System"
        default: subject = "Program"
        }
        let names = [statement.vendor, statement.product, statement.version].compactMap { $0 }.joined(separator: " ")
        let sure = statement.certainty.map { ", \(Int(($0 * 100).rounded())) % sure" } ?? ""
        return "\(subject): \(names.isEmpty ? statement.cpe ?? "" : names)\(sure)"
    }

    static func gatewayState(_ word: String) -> BadgeView {
        switch word {
        case "connected": return BadgeView(text: "Connected", tone: "good")
        case "disconnected": return BadgeView(text: "Disconnected", tone: "warn")
        case "silent": return BadgeView(text: "Silent", tone: "bad")
        case "held": return BadgeView(text: "Held", tone: "bad")
        case "banned": return BadgeView(text: "Banned", tone: "")
        case "never-connected": return BadgeView(text: "Never connected", tone: "")
        default: return BadgeView(text: word, tone: "")
        }
    }

    static func policyState(_ word: String) -> BadgeView {
        switch word {
        case "proved": return BadgeView(text: "Proved", tone: "good")
        case "applied": return BadgeView(text: "Not proved", tone: "warn")
        case "pushed": return BadgeView(text: "Pushed", tone: "info")
        case "waiting": return BadgeView(text: "Waiting", tone: "warn")
        case "refused": return BadgeView(text: "Refused", tone: "bad")
        case "superseded": return BadgeView(text: "Superseded", tone: "")
        default: return BadgeView(text: "No policy", tone: "")
        }
    }

    static func policySentence(_ status: PolicyStatusResource) -> String {
        switch status.state {
        case "proved":
            return "Generation \(status.generation) is in force, and the kernel holds exactly what it asks for."
        case "applied": return "Generation \(status.generation) is in force, but the kernel is not proved to hold it."
        case "pushed": return "Generation \(status.pushedGeneration) was sent; the gateway has not answered yet."
        case "waiting": return "Generation \(status.pushedGeneration) waits until the gateway connects."
        case "refused":
            let now = status.generation == 0 ? "No policy is" : "Generation \(status.generation) is still"
            return "The gateway refused generation \(status.pushedGeneration). \(now) in force."
        default: return "No policy was pushed to this gateway: its devices are held to the agent's own baseline."
        }
    }

    /// Why a packet was dropped, for the word of the agent.
    static func reason(_ word: String, policy: String) -> String {
        switch word {
        case "not-allowed": return policy == "unknown" ? "No allowlist names this device" : "Not in its allowlist"
        case "withdrawn": return "Its permission was withdrawn"
        case "spoofed": return "The source address is not its own"
        case "blocked": return "The destination is blocked for everybody"
        case "quarantined": return "It is in quarantine"
        case "no-connection": return "Not part of a connection that was allowed"
        case "encrypted-dns": return "Names must be asked at the gateway"
        case "connection-rate": return "Too many new connections a second"
        case "connection-count": return "Too many connections at a time"
        case "packet-rate": return "Too many packets a second"
        case "inbound": return "Somebody outside connected to it"
        case "neighbour": return "Another device, which no rule allows"
        case "byte-rate": return "Too many bytes a second"
        case "syn-flood": return "A flood of connections begun"
        case "udp-flood": return "A flood of refused UDP packets"
        case "icmp-flood": return "A flood of ICMP"
        case "dns-flood": return "A flood of questions to the gateway's DNS"
        case "protocol-flood": return "A flood of packets of another protocol"
        case "server-name": return "It asked the server for a name that no rule allows"
        default: return word.isEmpty ? "Not allowed" : word
        }
    }

    static func quarantineReason(_ word: String?) -> String {
        switch word {
        case "scan": return "It scanned other hosts."
        case "flood": return "It sent far more than its like does."
        case "contradiction": return "What it says of itself contradicts what it was held to be."
        case "violations": return "It tried too often what it may not."
        case "policy": return "The policy says so."
        case let word?: return word
        case nil: return "It reaches nothing until it is released or its time is over."
        }
    }

    /// `ip-camera` → `IP camera`
    static func deviceClass(_ word: String) -> String {
        switch word {
        case "ip-camera": return "IP camera"
        case "tv": return "TV"
        case "plc": return "PLC"
        case "nas": return "NAS"
        case "voip-phone": return "VoIP phone"
        case "unknown": return "Unknown"
        default:
            let words = word.replacing("-", with: " ")
            return words.prefix(1).uppercased() + words.dropFirst()
        }
    }

    /// Which blocklists a gateway refuses names by.
    static func blocklists(_ version: UInt64?) -> String {
        guard let version else { return "none" }
        return version == 0 ? "put there by hand" : "version \(version)"
    }

    /// Which knowledge file a gateway names its devices by.
    static func knowledge(_ version: UInt64?) -> String {
        guard let version else { return "–" }
        return version == 0 ? "that of its package" : "version \(version)"
    }

    /// What a device is or was held to be, in a line.
    static func names(_ names: DeviceResource.Change.Names) -> String {
        ([deviceClass(names.class)] + [names.vendor, names.model].compactMap { $0 }).joined(separator: ", ")
    }

    /// What a device is called: what it is held to be, else the name it gives itself, else its key.
    static func deviceName(_ device: DeviceResource) -> String {
        let product = [device.vendor, device.model].compactMap { $0 }.joined(separator: " ")
        if !product.isEmpty {
            return device.model == nil
                ? "\(product) \(deviceClass(device.class).lowercased(with: device.class))" : product
        }
        if let hostname = device.hostname { return hostname }
        return device.class == "unknown" ? device.key : deviceClass(device.class)
    }

    static func plural(_ count: Int, _ one: String, _ many: String) -> String {
        count == 1 ? "1 \(one)" : "\(count) \(many)"
    }
}

extension String {
    /// Lower case in a sentence, unless the class is an abbreviation; nothing for a class that is not known.
    fileprivate func lowercased(with word: String) -> String {
        switch word {
        case "unknown": return "device"
        case "ip-camera", "tv", "plc", "nas", "voip-phone": return self
        default: return lowercased()
        }
    }
}
