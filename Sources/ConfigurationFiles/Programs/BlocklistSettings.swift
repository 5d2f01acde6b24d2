public import NetworkTypes

/// `blocklists` of `collector.yaml`: which lists are downloaded, how often, and within which limits.
public struct BlocklistSettings: Hashable, Sendable {
    /// Most sources.
    public static let maximumSources = 64
    /// Most bytes of a list's name: those of the compiled file.
    public static let maximumNameBytes = 32

    /// `every`: how often a source is asked.
    public var everySeconds: UInt64 = 86_400
    /// `maximumBytes` of one download.
    public var maximumBytes: UInt64 = 32 << 20
    /// `timeout` of one download, redirects and all.
    public var timeoutSeconds: UInt64 = 120
    /// `redirects` that are followed.
    public var redirects: UInt64 = 3
    /// `authorities`: a PEM file of the authorities that the servers' certificates must come from; nil for the system's.
    public var authoritiesFile: ByteString?
    /// `sources`
    public var sources: [Source] = []

    /// A list as somebody publishes it.
    public struct Source: Hashable, Sendable {
        /// `name` of the list it is a part of, as policies name it. Sources of one name are merged.
        public var name: ByteString
        /// `url`
        public var address: WebAddress
        /// `format`
        public var format: Format
        /// `sha256`: the file that is expected, and no other; nil for any.
        public var hash: [UInt8]?
    }

    /// How a source is written.
    public enum Format: UInt8, CaseIterable, Hashable, Sendable {
        /// Each line is taken for what it looks like.
        case any
        /// Lines of a hosts file: an address, then names.
        case hosts
        /// A name a line.
        case names
        /// Filter rules `||name^`.
        case rules

        /// `hosts`
        public var name: ByteString {
            switch self {
            case .any: return "any"
            case .hosts: return "hosts"
            case .names: return "names"
            case .rules: return "rules"
            }
        }
    }

    /// No source.
    public init() {}

    init(reading mapping: MappingReader) throws(ConfigurationError) {
        var reader = mapping
        everySeconds = try reader.optional("every")?.seconds(10...30 * 86_400) ?? everySeconds
        maximumBytes = try reader.optional("maximumBytes")?.byteCount(1024...256 << 20) ?? maximumBytes
        timeoutSeconds = try reader.optional("timeout")?.seconds(1...3600) ?? timeoutSeconds
        redirects = try reader.optional("redirects")?.unsigned(0...10) ?? redirects
        authoritiesFile = try reader.optional("authorities")?.absolutePath()
        let list = try reader.required("sources")
        for value in try list.list() {
            let source = try Source(reading: value)
            // The address names the source: on the disk, and for `gatehousectl blocklist accept`.
            guard !sources.contains(where: { $0.name == source.name && $0.address == source.address }) else {
                throw value.error("is there twice")
            }
            sources.append(source)
        }
        guard (1...BlocklistSettings.maximumSources).contains(sources.count) else {
            throw list.error("must name 1 to \(BlocklistSettings.maximumSources) sources")
        }
        try reader.finish()
    }
}

extension BlocklistSettings.Source {
    init(reading value: ConfigurationValue) throws(ConfigurationError) {
        var reader = try value.mapping()
        let name = try reader.required("name")
        self.name = try name.text()
        let isName = self.name.bytes.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || [0x2D, 0x2E, 0x5F].contains(byte)
        }
        guard isName, (1...BlocklistSettings.maximumNameBytes).contains(self.name.count) else {
            throw name.mismatch(self.name, "1 to \(BlocklistSettings.maximumNameBytes) of a-z 0-9 - _ .")
        }
        if let pin = reader.optional("sha256") {
            let text = try pin.text()
            guard let hash = Hexadecimal.decode(text), hash.count == 32 else {
                throw pin.mismatch(text, "64 hexadecimal digits")
            }
            self.hash = hash
        } else {
            hash = nil
        }
        let url = try reader.required("url")
        let text = try url.text()
        guard let address = WebAddress(text) else { throw url.mismatch(text, "an address that begins with https://") }
        // Whoever sits between could put names on the list, or take them off it.
        guard address.isSecure || address.isLoopback || hash != nil else {
            throw url.error("is not https://; http:// is for this host, and for a file whose sha256 is given")
        }
        self.address = address
        format = .any
        if let value = reader.optional("format") {
            let text = try value.text()
            guard let known = BlocklistSettings.Format.allCases.first(where: { $0.name == text }) else {
                throw value.mismatch(text, "any, hosts, names or rules")
            }
            format = known
        }
        try reader.finish()
    }
}
