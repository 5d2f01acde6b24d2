import Captures
import Foundation
import MUD
import NetworkTypes
import Policy
import Testing

@Suite("MUD files become allowlists")
struct MUDImportTests {
    /// A file with one list from the device, of these entries.
    static func file(_ entries: String, type: String = "ipv4-acl-type", toDevice: String? = nil) throws -> MUDFile {
        let to = toDevice.map { ", {\"name\": \"t\", \"type\": \"\(type)\", \"aces\": {\"ace\": [\($0)]}}" } ?? ""
        let policy = toDevice == nil ? "" : #", "to-device-policy": {"access-lists": {"access-list": [{"name": "t"}]}}"#
        return try MUDFile(
            parsing: Array(
                """
                {"ietf-mud:mud": {"mud-version": 1, "mud-url": "https://maker.example/a.json", "last-update": "2026-01-01T00:00:00Z",
                  "is-supported": true, "mfg-name": "Maker", "model-name": "A1",
                  "from-device-policy": {"access-lists": {"access-list": [{"name": "f"}]}}\(policy)},
                 "ietf-access-control-list:acls": {"acl": [
                  {"name": "f", "type": "\(type)", "aces": {"ace": [\(entries)]}}\(to)]}}
                """.utf8
            )
        )
    }

    static func entry(_ matches: String, _ forwarding: String = "accept") -> String {
        #"{"name": "e", "matches": {\#(matches)}, "actions": {"forwarding": "\#(forwarding)"}}"#
    }

    /// The rules as `DESTINATION PORTS`.
    static func rules(_ imported: MUDImport) -> [String] {
        imported.allowlist.allow.map { rule in
            let to: String
            switch rule.to {
            case .name(let pattern): to = pattern.description
            case .prefix(let prefix): to = prefix.byteString.text
            case .gateway: to = "gateway"
            }
            let ports = rule.ports.map { "\($0.first)-\($0.last)/\($0.transport.byteString.text)" }
            return ([to] + ports).joined(separator: " ")
        }
    }

    static let rows: [(matches: String, rules: [String], remarks: [String])] = [
        (
            #""ipv4": {"protocol": 6, "ietf-acldns:dst-dnsname": "Cloud.Maker.example"}, "tcp": {"destination-port": {"operator": "eq", "port": 443}}"#,
            ["cloud.maker.example 443-443/tcp"], []
        ),
        (
            #""ipv4": {"protocol": 17, "destination-ipv4-network": "192.0.0.0/20"}, "udp": {"destination-port": {"lower-port": 5000, "upper-port": 5010}}"#,
            ["192.0.0.0/20 5000-5010/udp"], []
        ),
        (
            #""ipv4": {"ietf-acldns:dst-dnsname": "a.example"}, "udp": {"destination-port": {"operator": "neq", "port": 53}}"#,
            ["a.example 1-52/udp 54-65535/udp"], []
        ),
        (
            #""ipv4": {"ietf-acldns:dst-dnsname": "a.example"}, "udp": {"destination-port": {"operator": "lte", "port": 53}}"#,
            ["a.example 1-53/udp"], []
        ),
        (
            #""ipv4": {"ietf-acldns:dst-dnsname": "a.example"}, "tcp": {"destination-port": {"operator": "gte", "port": 1024}}"#,
            ["a.example 1024-65535/tcp"], []
        ),
        (#""ipv4": {"ietf-acldns:dst-dnsname": "a.example"}"#, ["a.example"], []),
        (#""ipv4": {"protocol": 6, "ietf-acldns:dst-dnsname": "a.example"}"#, ["a.example 1-65535/tcp"], []),
        (
            #""ipv4": {"protocol": 1, "ietf-acldns:dst-dnsname": "a.example"}, "icmp": {"type": 8}"#,
            ["a.example 0-65535/icmp"], ["without icmp/type"]
        ),
        (
            #""ietf-mud:mud": {"controller": "urn:ietf:params:mud:ntp"}, "ipv4": {"protocol": 17}, "udp": {"destination-port": {"operator": "eq", "port": 123}}"#,
            ["gateway 123-123/udp"], []
        ),
        (#""ietf-mud:mud": {"my-controller": [null]}"#, ["10.0.0.9"], []),
        (#""ietf-mud:mud": {"controller": "https://maker.example/hub"}"#, ["hub.example"], []),
        (#""ietf-mud:mud": {"local-networks": [null]}"#, ["10.0.0.0/8"], []),
        (#""ipv4": {"protocol": 47, "ietf-acldns:dst-dnsname": "a.example"}"#, [], ["IP protocol 47"]),
        (#""ietf-mud:mud": {"same-manufacturer": [null]}"#, [], ["same maker"]),
        (#""ietf-mud:mud": {"manufacturer": "other.example"}"#, [], ["other.example"]),
        (#""ietf-mud:mud": {"model": "https://other.example/b"}"#, [], ["https://other.example/b"]),
        (#""ietf-mud:mud": {"controller": "urn:x:y"}"#, [], ["--controller urn:x:y="]),
        (#""ietf-mud:mud": {"same-manufacturer": [null], "local-networks": [null]}"#, [], ["several things"]),
        (#""ietf-mud:mud": {"new-thing": [null]}, "ipv4": {"protocol": 6}"#, [], ["ietf-mud:mud/new-thing"]),
        (#""eth": {"destination-mac-address": "00:00:5e:00:53:01"}"#, [], ["eth"]),
        (#""ipv4": {"destination-ipv4-network": "10.0.0.1/8"}"#, [], ["host bits"]),
        (#""ipv4": {"ietf-acldns:dst-dnsname": "a b"}"#, [], ["no domain name"]),
        (
            #""ipv4": {"ietf-acldns:dst-dnsname": "a.example", "dscp": 46}, "tcp": {"source-port": {"operator": "eq", "port": 80}}"#,
            ["a.example 1-65535/tcp"], ["without dscp, the device's own port"]
        ),
        (
            #""ipv4": {"ietf-acldns:dst-dnsname": "a.example"}, "tcp": {"ietf-mud:direction-initiated": "to-device"}"#,
            [], ["others open"]
        ),
        (
            #""ipv4": {"protocol": 6}, "tcp": {"destination-port": {"operator": "eq", "port": 22}}"#,
            ["0.0.0.0/0 22-22/tcp"], ["every IPv4 address"]
        ),
    ]

    @Test("Every feature of RFC 8520 and 8519 is a rule or a remark", arguments: rows.indices)
    func features(_ index: Int) throws {
        let row = Self.rows[index]
        var surroundings = MUDImport.Surroundings()
        surroundings.localNetworks = [try #require(IPPrefix("10.0.0.0/8")), try #require(IPPrefix("fd00::/8"))]
        surroundings.ownController = [.prefix(try #require(IPPrefix("10.0.0.9")))]
        surroundings.controllers["https://maker.example/hub"] = [.name(try #require(NamePattern("hub.example")))]
        let file = try Self.file(Self.entry(row.matches))
        let imported = MUDImport(file, name: "a1", surroundings: surroundings)
        #expect(Self.rules(imported) == row.rules)
        #expect(imported.remarks.count == row.remarks.count, "\(imported.remarks)")
        for (remark, expected) in zip(imported.remarks, row.remarks) {
            #expect(remark.message.contains(expected), "\(remark)")
            #expect(remark.place == "f/e")
        }
        #expect(imported.allowlist.match.vendors == ["maker"] && imported.allowlist.match.models == ["a1"])
    }

    @Test("Without their place, local networks and controllers are left out and told")
    func surroundings() throws {
        let entries = [
            Self.entry(#""ietf-mud:mud": {"my-controller": [null]}"#),
            Self.entry(#""ietf-mud:mud": {"local-networks": [null]}"#),
        ]
        let imported = MUDImport(try Self.file(entries.joined(separator: ",")), name: "a1")
        #expect(imported.allowlist.allow.isEmpty)
        #expect(imported.remarks.map(\.message).contains { $0.contains("--my-controller") })
        #expect(imported.remarks.map(\.message).contains { $0.contains("--local-network") })
    }

    @Test("A refusal before a permission leaves that out, for it would let through what the file refuses")
    func refusals() throws {
        let allow = Self.entry(#""ipv4": {"destination-ipv4-network": "10.0.0.0/8"}"#)
        let refuse = Self.entry(#""ipv4": {"destination-ipv4-network": "10.1.0.0/16"}"#, "drop")
        let narrowed = MUDImport(try Self.file("\(refuse), \(allow)"), name: "a1")
        #expect(narrowed.allowlist.allow.isEmpty && narrowed.remarks.count == 1)
        // At the end it is what happens anyway.
        let ended = MUDImport(try Self.file("\(allow), \(refuse)"), name: "a1")
        #expect(ended.allowlist.allow.count == 1 && ended.remarks.isEmpty)
    }

    @Test("Answers pass by themselves; what others open is told")
    func toDevice() throws {
        let from = Self.entry(
            #""ipv4": {"protocol": 17, "ietf-acldns:dst-dnsname": "a.example"}, "udp": {"destination-port": {"operator": "eq", "port": 53}}"#
        )
        let answer = Self.entry(
            #""ipv4": {"protocol": 17, "ietf-acldns:src-dnsname": "a.example"}, "udp": {"source-port": {"operator": "eq", "port": 53}}"#
        )
        #expect(MUDImport(try Self.file(from, toDevice: answer), name: "a1").remarks.isEmpty)
        let other = Self.entry(#""ipv4": {"protocol": 17, "ietf-acldns:src-dnsname": "b.example"}"#)
        let remarks = MUDImport(try Self.file(from, toDevice: other), name: "a1").remarks
        #expect(remarks.map(\.place) == ["t/e"])
    }

    static let broken: [(String, String)] = [
        ("", "is not JSON"),
        ("[]", "is not an object"),
        ("{}", "ietf-mud:mud is missing"),
        (#"{"ietf-mud:mud": {"mud-version": 2}}"#, "ietf-mud:mud/mud-version: is not 1"),
        (
            #"{"ietf-mud:mud": {"mud-version": 1, "mud-url": "u", "last-update": "x", "is-supported": true, "from-device-policy": {"access-lists": {"access-list": [{"name": "none"}]}}}}"#,
            "from-device-policy/access-lists/access-list[0]: names the list none, which is not in the file"
        ),
        (
            #"{"ietf-mud:mud": {"mud-version": 1, "mud-url": "u", "last-update": "x", "is-supported": true, "cache-validity": 0}}"#,
            "cache-validity: is not a number from 1 to 168"
        ),
        (
            #"{"ietf-mud:mud": {"mud-version": 1, "mud-url": "u", "last-update": "x", "is-supported": true}, "ietf-access-control-list:acls": {"acl": [{"name": "a"}, {"name": "a"}]}}"#,
            "acl[1]: a second list named a"
        ),
    ]

    @Test("What is no MUD file is refused, with the place", arguments: broken.indices)
    func refused(_ index: Int) {
        let error = #expect(throws: MUDError.self) { try MUDFile(parsing: Array(Self.broken[index].0.utf8)) }
        #expect(error.map { "\($0)".contains(Self.broken[index].1) } == true, "\(String(describing: error))")
    }

    @Test(
        "Wrong entries are refused, with the place",
        arguments: [
            #""tcp": {"destination-port": {"operator": "eq", "port": 65536}}"#,
            #""tcp": {"destination-port": {"operator": "near", "port": 1}}"#,
            #""tcp": {"destination-port": {"lower-port": 9, "upper-port": 8}}"#, #""tcp": {"destination-port": {}}"#,
            #""tcp": {"ietf-mud:direction-initiated": "sideways"}"#, #""ipv4": {"protocol": 256}"#,
            #""ipv4": {"protocol": 17}, "tcp": {}"#,
            #""ipv4": []"#, #""ietf-mud:mud": {"controller": 5}"#,
        ]
    )
    func wrongEntries(_ matches: String) {
        let error = #expect(throws: MUDError.self) { try Self.file(Self.entry(matches)) }
        #expect(
            error?.place.hasPrefix("ietf-access-control-list:acls/acl[0]/aces/ace[0]/matches") == true,
            "\(String(describing: error))"
        )
    }

    @Test("Deep nesting and huge files end in an error")
    func hostile() {
        let deep = Array(String(repeating: "[", count: 100_000).utf8)
        #expect(throws: MUDError.self) { try MUDFile(parsing: deep) }
        #expect(throws: MUDError.self) {
            try MUDFile(parsing: [UInt8](repeating: 0x20, count: MUDFile.maximumBytes + 1))
        }
    }

    static let dataFiles: [String] = {
        let root = CaptureData.root.appendingPathComponent("mud")
        let paths = FileManager.default.enumerator(atPath: root.path)?.allObjects as? [String] ?? []
        return paths.filter { $0.hasSuffix(".json") }.sorted()
    }()

    @Test(
        "Files that others wrote",
        .enabled(if: !dataFiles.isEmpty, "needs the MUD files of GATEHOUSE_DATA"),
        arguments: dataFiles
    )
    func others(_ path: String) throws {
        let bytes = [UInt8](
            try Data(contentsOf: CaptureData.root.appendingPathComponent("mud").appendingPathComponent(path))
        )
        let file = try MUDFile(parsing: bytes)
        let imported = MUDImport(file, name: "imported")
        // Every permission from the device ends in a rule or a remark.
        let accepted = file.fromDevice.flatMap(\.entries).filter(\.isAccepted).count
        #expect(accepted > 0)
        #expect(imported.allowlist.allow.count + imported.remarks.count > 0)
        if path == "L2540DW.json" {
            #expect(Self.rules(imported) == ["update.brother.co.jp 80-80/tcp"])
            #expect(imported.remarks.count { $0.message.contains("--my-controller") } == 2)
            #expect(imported.remarks.count { $0.message.contains("--local-network") } == 2)
        }
        // Every byte cut: an error, or another file, never a trap.
        for length in stride(from: 0, to: bytes.count, by: 37) { _ = try? MUDFile(parsing: Array(bytes[..<length])) }
    }
}
