public import NetworkTypes

/// A node of a file, and how it is called there: reads itself as a value of a type, or throws an error that says where
/// it stands, what it is, and what was wanted.
public struct ConfigurationValue: Sendable {
    /// The node.
    public let node: YAMLNode
    /// The key it stands under, for messages.
    public let name: ByteString
    /// The file, for messages.
    public let file: ByteString

    /// A value.
    public init(_ node: YAMLNode, name: ByteString, file: ByteString) {
        self.node = node
        self.name = name
        self.file = file
    }

    /// `agent.yaml:3: port: MESSAGE`
    public func error(_ message: ByteString) -> ConfigurationError {
        var text = name
        if !name.isEmpty { text.append(": ") }
        text.append(message)
        return ConfigurationError(file: file, line: node.line, message: text)
    }

    /// `agent.yaml:3: port: "x" is not WANTED`
    public func mismatch(_ text: ByteString, _ wanted: ByteString) -> ConfigurationError {
        var message: ByteString = "\""
        message.append(ByteString(Array(text.bytes.prefix(80))))
        message.append("\" is not ")
        message.append(wanted)
        return error(message)
    }

    private func kindMismatch(_ wanted: ByteString) -> ConfigurationError {
        var message: ByteString = "must be "
        message.append(wanted)
        message.append(", not ")
        message.append(node.kindName)
        return error(message)
    }

    /// Whatever text stands there, quoted or not; empty only where it is quoted.
    public func text() throws(ConfigurationError) -> ByteString {
        guard case .scalar(let text, let isPlain) = node.content else { throw kindMismatch("a text") }
        if text.isEmpty, isPlain { throw error("has no value") }
        return text
    }

    /// The values of a list; a single value that is not a list stands for a list of one.
    public func list() throws(ConfigurationError) -> [ConfigurationValue] {
        guard case .sequence(let nodes) = node.content else {
            if case .mapping = node.content { throw kindMismatch("a list") }
            return [ConfigurationValue(node, name: name, file: file)]
        }
        return nodes.map { ConfigurationValue($0, name: name, file: file) }
    }

    /// The keys and values of a mapping.
    public func mapping() throws(ConfigurationError) -> MappingReader {
        guard case .mapping(let pairs) = node.content else { throw kindMismatch("a mapping") }
        return MappingReader(pairs, line: node.line, name: name, file: file)
    }

    /// `true` or `false`, not in quotes.
    public func boolean() throws(ConfigurationError) -> Bool {
        let text = try text()
        if case .scalar(_, isPlain: true) = node.content {
            if text == "true" { return true }
            if text == "false" { return false }
        }
        throw mismatch(text, "true or false")
    }

    /// A decimal number within `bounds`.
    public func unsigned(_ bounds: ClosedRange<UInt64>) throws(ConfigurationError) -> UInt64 {
        let text = try text()
        guard let value = Decimal.parse(text), bounds.contains(value) else {
            var wanted: ByteString = "a number from "
            wanted.append(decimal: bounds.lowerBound)
            wanted.append(" to ")
            wanted.append(decimal: bounds.upperBound)
            throw mismatch(text, wanted)
        }
        return value
    }

    /// A TCP or UDP port.
    public func port() throws(ConfigurationError) -> UInt16 { UInt16(try unsigned(1...65535)) }

    /// `0.7` as 700. At most three digits behind the point, for there is no floating point in the agent.
    public func perMille() throws(ConfigurationError) -> UInt16 {
        let text = try text()
        let parts = text.split(0x2E)
        guard parts.count <= 2, let whole = Decimal.parse(parts[0], limit: 1) else {
            throw mismatch(text, "a number from 0 to 1, like 0.75")
        }
        var fraction: UInt64 = 0
        if parts.count == 2 {
            let padded = ByteString(parts[1].bytes + [UInt8](repeating: 0x30, count: Swift.max(0, 3 - parts[1].count)))
            guard !parts[1].isEmpty, padded.count == 3, let value = Decimal.parse(padded) else {
                throw mismatch(text, "a number from 0 to 1 with at most three digits behind the point")
            }
            fraction = value
        }
        guard whole * 1000 + fraction <= 1000 else { throw mismatch(text, "a number from 0 to 1, like 0.75") }
        return UInt16(whole * 1000 + fraction)
    }

    /// `500ms`, `60s`, `5m`, `1h`, `365d` in milliseconds.
    public func milliseconds(_ bounds: ClosedRange<UInt64>) throws(ConfigurationError) -> UInt64 {
        let text = try text()
        let units: [(ByteString, UInt64)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        for (suffix, factor) in units where text.hasSuffix(suffix) {
            guard let count = Decimal.parse(ByteString(Array(text.bytes.dropLast(suffix.count)))) else { continue }
            let (value, overflow) = count.multipliedReportingOverflow(by: factor)
            if !overflow, bounds.contains(value) { return value }
            throw mismatch(text, "within what is allowed here")
        }
        throw mismatch(text, "a time like 500ms, 60s, 5m, 1h or 30d")
    }

    /// `60s`, `5m`, `1h`, `365d` in seconds.
    public func seconds(_ bounds: ClosedRange<UInt64>) throws(ConfigurationError) -> UInt64 {
        let value = try milliseconds((bounds.lowerBound * 1000)...(bounds.upperBound * 1000))
        guard value % 1000 == 0 else { throw error("must be whole seconds") }
        return value / 1000
    }

    /// `4096`, `64KiB`, `16MiB`, `1GiB` in bytes.
    public func byteCount(_ bounds: ClosedRange<UInt64>) throws(ConfigurationError) -> UInt64 {
        let text = try text()
        let units: [(ByteString, UInt64)] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("", 1)]
        for (suffix, factor) in units where text.hasSuffix(suffix) {
            guard let count = Decimal.parse(ByteString(Array(text.bytes.dropLast(suffix.count)))) else { continue }
            let (value, overflow) = count.multipliedReportingOverflow(by: factor)
            if !overflow, bounds.contains(value) { return value }
            throw mismatch(text, "within what is allowed here")
        }
        throw mismatch(text, "a size like 65536, 64KiB or 16MiB")
    }

    /// An IP address.
    public func address() throws(ConfigurationError) -> IPAddress {
        let text = try text()
        guard let address = IPAddress(text) else { throw mismatch(text, "an IP address") }
        return address
    }

    /// A prefix like `192.0.2.0/24`, or one address.
    public func prefix() throws(ConfigurationError) -> IPPrefix {
        let text = try text()
        guard let prefix = IPPrefix(text) else {
            throw mismatch(text, "an address or a prefix without host bits, like 192.0.2.0/24")
        }
        return prefix
    }

    /// `192.0.2.1:443`, `[2001:db8::1]:443`, or an address alone where there is a `defaultPort`.
    public func endpoint(defaultPort: UInt16?) throws(ConfigurationError) -> Endpoint {
        let text = try text()
        guard let endpoint = Endpoint(text, defaultPort: defaultPort) else {
            throw mismatch(text, "an address and port, like 192.0.2.1:443 or [2001:db8::1]:443")
        }
        return endpoint
    }

    /// A path that begins with `/`.
    public func absolutePath() throws(ConfigurationError) -> ByteString {
        let text = try text()
        guard text.bytes.first == 0x2F, !text.bytes.contains(0) else {
            throw mismatch(text, "a path that begins with /")
        }
        return text
    }

    /// A host: a DNS name or an IP address.
    public func host() throws(ConfigurationError) -> ByteString {
        let text = try text()
        if IPAddress(text) != nil { return text }
        guard let name = DomainName(text), !name.byteString.isEmpty, !PolicySyntax.looksLikeAddress(text),
            !text.bytes.contains(where: { $0 == 0x2F || $0 == 0x3A || $0 == 0x2A })
        else { throw mismatch(text, "a host name or an IP address (the port has a key of its own)") }
        return name.byteString
    }
}
