public import NetworkTypes

/// The names below which anybody can register one (publicsuffix.org), so that nobody allows all of them by a wildcard.
///
/// Read from the list's own file, which Debian has in the package `publicsuffix`; it is not shipped here.
public struct PublicSuffixes: Sendable {
    /// Where Debian's package puts the list.
    public static let path = "/usr/share/publicsuffix/public_suffix_list.dat"
    /// Most bytes of the list.
    public static let maximumBytes = 4 << 20

    private var suffixes: Set<[UInt8]> = []
    private var wildcards: Set<[UInt8]> = []
    private var exceptions: Set<[UInt8]> = []

    /// A rule a line: `com`, `*.ck`, `!www.ck`; what begins with `//` is a comment. Rules that are not ASCII are passed over.
    public init(parsing bytes: [UInt8]) {
        for line in ByteString(bytes).split(0x0A) {
            let rule = line.trimmed.lowercasedASCII
            guard !rule.isEmpty, !rule.hasPrefix("//"), rule.bytes.allSatisfy({ $0 < 0x80 }) else { continue }
            if rule.hasPrefix("!") {
                exceptions.insert(Array(rule.bytes.dropFirst()))
            } else if rule.hasPrefix("*.") {
                wildcards.insert(Array(rule.bytes.dropFirst(2)))
            } else {
                suffixes.insert(rule.bytes)
            }
        }
    }

    /// Whether the list has no rule: then it is not the list.
    public var isEmpty: Bool { suffixes.isEmpty }

    /// The part of a name that somebody registered: `vendor.co.uk` for `a.b.vendor.co.uk`; nil for a suffix itself, and
    /// for names with an `xn--` label, since the list has those rules in another form.
    public func registrable(_ name: DomainName) -> DomainName? {
        let labels = name.byteString.split(0x2E)
        guard !labels.contains(where: { $0.hasPrefix("xn--") }) else { return nil }
        // The longest rule that fits counts, an exception before all others, and `*` where none fits.
        var suffixLength = 1
        for length in 1...max(labels.count, 1) where length <= labels.count {
            let candidate = PublicSuffixes.joined(labels.suffix(length))
            if exceptions.contains(candidate) {
                suffixLength = length - 1
                break
            }
            if suffixes.contains(candidate) { suffixLength = max(suffixLength, length) }
            if wildcards.contains(candidate), labels.count > length { suffixLength = max(suffixLength, length + 1) }
        }
        guard labels.count > suffixLength else { return nil }
        return DomainName(ByteString(PublicSuffixes.joined(labels.suffix(suffixLength + 1))))
    }

    private static func joined(_ labels: ArraySlice<ByteString>) -> [UInt8] {
        Array(labels.map(\.bytes).joined(separator: [0x2E]))
    }
}
