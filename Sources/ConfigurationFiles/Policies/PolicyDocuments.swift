public import NetworkTypes
public import Policy

/// Policies as people write them: YAML documents of the kinds `Allowlist`, `Baseline` and `Tags`, in one file or several.
public struct PolicyDocuments: Sendable {
    /// What a policy is worth signing for when its baseline does not say.
    public static let defaultValiditySeconds: UInt64 = 365 * 86_400
    /// `apiVersion` of every document.
    public static let apiVersion: ByteString = "gatehouse/v1"

    /// What the documents say.
    public private(set) var bundle = PolicyBundle()
    /// How long it is valid from when it is signed.
    public private(set) var validitySeconds = PolicyDocuments.defaultValiditySeconds
    private var baselinePlace: Place?
    /// Where the entries of the baseline's `block` stand.
    private var blockPlaces: [Place] = []
    private var allowlistPlaces: [Places] = []
    private var unknownPlaces: Places?

    /// A line of a file.
    struct Place: Sendable {
        let file: ByteString
        let line: UInt32
    }

    /// Where an allowlist and its rules stand.
    struct Places: Sendable {
        let name: ByteString
        let place: Place
        let rules: [Place]
    }

    /// No document yet.
    public init() {}

    /// Adds the documents of a file, in order.
    public mutating func add(_ bytes: [UInt8], file: ByteString) throws(ConfigurationError) {
        let nodes = try YAMLParser.documents(of: bytes, file: file)
        // A policy that says nothing allows nothing: hardly what an empty file is meant to say.
        guard !nodes.isEmpty else {
            throw ConfigurationError(
                file: file,
                line: 1,
                message: "holds no policy; write a document of kind Allowlist, Baseline or Tags"
            )
        }
        for node in nodes {
            let value = ConfigurationValue(node, name: "", file: file)
            var reader = try value.mapping()
            let version = try reader.required("apiVersion")
            guard try version.text() == PolicyDocuments.apiVersion else {
                throw version.mismatch(try version.text(), "gatehouse/v1")
            }
            let kind = try reader.required("kind")
            switch try kind.text() {
            case "Allowlist": try addAllowlist(&reader, at: Place(file: file, line: node.line))
            case "Baseline": try addBaseline(&reader, at: Place(file: file, line: node.line))
            case "Tags": try addTags(&reader)
            default: throw kind.mismatch(try kind.text(), "Allowlist, Baseline or Tags")
            }
        }
    }

    /// The bundle to sign.
    public func bundle(
        generation: UInt64,
        issuedAtSeconds: UInt64,
        rollbackFrom: UInt64? = nil
    ) -> PolicyBundle {
        var bundle = bundle
        bundle.generation = generation
        bundle.issuedAtSeconds = issuedAtSeconds
        bundle.notAfterSeconds = issuedAtSeconds + validitySeconds
        bundle.rollbackFrom = rollbackFrom
        return bundle
    }

    /// A problem that the validator found, with the file and line it comes from where that is known.
    public func located(_ problem: PolicyProblem) -> ConfigurationError {
        let places =
            problem.allowlist.flatMap { name in
                name == "unknown" ? unknownPlaces : allowlistPlaces.last { $0.name == name }
            }
        var place = places?.place ?? baselinePlace ?? allowlistPlaces.first?.place
        let entries = problem.allowlist == nil ? blockPlaces : places?.rules ?? []
        if let rule = problem.rule, rule < entries.count { place = entries[rule] }
        return ConfigurationError(
            file: place?.file ?? "policy",
            line: place?.line ?? 0,
            message: problem.byteString
        )
    }

    private mutating func addAllowlist(_ reader: inout MappingReader, at place: Place) throws(ConfigurationError) {
        guard bundle.allowlists.count < PolicyLimits.allowlistCount else {
            throw ConfigurationError(file: place.file, line: place.line, message: "more than 256 allowlists")
        }
        var allowlist = Allowlist(name: try reader.required("name").text())
        if let match = reader.optional("match") { allowlist.match = try DeviceMatch(reading: try match.mapping()) }
        let rules = try allowlist.readHolding(&reader, file: place.file)
        try reader.finish()
        bundle.allowlists.append(allowlist)
        allowlistPlaces.append(Places(name: allowlist.name, place: place, rules: rules))
    }

    /// `tags: { lobby: ["mac:ac:cc:8e:01:02:03"] }`
    private mutating func addTags(_ reader: inout MappingReader) throws(ConfigurationError) {
        let value = try reader.required("tags")
        var names = try value.mapping()
        for tag in names.entries() {
            guard DeviceTag.isWellFormed(tag.name) else {
                throw tag.error("not a valid name of a tag; use 1 to 64 of a-z 0-9 - _ .")
            }
            guard !bundle.tags.contains(where: { $0.name == tag.name }) else {
                throw tag.error("the tag is defined a second time; put its devices together")
            }
            guard bundle.tags.count < PolicyLimits.tagCount else {
                throw tag.error("more than \(PolicyLimits.tagCount) tags")
            }
            var keys: [ByteString] = []
            for entry in try tag.list() {
                let text = try entry.text()
                guard let key = DeviceKey(text) else {
                    throw entry.mismatch(text, "a device key, like mac:aa:bb:cc:dd:ee:ff")
                }
                guard keys.count < PolicyLimits.devicesPerTag else {
                    throw entry.error("more than \(PolicyLimits.devicesPerTag) devices")
                }
                guard !keys.contains(key.byteString) else { throw entry.mismatch(text, "new in this list") }
                keys.append(key.byteString)
            }
            bundle.tags.append(DeviceTag(name: tag.name, devices: keys.ordered()))
        }
        try reader.finish()
    }

    private mutating func addBaseline(_ reader: inout MappingReader, at place: Place) throws(ConfigurationError) {
        if let earlier = baselinePlace {
            var message: ByteString = "a second Baseline; the first is at "
            message.append(earlier.file)
            message.append(":")
            message.append(decimal: earlier.line)
            throw ConfigurationError(file: place.file, line: place.line, message: message)
        }
        baselinePlace = place
        if let value = reader.optional("target") {
            var target = try value.mapping()
            if let list = target.optional("gateways") { bundle.target.gateways = try list.texts() }
            if let list = target.optional("sites") { bundle.target.sites = try list.texts() }
            try target.finish()
        }
        if let value = reader.optional("validFor") { validitySeconds = try value.seconds(60...3660 * 86_400) }
        if let value = reader.optional("unknown") {
            var unknown = try value.mapping()
            let rules = try bundle.baseline.unknown.readHolding(&unknown, file: place.file)
            try unknown.finish()
            unknownPlaces = Places(
                name: "unknown",
                place: Place(file: place.file, line: value.node.line),
                rules: rules
            )
        }
        if let value = reader.optional("block") {
            for prefix in try value.list() {
                bundle.baseline.blockedPrefixes.append(try prefix.prefix())
                blockPlaces.append(Place(file: place.file, line: prefix.node.line))
            }
        }
        if let value = reader.optional("protect") {
            for prefix in try value.list() { bundle.baseline.protectedPrefixes.append(try prefix.prefix()) }
        }
        if let value = reader.optional("usb") { bundle.baseline.usb = try USBPolicy(reading: try value.mapping()) }
        if let value = reader.optional("mustReach") {
            for probe in try value.list() {
                let endpoint = try probe.endpoint(defaultPort: nil)
                bundle.baseline.mustReach.append(ReachProbe(address: endpoint.address, port: endpoint.port))
            }
        }
        try reader.finish()
    }
}
