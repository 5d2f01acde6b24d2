/// What one of Recog's fingerprints says of a banner that a device sent. It stands beside the device's identity, which is the
/// agent's, and changes nothing of it.
public struct BannerResource: Codable, Hashable, Sendable {
    /// The signal the banner came in: `http.server`
    public var signal: String
    /// What the fingerprint was tried on: the signal's value, in the form that Recog's database is made for.
    public var banner: String
    /// The database: `http_header.server`
    public var database: String
    /// Where the fingerprint stands: `http_servers.xml:61`
    public var source: String
    /// What the fingerprint recognises, in its author's words.
    public var fingerprint: String
    /// What it says. Never empty.
    public var says: [Statement]

    /// What is said of one thing.
    public struct Statement: Codable, Hashable, Sendable {
        /// Of what: `hw` the device, `os` its system, `service` the program that sent the banner.
        public var subject: String
        /// Nil where it does not say, as the fields below.
        public var vendor: String?
        /// Product name.
        public var product: String?
        /// Version.
        public var version: String?
        /// CPE name (NISTIR 7695).
        public var cpe: String?
        /// How sure the fingerprint's author was, 0 to 1.
        public var certainty: Double?

        /// A statement.
        public init(
            subject: String,
            vendor: String?,
            product: String?,
            version: String?,
            cpe: String?,
            certainty: Double?
        ) {
            self.subject = subject
            self.vendor = vendor
            self.product = product
            self.version = version
            self.cpe = cpe
            self.certainty = certainty
        }
    }

    /// What a fingerprint says.
    public init(
        signal: String,
        banner: String,
        database: String,
        source: String,
        fingerprint: String,
        says: [Statement]
    ) {
        self.signal = signal
        self.banner = banner
        self.database = database
        self.source = source
        self.fingerprint = fingerprint
        self.says = says
    }
}
