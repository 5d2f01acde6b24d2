internal import Fingerprinting
internal import NetworkTypes

/// Finds the entry of the vendor table that an organisation of the IEEE register is.
struct RegisterNames {
    private var exact: [ByteString: VendorTable.Entry] = [:]
    private var globs: [(pattern: ByteString, entry: VendorTable.Entry)] = []

    init(_ vendors: VendorTable) {
        // Module makers first: where both patterns match, the block says less.
        for entry in vendors.entries.filter(\.makesModules) + vendors.entries.filter({ !$0.makesModules }) {
            for name in [entry.name] + entry.aliases {
                let key = name.lowercasedASCII
                if exact[key] == nil { exact[key] = entry }
            }
            for pattern in entry.register { globs.append((pattern, entry)) }
        }
    }

    func entry(for organisation: ByteString) -> VendorTable.Entry? {
        let lower = organisation.lowercasedASCII
        for (pattern, entry) in globs where GlobPattern.matches(pattern.bytes, lower.bytes) { return entry }
        return exact[lower] ?? exact[OrganisationName.cleaned(organisation).lowercasedASCII]
    }
}
