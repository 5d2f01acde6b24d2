/// The compiled knowledge file: what `gatehousectl knowledge build` writes and the agent maps into memory.
///
/// All integers are big-endian. The same rules and tables always give the same bytes.
/// ```
///  0  magic, 8 bytes                  89 'G' 'H' 'K' 0D 0A 1A 0A (a copy made as text is noticed, as in PNG)
///  8  version, 4 bytes
/// 12  length of the whole file, 4 bytes
/// 16  SHA-256 of all that follows, 32 bytes
/// 48  nine sections in the order of `Section`: offset from the start of the file, count of records, 4 bytes each
/// 120 the sections' records, then the string pool
/// ```
/// A string is referred to by 4 bytes of offset into the pool and 2 bytes of length.
public enum KnowledgeFormat {
    /// The first eight bytes.
    public static let magic: [UInt8] = [0x89, 0x47, 0x48, 0x4B, 0x0D, 0x0A, 0x1A, 0x0A]
    /// The version this program reads and writes.
    ///
    /// 1: November 2026, the first. 2: November 2026, with the identifiers of USB.
    public static let version: UInt32 = 2
    /// Where the digest begins, and what it covers begins.
    public static let digestOffset = 16
    /// The first byte that the digest covers.
    public static let contentsOffset = 48
    /// Where the first record can lie.
    public static let headerLength = contentsOffset + Section.allCases.count * 8
    /// Most bytes of a file.
    public static let maximumLength = 32 << 20
    /// Most makers (vendors and IEEE organisations), rules.
    public static let maximumRecords = 65_534
    /// Where a record names no maker.
    public static let noMaker = 0xFFFF

    /// The tables of the file.
    public enum Section: UInt32, CaseIterable, Sendable {
        /// Makers: string, flags (`MakerFlags`), the class of what it makes (0 where that is not one).
        case makers = 0
        /// Vendor names as devices spell them, in lower case and sorted: string, maker.
        case aliases = 1
        /// IEEE MA-L blocks, sorted: 3 bytes of prefix, maker.
        case blocks24 = 2
        /// IEEE MA-M blocks, sorted: 4 bytes of prefix (28 bits), maker.
        case blocks28 = 3
        /// IEEE MA-S blocks and IABs, sorted: 5 bytes of prefix (36 bits), maker.
        case blocks36 = 4
        /// Rules; see `KnowledgeView.evidence(ofRule:…)`.
        case rules = 5
        /// Matchers, sorted by selector, form, pattern: selector, form, rule (2 bytes), pattern in lower case.
        case matchers = 6
        /// Vendors of USB, sorted: 2 bytes of identifier, maker.
        case usbVendors = 7
        /// Products of USB, sorted: 4 bytes of vendor and product, string.
        case usbProducts = 8

        /// Bytes of a record.
        public var recordLength: Int {
            switch self {
            case .makers, .aliases: return 8
            case .blocks24: return 5
            case .blocks28: return 6
            case .blocks36: return 7
            case .rules: return 36
            case .matchers, .usbProducts: return 10
            case .usbVendors: return 4
            }
        }
    }

    /// What is known of a maker.
    public enum MakerFlags {
        /// It is in the vendor table, under the name it is sold by.
        public static let isVendor: UInt8 = 1
        /// It makes network modules, chips or whole devices for other brands: an address of its says nothing of the
        /// vendor.
        public static let isModuleMaker: UInt8 = 2
    }

    /// What an address block of a vendor in the vendor table weighs.
    public static let vendorBlockWeight: ConfidencePerMille = 700
    /// What an address block weighs for the class, where the vendor table says that the vendor makes little else.
    public static let vendorClassWeight: ConfidencePerMille = 550
    /// What a product's name in the register of USB weighs; it gives way to the name that the device itself has.
    public static let usbProductWeight: ConfidencePerMille = 700
    /// What an address block of another organisation weighs: the name on the register is often, not always, the brand.
    public static let organisationBlockWeight: ConfidencePerMille = 550
}
