import Fingerprinting
import Foundation
import KnowledgeBuilder
import NetworkTypes
import TestSupport
import Testing

/// The rule files of this repository.
enum Rules {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("agent-config/knowledge").path
    static var hasRegisters: Bool {
        [KnowledgeBuilder.defaultIEEEDataDirectory + "/oui.csv", KnowledgeBuilder.defaultUSBIDs].allSatisfy {
            FileManager.default.fileExists(atPath: $0)
        }
    }
    /// The knowledge file built from them, once for all tests.
    static let built: Result<[UInt8], any Error> = Result {
        try KnowledgeBuilder.build(
            ruleDirectory: directory,
            ieeeDataDirectory: KnowledgeBuilder.defaultIEEEDataDirectory
        )
    }

    static func knowledge() throws -> KnowledgeBase { try KnowledgeBase(opening: ArrayByteStore(built.get())) }
}

@Suite("The rule files", .longComputation, .enabled(if: Rules.hasRegisters, "needs Debian's ieee-data and usb.ids"))
struct KnowledgeRulesTests {
    @Test("Every rule recognises its examples and leaves its counterexamples alone")
    func examples() throws {
        let summary = try KnowledgeBuilder.check(
            ruleDirectory: Rules.directory,
            ieeeDataDirectory: KnowledgeBuilder.defaultIEEEDataDirectory
        )
        print(
            "\(summary.rules) rules, \(summary.examples) examples, \(summary.vendors) vendors,",
            "\(summary.blocks) blocks, \(summary.fileBytes) bytes"
        )
        #expect(summary.rules >= 100)
        #expect(summary.examples >= summary.rules * 2)
    }

    @Test("The same rules give the same bytes")
    func deterministic() throws {
        let again = try KnowledgeBuilder.build(
            ruleDirectory: Rules.directory,
            ieeeDataDirectory: KnowledgeBuilder.defaultIEEEDataDirectory
        )
        #expect(try Rules.built.get() == again)
    }

    @Test(
        "Address blocks of all three sizes and the old IABs",
        arguments: [
            // From the registers of IEEE: MA-L, MA-M, MA-S and IAB.
            ("ac:cc:8e:01:02:03", "accc8e", "Axis"), ("00:40:8c:00:00:01", "00408c", "Axis"),
            ("00:17:88:00:00:01", "001788", "Philips"), ("50:c7:bf:00:c7:03", "50c7bf", "TP-Link"),
            ("00:50:c2:79:3e:03", "0050c2793", "Enertex"), ("3c:49:37:03:17:db", "3c4937", "ednet"),
            ("00:1a:22:03:cb:be", "001a22", "eQ-3"),
        ]
    )
    func blocks(address: String, block: String, vendor: String) throws {
        let knowledge = try Rules.knowledge()
        let address = try #require(MACAddress(ByteString(utf8: address)))
        let signal = try #require(knowledge.blockSignal(of: address))
        #expect(signal.value.text == block)
        #expect(knowledge.lookup(signal).first?.vendor?.text == vendor)
    }

    /// The register has blocks from before IEEE 802 gave the second bit its meaning; today whoever has such an address
    /// drew it at random.
    @Test(
        "A locally administered address is nobody's, though the register has its block",
        arguments: ["02608c", "aa0004"]
    )
    func locallyAdministered(digits: String) throws {
        let knowledge = try Rules.knowledge()
        let address = MACAddress(rawValue: try #require(UInt64(digits + "010203", radix: 16)))
        #expect(address.isLocallyAdministered)
        #expect(knowledge.blockSignal(of: address) == nil)
        #expect(knowledge.lookup(Signal(.macBlock, ByteString(utf8: digits))).isEmpty)
    }

    @Test(
        "Addresses that say no vendor: module makers, randomised, multicast, unassigned",
        arguments: [
            "5c:cf:7f:06:d9:02", "02:00:00:00:00:01", "da:a1:19:00:00:01", "01:00:5e:00:00:01", "00:00:00:00:00:00",
        ]
    )
    func noVendor(address: String) throws {
        let knowledge = try Rules.knowledge()
        let address = try #require(MACAddress(ByteString(utf8: address)))
        let tracker = IdentityTracker(device: DeviceKey(address), knowledge: knowledge)
        #expect(tracker.identity.vendor == nil)
        #expect(tracker.identity.deviceClass == .unknown)
    }
}
