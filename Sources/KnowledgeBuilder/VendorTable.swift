public import NetworkTypes

/// The names under which devices are sold, how devices and the IEEE register spell them, and who makes modules only.
public struct VendorTable: Sendable {
    /// One vendor or module maker.
    public struct Entry: Sendable {
        /// As identities spell it.
        public var name: ByteString
        /// Other spellings, of devices and of the register; compared without regard to case.
        public var aliases: [ByteString] = []
        /// Globs for the names of organisations in the IEEE register, in lower case.
        public var register: [ByteString] = []
        /// The class of its devices, where it makes little else.
        public var deviceClass: DeviceClass?
        /// Makes network modules, chips or devices for other brands: its address blocks say nothing of a vendor.
        public var makesModules: Bool
        /// The file it stands in.
        public var file: ByteString
        /// Its line there.
        public var line: UInt32
    }

    /// In the order of the file.
    public var entries: [Entry]

    /// A table.
    public init(entries: [Entry] = []) { self.entries = entries }

    /// The index of the vendor (not module maker) with exactly this name.
    func vendor(named name: ByteString) -> Int? {
        entries.firstIndex { !$0.makesModules && $0.name == name }
    }
}
