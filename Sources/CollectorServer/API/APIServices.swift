public import Storage

/// What the routes of the HTTPS listener work with.
public struct APIServices: Sendable {
    /// Where everything is kept.
    public let store: any CollectorStore
    /// What an operator does to gateways.
    public let operations: FleetOperations
    /// What the collector counts of itself.
    public let figures: CollectorFigures
    /// The time.
    public let clock: WallClock
    /// What tokens tell the gateways.
    public let settings: Settings
    /// What Recog says of banners; nil where the collector has none of its files.
    public let banners: BannerKnowledge?
    /// The blocklists that are downloaded; nil where `collector.yaml` names none.
    public let blocklists: BlocklistLibrary?

    let accounts: Accounts
    let feed: LiveFeed

    /// What tokens tell the gateways.
    public struct Settings: Sendable {
        /// Where agents connect, `host:port`.
        public var agentAddress: String
        /// Where agents enrol, `host:port` of the HTTPS listener.
        public var enrolAddress: String
        /// SHA-256 of the certificate authority's certificate, lower-case hexadecimal digits.
        public var caSHA256: String
        /// The program's version.
        public var version: String
        /// How long a session of the console lasts, milliseconds.
        public var sessionMilliseconds: UInt64

        /// Settings.
        public init(
            agentAddress: String,
            enrolAddress: String,
            caSHA256: String,
            version: String,
            sessionMilliseconds: UInt64 = 12 * 3600 * 1000
        ) {
            self.agentAddress = agentAddress
            self.enrolAddress = enrolAddress
            self.caSHA256 = caSHA256
            self.version = version
            self.sessionMilliseconds = sessionMilliseconds
        }
    }

    /// Services on a store. Listens to the store's changes from now on.
    public init(
        store: any CollectorStore,
        operations: FleetOperations,
        figures: CollectorFigures,
        clock: WallClock,
        settings: Settings,
        banners: BannerKnowledge? = nil,
        blocklists: BlocklistLibrary? = nil
    ) {
        self.banners = banners
        self.blocklists = blocklists
        self.store = store
        self.operations = operations
        self.figures = figures
        self.clock = clock
        self.settings = settings
        accounts = Accounts(store: store, clock: clock, sessionMilliseconds: settings.sessionMilliseconds)
        feed = LiveFeed(store: store)
    }
}
