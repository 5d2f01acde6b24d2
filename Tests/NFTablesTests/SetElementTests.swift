import Foundation
import NFTables
import NetworkTypes
import TestSupport
import Testing

/// Elements that go to the kernel by messages of our own, held against what libnftables makes of the same text.
@Suite(
    "Set elements",
    .ownThread,
    .enabled(if: NetworkNamespace.isPermitted, "needs CAP_SYS_ADMIN for a network namespace")
)
struct SetElementTests {
    private static let table: ByteString = """
        table inet gatehouse {
            set names4 { type ether_addr . ipv4_addr . inet_proto . inet_service; flags dynamic,timeout; size 65535; }
            set names6 { type ether_addr . ipv6_addr . inet_proto . inet_service; flags dynamic,timeout; size 65535; }
            set bound4 { type ether_addr . ipv4_addr; }
            set quarantined { type ether_addr; flags timeout; size 4; }
            set plain { type ipv4_addr; flags interval; }
            map policies { type ether_addr : verdict; }
            chain c { }
        }
        """

    /// Text that goes directly, and the same said so that it goes through libnftables (a comment is no known form).
    private static let direct: [String] = [
        "add element inet gatehouse names4 { ac:cc:8e:01:02:03 . 192.0.2.1 . tcp . 443 timeout 300s }\n",
        "add element inet gatehouse names6 { ac:cc:8e:01:02:03 . 2001:db8::1 . udp . 53 timeout 4000s }\n",
        "add element inet gatehouse names4 { ac:cc:8e:01:02:03 . 192.0.2.1 . 132 . 65535 }\n",
        "add element inet gatehouse bound4 { ac:cc:8e:01:02:03 . 192.0.2.1, ac:cc:8e:01:02:04 . 10.0.0.1 }\n",
        "add element inet gatehouse quarantined { 02:00:00:00:00:01 timeout 60s }\n",
        "add element inet gatehouse bound4 { 02:00:00:00:00:01 . 192.0.2.1 }\n"
            + "delete element inet gatehouse bound4 { 02:00:00:00:00:01 . 192.0.2.1 }\n",
    ]

    private static func listing(_ text: ByteString, directly: Bool) throws -> String {
        try NetworkNamespace.run {
            let context = try NFTablesContext()
            _ = try context.run(table)
            #expect(context.directCount == 0)
            var commands = text
            if !directly { commands.append("# in text\n") }
            _ = try context.run(commands)
            #expect(context.directCount == (directly ? 1 : 0))
            return try #require(try context.listTable("inet gatehouse", options: .stateless)).text
        }
    }

    @Test("the kernel then holds what libnftables would have put there", arguments: direct)
    func sameAsText(_ text: String) throws {
        let ours = try Self.listing(ByteString(utf8: text), directly: true)
        #expect(ours == (try Self.listing(ByteString(utf8: text), directly: false)))
        if !text.contains("delete") { #expect(ours.contains("elements = {")) }
    }

    @Test(
        "anything else goes through libnftables",
        arguments: [
            "add element inet gatehouse plain { 192.0.2.0/24 }", "add element inet gatehouse plain { 192.0.2.1 }",
            "add element inet gatehouse policies { ac:cc:8e:01:02:03 : goto c }",
            "add element inet gatehouse quarantined { ac:cc:8e:01:02:03 timeout 1m }",
            "add element inet gatehouse quarantined { ac:cc:8e:01:02:03 timeout 60s comment \"x\" }",
            "add table inet other",
        ]
    )
    func otherForms(_ text: String) throws {
        try NetworkNamespace.run {
            let context = try NFTablesContext()
            _ = try context.run(Self.table)
            _ = try context.run(ByteString(utf8: text))
            #expect(context.directCount == 0)
        }
    }

    @Test("add, delete, add in one run refreshes the time an element has left")
    func refresh() throws {
        try NetworkNamespace.run {
            let context = try NFTablesContext()
            _ = try context.run(Self.table)
            let key = "ac:cc:8e:01:02:03 . 192.0.2.1 . tcp . 443"
            _ = try context.run(ByteString(utf8: "add element inet gatehouse names4 { \(key) timeout 300s }"))
            let again =
                "add element inet gatehouse names4 { \(key) timeout 1s }\n"
                + "delete element inet gatehouse names4 { \(key) }\n"
                + "add element inet gatehouse names4 { \(key) timeout 7200s }\n"
            _ = try context.run(ByteString(utf8: again))
            #expect(context.directCount == 2)
            let set = try #require(try context.listSet("inet gatehouse names4", options: .stateless)).text
            #expect(set.contains("timeout 2h"))
        }
    }

    @Test("what the kernel refuses changes nothing, and has its reason in words")
    func refused() throws {
        try NetworkNamespace.run {
            let context = try NFTablesContext()
            _ = try context.run(Self.table)
            let good = "add element inet gatehouse bound4 { ac:cc:8e:01:02:03 . 192.0.2.1 }\n"
            for bad in [
                "delete element inet gatehouse bound4 { 02:00:00:00:00:09 . 192.0.2.1 }\n",
                "add element inet gatehouse none { 02:00:00:00:00:09 . 192.0.2.1 }\n",
                "add element inet gatehouse bound4 { 02:00:00:00:00:09 . 2001:db8::1 }\n",
                "add element inet gatehouse names4 { 02:00:00:00:00:09 . 192.0.2.1 }\n",
            ] {
                let error = #expect(throws: NFTablesError.self) { try context.run(ByteString(utf8: good + bad)) }
                #expect(error?.line == 2, "\(bad)")
                #expect(try context.listSet("inet gatehouse bound4")?.text.contains("elements") == false)
            }
            // A full set.
            for number in 1...4 {
                _ = try context.run(
                    ByteString(utf8: "add element inet gatehouse quarantined { 02:00:00:00:00:0\(number) }")
                )
            }
            #expect(context.directCount == 4)
            #expect(throws: NFTablesError.self) {
                try context.run("add element inet gatehouse quarantined { 02:00:00:00:00:05 }")
            }
            _ = try context.run("delete element inet gatehouse quarantined { 02:00:00:00:00:01 }")
            #expect(context.directCount == 5)
        }
    }
}
