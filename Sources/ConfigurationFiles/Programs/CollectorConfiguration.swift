public import NetworkTypes

/// What `collector.yaml` says. `collector-config/collector.yaml` shows and explains every key.
public struct CollectorConfiguration: Hashable, Sendable {
    /// Where the program looks when it is not told.
    public static let defaultPath: ByteString = "/etc/gatehouse/collector.yaml"

    /// `stateDirectory`: certificate authority, database.
    public var stateDirectory: ByteString = "/var/lib/gatehouse-collector"
    /// `agentListener`: mutual TLS, for agents.
    public var agentListener = Endpoint(address: IPAddress(v6High: 0, low: 0), port: 7443)
    /// `httpsListener`: console, API, enrolment.
    public var httpsListener = Endpoint(address: IPAddress(v6High: 0, low: 0), port: 8443)
    /// `httpsListener.names`: DNS names and addresses of the server's certificate.
    public var serverNames: [ByteString] = ["localhost"]
    /// `trustDomain` of the gateways' names: `spiffe://TRUST-DOMAIN/gateway/ID`.
    public var trustDomain: ByteString = "gatehouse.local"
    /// `certificateLifetime` of gateways.
    public var certificateLifetimeSeconds: UInt64 = 30 * 86_400
    /// `serverCertificateLifetime`
    public var serverCertificateLifetimeSeconds: UInt64 = 90 * 86_400
    /// `knowledge.recog`: the folder with Recog's fingerprints; nil where there is none.
    public var recogDirectory: ByteString?
    /// `flows.keep`: how long it is kept where devices' connections led, after they were last seen.
    public var keepFlowsSeconds: UInt64 = 90 * 86_400
    /// `blocklists`: what is downloaded; nil where nothing is.
    public var blocklists: BlocklistSettings?
    /// `limits`
    public var limits = Limits()
    /// `logLevel`
    public var logLevel = LogLevel.info

    /// What one collector takes.
    public struct Limits: Hashable, Sendable {
        /// `connections` of agents at a time.
        public var connections: UInt64 = 20_000
        /// `credits`: reports an agent may send before the next acknowledgement.
        public var credits: UInt64 = 1024
        /// `silence`: an agent not heard for so long counts as silent.
        public var silenceSeconds: UInt64 = 90
        /// `handshakeTimeout`: how long an agent has from connecting to its first message.
        public var handshakeTimeoutSeconds: UInt64 = 15
        /// `sessionLifetime` of people in the console.
        public var sessionLifetimeSeconds: UInt64 = 12 * 3600
    }

    /// The default of every key.
    public init() {}

    /// Reads `collector.yaml`.
    public init(reading bytes: [UInt8], file: ByteString) throws(ConfigurationError) {
        self.init()
        let root = ConfigurationValue(try YAMLParser.document(of: bytes, file: file), name: "", file: file)
        var reader = try root.mapping()
        stateDirectory = try reader.optional("stateDirectory")?.absolutePath() ?? stateDirectory
        if let value = reader.optional("agentListener") {
            var listener = try value.mapping()
            agentListener = try Self.endpoint(&listener, agentListener)
            try listener.finish()
        }
        if let value = reader.optional("httpsListener") {
            var listener = try value.mapping()
            httpsListener = try Self.endpoint(&listener, httpsListener)
            if let names = listener.optional("names") {
                serverNames = []
                for name in try names.list() { serverNames.append(try name.host()) }
                guard !serverNames.isEmpty else {
                    throw names.error("names nothing; agents could not check the server")
                }
            }
            try listener.finish()
        }
        trustDomain = try reader.optional("trustDomain")?.trustDomain() ?? trustDomain
        // A gateway has a third of it to renew: below ten seconds there is no time for that. Above a year a lost gateway
        // keeps its key for too long.
        certificateLifetimeSeconds =
            try reader.optional("certificateLifetime")?.seconds(10...366 * 86_400) ?? certificateLifetimeSeconds
        serverCertificateLifetimeSeconds =
            try reader.optional("serverCertificateLifetime")?.seconds(3600...825 * 86_400)
            ?? serverCertificateLifetimeSeconds
        if let value = reader.optional("knowledge") {
            var knowledge = try value.mapping()
            recogDirectory = try knowledge.optional("recog")?.absolutePath()
            try knowledge.finish()
        }
        if let value = reader.optional("flows") {
            var flows = try value.mapping()
            keepFlowsSeconds = try flows.optional("keep")?.seconds(3600...3650 * 86_400) ?? keepFlowsSeconds
            try flows.finish()
        }
        if let value = reader.optional("blocklists") {
            blocklists = try BlocklistSettings(reading: try value.mapping())
        }
        if let value = reader.optional("limits") { limits = try Limits(reading: try value.mapping()) }
        logLevel = try reader.optional("logLevel")?.logLevel() ?? logLevel
        try reader.finish()
    }

    private static func endpoint(
        _ reader: inout MappingReader,
        _ defaults: Endpoint
    ) throws(ConfigurationError) -> Endpoint {
        let address = try reader.optional("address")?.address() ?? defaults.address
        return Endpoint(address: address, port: try reader.optional("port")?.port() ?? defaults.port)
    }
}

extension CollectorConfiguration.Limits {
    init(reading mapping: MappingReader) throws(ConfigurationError) {
        self.init()
        var reader = mapping
        connections = try reader.optional("connections")?.unsigned(1...1_000_000) ?? connections
        credits = try reader.optional("credits")?.unsigned(1...65_536) ?? credits
        silenceSeconds = try reader.optional("silence")?.seconds(10...86_400) ?? silenceSeconds
        handshakeTimeoutSeconds =
            try reader.optional("handshakeTimeout")?.seconds(1...300) ?? handshakeTimeoutSeconds
        sessionLifetimeSeconds =
            try reader.optional("sessionLifetime")?.seconds(300...30 * 86_400) ?? sessionLifetimeSeconds
        try reader.finish()
    }
}

extension ConfigurationValue {
    /// A SPIFFE trust domain: lower-case letters, digits, `-`, `_`, `.` (SPIFFE-ID §2.1).
    func trustDomain() throws(ConfigurationError) -> ByteString {
        let text = try text()
        let isValid =
            (1...255).contains(text.count)
            && text.bytes.allSatisfy { byte in
                (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x2D || byte == 0x2E
                    || byte == 0x5F
            }
        guard isValid else { throw mismatch(text, "a trust domain (a-z 0-9 - _ .)") }
        return text
    }
}
