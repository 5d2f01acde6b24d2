import Foundation
import NFTables
import NetworkTypes
import TestSupport
import Testing

@Suite(
    "libnftables",
    .ownThread,
    .enabled(if: NetworkNamespace.isPermitted, "needs CAP_SYS_ADMIN for a network namespace")
)
struct NFTablesContextTests {
    private static let ruleset: ByteString = """
        table inet gatehouse {
            set allowed4 {
                type ether_addr . ipv4_addr . inet_proto . inet_service
                flags timeout
            }
            chain forward {
                type filter hook forward priority 0; policy accept;
                ether saddr . ip daddr . meta l4proto . th dport @allowed4 counter accept comment "cameras:1"
            }
        }
        """

    @Test("a ruleset goes in and comes back")
    func roundTrip() throws {
        try NetworkNamespace.run {
            let context = try NFTablesContext()
            #expect(try context.listTable("inet gatehouse") == nil)
            #expect(try context.run(Self.ruleset) == "")
            _ = try context.run(
                "add element inet gatehouse allowed4 { ac:cc:8e:01:02:03 . 192.0.2.1 . tcp . 443 timeout 300s }"
            )
            let listing = try #require(try context.listTable("inet gatehouse"))
            for part in ["@allowed4", "ac:cc:8e:01:02:03 . 192.0.2.1 . tcp . 443", "expires", "cameras:1"] {
                #expect(listing.text.contains(part), "\(part) in \(listing)")
            }
            let terse = try #require(try context.listTable("inet gatehouse", options: [.terse, .stateless]))
            #expect(!terse.text.contains("192.0.2.1"))
            #expect(!terse.text.contains("packets"))
            #expect(!terse.text.contains("handle"))
            let handles = try #require(try context.listTable("inet gatehouse", options: .handles))
            #expect(handles.text.contains("# handle "))
            let set = try #require(try context.listSet("inet gatehouse allowed4", options: .stateless))
            #expect(set.text.contains("192.0.2.1"))
            #expect(!set.text.contains("expires"))
            #expect(try context.listSet("inet gatehouse none") == nil)
        }
    }

    @Test("commands are applied all or none, and the error names the line")
    func transaction() throws {
        try NetworkNamespace.run {
            let context = try NFTablesContext()
            let error = #expect(throws: NFTablesError.self) {
                try context.run("add table inet first\nadd chain inet first c\nadd rule inet absent c accept\n")
            }
            #expect(error?.line == 3)
            #expect(error?.isMissing == true)
            #expect(error?.description.contains("No such file or directory") == true)
            #expect(try context.listTable("inet first") == nil)
            // The error is not still there when the next command goes well.
            #expect(try context.run("add table inet second") == "")
            #expect(try context.listTable("inet second") != nil)
        }
    }

    @Test(
        "what cannot be parsed is refused with its line",
        arguments: ["add tabel inet x", "add table inet x\nbogus\n"]
    )
    func syntax(_ text: String) throws {
        try NetworkNamespace.run {
            let context = try NFTablesContext()
            let error = #expect(throws: NFTablesError.self) { try context.run(ByteString(utf8: text)) }
            #expect(error?.line == text.split(separator: "\n").count)
            #expect(error?.message.isEmpty == false)
            #expect(try context.listTable("inet x") == nil)
        }
    }

    @Test("a check applies nothing, and knows what is there")
    func check() throws {
        try NetworkNamespace.run {
            let context = try NFTablesContext()
            try context.check(Self.ruleset)
            #expect(try context.listTable("inet gatehouse") == nil)
            #expect(throws: NFTablesError.self) { try context.check("delete table inet gatehouse") }
            _ = try context.run(Self.ruleset)
            try context.check("delete table inet gatehouse")
            #expect(try context.listTable("inet gatehouse") != nil)
        }
    }

    @Test("what exists already is told apart")
    func alreadyThere() throws {
        try NetworkNamespace.run {
            let context = try NFTablesContext()
            _ = try context.run("create table inet x")
            let error = #expect(throws: NFTablesError.self) { try context.run("create table inet x") }
            #expect(error?.isAlreadyThere == true)
        }
    }

    @Test("text that C would cut short, and text without end, are refused")
    func bounds() throws {
        try NetworkNamespace.run {
            let context = try NFTablesContext()
            var text: ByteString = "add table inet x\n"
            text.append(byte: 0)
            text.append("delete table inet x\n")
            #expect(throws: NFTablesError.self) { try context.run(text) }
            #expect(try context.listTable("inet x") == nil)
            let long = ByteString([UInt8](repeating: 0x0A, count: NFTablesContext.commandLimitBytes + 1))
            #expect(throws: NFTablesError.self) { try context.run(long) }
        }
    }

    @Test("10,000 elements in chunks, and all of them are there")
    func chunks() throws {
        try NetworkNamespace.run {
            let context = try NFTablesContext()
            _ = try context.run(Self.ruleset)
            for chunk in 0..<20 {
                var text: ByteString = "add element inet gatehouse allowed4 { "
                for number in 0..<500 {
                    let address = IPAddress(v4: 0x0A00_0000 + UInt32(chunk * 500 + number))
                    if number > 0 { text.append(", ") }
                    text.append("ac:cc:8e:01:02:03 . ")
                    text.append(address.byteString)
                    text.append(" . tcp . 443 timeout 300s")
                }
                text.append(" }")
                _ = try context.run(text)
            }
            let listing = try #require(try context.listSet("inet gatehouse allowed4"))
            #expect(listing.text.components(separatedBy: "ac:cc:8e:01:02:03").count - 1 == 10_000)
        }
    }

    @Test("delete and add in one run refreshes the timeout of an element")
    func refresh() throws {
        try NetworkNamespace.run {
            let context = try NFTablesContext()
            _ = try context.run(Self.ruleset)
            let element = "ac:cc:8e:01:02:03 . 192.0.2.1 . tcp . 443"
            _ = try context.run(ByteString(utf8: "add element inet gatehouse allowed4 { \(element) timeout 10s }"))
            _ = try context.run(
                ByteString(
                    utf8: "delete element inet gatehouse allowed4 { \(element) }\n"
                        + "add element inet gatehouse allowed4 { \(element) timeout 300s }"
                )
            )
            let set = try #require(try context.listSet("inet gatehouse allowed4"))
            #expect(set.text.contains("timeout 5m"))
        }
    }
}
