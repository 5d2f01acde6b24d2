import MUD
import NetworkTypes
import Policy
import Testing

@Suite("Allowlists become MUD files")
struct MUDExportTests {
    static let description = MUDExport.Description(
        url: "https://maker.example/a.json",
        lastUpdate: "2026-01-01T00:00:00Z",
        systemInformation: "A sensor"
    )

    static func allowlist() throws -> Allowlist {
        var allowlist = Allowlist(name: "sensor")
        allowlist.match.vendors = ["maker"]
        allowlist.match.models = ["a1"]
        let https = PortRange(transport: .tcp, first: 443, last: 443)
        let media = PortRange(transport: .udp, first: 5000, last: 5010)
        let everyTCP = PortRange(transport: .tcp, first: 1, last: 0xFFFF)
        let icmp = PortRange(transport: .icmp, first: 0, last: 0xFFFF)
        allowlist.allow = [
            AllowRule(to: .name(try #require(NamePattern("cloud.maker.example"))), ports: [https, media]),
            AllowRule(to: .prefix(try #require(IPPrefix("192.0.0.0/20"))), ports: [everyTCP]),
            AllowRule(to: .prefix(try #require(IPPrefix("2001:db8::/32"))), ports: [icmp]),
            AllowRule(to: .prefix(try #require(IPPrefix("198.51.100.7"))), ports: []),
            AllowRule(to: .gateway, ports: [PortRange(transport: .udp, first: 123, last: 123)]),
        ]
        return allowlist
    }

    @Test("What a MUD file can say comes back as it was")
    func roundTrip() throws {
        let allowlist = try Self.allowlist()
        let export = MUDExport(allowlist, description: Self.description)
        #expect(export.remarks.isEmpty)
        let file = try MUDFile(parsing: export.json)
        #expect(file.url == Self.description.url && file.systemInformation == "A sensor")
        let imported = MUDImport(file, name: "sensor")
        #expect(imported.remarks.isEmpty, "\(imported.remarks)")
        #expect(imported.allowlist.match == allowlist.match)
        // One port a rule, and the order of the families' lists.
        let split = Set(
            allowlist.allow.flatMap { rule in
                rule.ports.isEmpty ? [rule] : rule.ports.map { AllowRule(to: rule.to, ports: [$0]) }
            }
        )
        #expect(Set(imported.allowlist.allow) == split)
    }

    @Test("What it cannot say is told")
    func remarks() throws {
        var allowlist = Allowlist(name: "cameras")
        allowlist.match.classes = [.ipCamera]
        allowlist.limits.packetsPerSecond = 100
        allowlist.mode = .monitor
        allowlist.onViolation = ViolationResponse(quarantineAfter: 1, withinSeconds: 1, forSeconds: 1)
        allowlist.allow = [
            AllowRule(to: .name(try #require(NamePattern("*.maker.example"))), ports: []),
            AllowRule(to: .gateway, ports: [PortRange(transport: .tcp, first: 80, last: 80)]),
        ]
        let export = MUDExport(allowlist, description: Self.description)
        for word in ["rule-1: *.maker.example", "rule-2: the gateway", "classes", "limits", "onViolation", "monitor"] {
            #expect(export.remarks.contains { $0.contains(word) }, "\(word)")
        }
        #expect(export.remarks.count == 6)
        #expect(try MUDFile(parsing: export.json).fromDevice.isEmpty)
    }
}
