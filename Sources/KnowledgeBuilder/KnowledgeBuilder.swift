internal import ConfigurationFiles
internal import Fingerprinting
internal import Foundation
internal import NetworkTypes

/// Builds and checks the knowledge file: `gatehousectl knowledge build` and `check`.
public enum KnowledgeBuilder {
    /// Where Debian's `ieee-data` lies.
    public static let defaultIEEEDataDirectory = "/usr/share/ieee-data"

    /// Where Debian's `usb.ids` lies.
    public static let defaultUSBIDs = "/usr/share/misc/usb.ids"

    /// What a check looked at.
    public struct Summary: Sendable {
        /// Rules read.
        public var rules = 0
        /// Examples and counterexamples tried.
        public var examples = 0
        /// Vendors and module makers of the vendor table.
        public var vendors = 0
        /// Address blocks of the registers.
        public var blocks = 0
        /// Products of the register of USB.
        public var usbProducts = 0
        /// Bytes of the compiled file.
        public var fileBytes = 0
    }

    /// The compiled file, from all `.yaml` files of a directory and the registers of another. Throws
    /// `KnowledgeProblems` where `check` would find something.
    public static func build(
        ruleDirectory: String,
        ieeeDataDirectory: String,
        usbIDs: String = defaultUSBIDs
    ) throws -> [UInt8] {
        try compile(ruleDirectory, ieeeDataDirectory, usbIDs).bytes
    }

    /// Reads everything, tries every example and counterexample, and throws `KnowledgeProblems` with all that is wrong.
    @discardableResult
    public static func check(
        ruleDirectory: String,
        ieeeDataDirectory: String,
        usbIDs: String = defaultUSBIDs
    ) throws -> Summary {
        try compile(ruleDirectory, ieeeDataDirectory, usbIDs).summary
    }

    /// A compiled file of the rules and vendors in texts that need no directory, without address blocks: for tests and
    /// for trying a rule out. `usbIDs` is the text of such a register.
    public static func build(texts: [(file: String, text: String)], usbIDs: String = "") throws -> [UInt8] {
        var reader = RuleFileReader()
        for text in texts { reader.read(Array(text.text.utf8), file: ByteString(utf8: text.file)) }
        var checker = RuleChecker(rules: reader.rules, vendors: reader.vendors)
        checker.check()
        let problems = reader.problems + checker.problems
        guard problems.isEmpty else { throw KnowledgeProblems(problems) }
        return try compile(reader, [], USBRegister(Array(usbIDs.utf8)))
    }

    private static func compile(
        _ ruleDirectory: String,
        _ ieeeDataDirectory: String,
        _ usbIDs: String
    ) throws -> (bytes: [UInt8], summary: Summary) {
        var reader = RuleFileReader()
        let names = try contents(of: ruleDirectory).filter { $0.hasSuffix(".yaml") }.sorted()
        guard !names.isEmpty else { throw problem(ruleDirectory, "has no .yaml file") }
        for name in names {
            let path = ruleDirectory + "/" + name
            reader.read(try read(path), file: ByteString(utf8: path))
        }
        var checker = RuleChecker(rules: reader.rules, vendors: reader.vendors)
        checker.check()
        let problems = reader.problems + checker.problems
        guard problems.isEmpty else { throw KnowledgeProblems(problems) }

        var register = AssignmentRegister()
        for name in AssignmentRegister.files { register.read(try read(ieeeDataDirectory + "/" + name)) }
        guard !register.blocks.isEmpty else {
            throw problem(ieeeDataDirectory, "has no assignments; install Debian's ieee-data")
        }
        let usb = USBRegister(try read(usbIDs))
        guard !usb.products.isEmpty else { throw problem(usbIDs, "has no products; install Debian's usb.ids") }
        let bytes = try compile(reader, register.blocks, usb)
        var summary = Summary()
        summary.rules = reader.rules.count
        summary.examples = checker.tried
        summary.vendors = reader.vendors.entries.count
        summary.blocks = register.blocks.count
        summary.usbProducts = usb.products.count
        summary.fileBytes = bytes.count
        return (bytes, summary)
    }

    private static func compile(
        _ reader: RuleFileReader,
        _ blocks: [AssignmentRegister.Block],
        _ usb: USBRegister
    ) throws -> [UInt8] {
        let bytes = KnowledgeCompiler.compile(rules: reader.rules, vendors: reader.vendors, blocks: blocks, usb: usb)
        guard let bytes else { throw problem("knowledge", "more rules, makers or bytes than the file format holds") }
        return bytes
    }

    private static func contents(of directory: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw problem(directory, "cannot be read as a directory")
        }
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else { throw problem(path, "cannot be read") }
        return Array(data)
    }

    private static func problem(_ file: String, _ message: String) -> KnowledgeProblems {
        let error = ConfigurationError(file: ByteString(utf8: file), line: 0, message: ByteString(utf8: message))
        return KnowledgeProblems([error])
    }
}
