internal import ConfigurationFiles
internal import Foundation
import NetworkTypes
import Policy

/// Words for the comments of proposals.
enum ProposalText {
    /// `12 connections of 2 devices, 2026-11-23T09:41:33Z to 2026-11-24T10:00:00Z`
    static func seen(_ seen: Seen) -> String {
        let connections = seen.count == 1 ? "1 connection" : "\(seen.count) connections"
        let devices = seen.devices.count == 1 ? "1 device" : "\(seen.devices.count) devices"
        let first = time(seen.firstMilliseconds)
        guard seen.spanMilliseconds > 0 else { return "\(connections) of \(devices), \(first)" }
        return "\(connections) of \(devices), \(first) to \(time(seen.lastMilliseconds))"
    }

    static func time(_ milliseconds: UInt64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(.iso8601)
    }

    /// Whether a character stays what it is in a YAML file, and ends no line there (YAML 1.2 §5.1, §5.4).
    static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x1_0000...0x10_FFFF:
            return true
        default: return false
        }
    }

    /// What devices call themselves cannot end a comment.
    static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isPlain($0) ? $0 : " " }))
    }
}

extension PolicyProposal {
    /// The proposal as a policy file, each rule with its reason, and what it does not allow in comments.
    public var yaml: String {
        var lines = [
            "Proposed by gatehousectl policy learn from \(flowCount) flows of \(deviceCount) devices.",
            "Read it, change it, then: gatehousectl policy plan, sign, push.",
        ]
        if !unknown.isEmpty {
            lines.append("Not allowed, for it is not known well enough what these devices are:")
            for device in unknown {
                lines.append("  \(device.key) (\(device.description))")
                lines += device.flows.map { "    \($0)" }
            }
        }
        for group in emptyGroups {
            lines.append("No allowlist \(group.allowlist.name), for nothing was seen long enough to be allowed:")
            lines += group.leftOut.map { "  \($0)" }
        }
        var text = lines.map { "# \(ProposalText.oneLine($0))\n" }.joined()
        for (index, group) in groups.enumerated() {
            if index > 0 { text += "---\n" }
            text += group.yaml
        }
        return text
    }
}

extension ProposedGroup {
    /// One document. The renderer writes each rule on a line of its own, before which its reason is put.
    var yaml: String {
        var text = ""
        func comment(_ line: String, indent: String = "") { text += "\(indent)# \(ProposalText.oneLine(line))\n" }
        let more = devices.count > 8 ? " …" : ""
        comment("Of \(devices.count) devices: \(devices.prefix(8).joined(separator: ", "))\(more)")
        if !leftOut.isEmpty {
            comment("Seen, and not allowed:")
            for line in leftOut { comment("  \(line)") }
        }
        var rule = 0
        let rendered = PolicyRenderer.render(allowlist).text
        for line in rendered.split(separator: "\n", omittingEmptySubsequences: true) {
            if line.hasPrefix("  - { to: "), rule < reasons.count {
                comment(reasons[rule], indent: "  ")
                rule += 1
            }
            text += "\(line)\n"
        }
        return text
    }
}
