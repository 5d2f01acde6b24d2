import AgentCore
import CLinux
import NFTables
import NetworkTypes
import SystemIO

/// Asks the kernel what it has (`KernelCapability`).
enum KernelProbe {
    /// A group of NFLOG that nobody is likely to have, for a question.
    static let questionGroup: UInt16 = 64_177

    /// All that nftables can be asked for. Nothing of the questions stays in the kernel.
    static func find(_ kernel: NFTablesContext) -> KernelFindings {
        var findings = KernelFindings { ask(kernel, $0) }
        findings[.timeoutRefresh] = findings[.tables] == .present ? timeoutRefresh(kernel) : findings[.tables]
        // libnftables takes 8 MiB for these questions, which the C library would keep for good.
        gh_release_memory()
        return findings
    }

    /// What the sockets tell, beside: for who has not opened them anyway. `interface` is one to capture on.
    static func findSockets(_ findings: inout KernelFindings, interface: ByteString) {
        findings[.logSocket] = presence { () throws(SystemError) in _ = try NetfilterLog(group: questionGroup) }
        findings[.connectionTable] = presence { () throws(SystemError) in
            // Nothing carries this mark: a question that is answered with nothing.
            let none = ConnectionTracking.MarkFilter(value: UInt32.max, mask: UInt32.max)
            try ConnectionTracking().forEachFlow(.v4, mark: none) { _ in }
            _ = try ConnectionMonitor()
        }
        findings[.captureRing] = presence { () throws(SystemError) in
            // One that every host has, where that of the configuration is not there.
            let tables = try NetworkTables()
            var found = try tables.interface(named: interface)
            if found == nil { found = try tables.interface(named: "lo") }
            guard let found else { return }
            _ = try PacketRing(interface: found)
        }
    }

    private static func presence(_ body: () throws(SystemError) -> Void) -> KernelPresence {
        do throws(SystemError) {
            try body()
            return .present
        } catch {
            return error.isNotPermitted ? .notAsked(error.byteString) : .absent(error.byteString)
        }
    }

    private static func ask(_ kernel: NFTablesContext, _ commands: ByteString) -> KernelPresence {
        do throws(NFTablesError) {
            _ = try kernel.run(commands)
            return .present
        } catch {
            return error.isNotPermitted || error.isShortOfMemory ? .notAsked(error.message) : .absent(error.message)
        }
    }

    /// The one question that takes more than a transaction: whether what was added twice has the second time.
    private static func timeoutRefresh(_ kernel: NFTablesContext) -> KernelPresence {
        let table: ByteString = "inet \(KernelFindings.table)"
        let renew: ByteString = "add table \(table)\ndelete table \(table)\n"
        let element: ByteString = "add element \(table) s { 192.0.2.1 timeout"
        do throws(NFTablesError) {
            _ = try kernel.run(
                "\(renew)add table \(table)\nadd set \(table) s { type ipv4_addr; flags timeout; }\n\(element) 1h }\n"
            )
            _ = try kernel.run("\(element) 2h }\n")
            let listing = try kernel.listSet("\(table) s") ?? ""
            _ = try kernel.run(renew)
            return listing.firstIndex(of: "timeout 2h") != nil ? .present : .absent("a time stays what it was")
        } catch {
            return .notAsked(error.message)
        }
    }
}
