/// A device, what it is held to be, and why. The identity fields have the shape of `gatehouse-agent identify --json`.
public struct DeviceResource: Codable, Sendable {
    /// What lasts about it: `mac:ac:cc:8e:01:02:03`.
    public var key: String
    /// The gateway it is behind.
    public var gateway: String
    /// The gateway's site.
    public var site: String
    /// IP addresses it holds.
    public var addresses: [String]
    /// `ip-camera`; `unknown`.
    public var `class`: String
    /// Nil where not known, as the fields below.
    public var vendor: String?
    /// Product name.
    public var model: String?
    /// Version.
    public var firmware: String?
    /// Operating system.
    public var os: String?
    /// The name it gives itself.
    public var hostname: String?
    /// How sure, 0 to 1.
    public var confidence: Confidence
    /// What spoke for it, heaviest first; only where one device is asked for.
    public var evidence: [Evidence]?
    /// What spoke against it; only where one device is asked for.
    public var contradictions: [Evidence]?
    /// What it was held to be before, newest first; only where one device is asked for.
    public var history: [Change]?
    /// What Recog's fingerprints say of the banners among the signals; only where one device is asked for and the collector
    /// has Recog's files.
    public var banners: [BannerResource]?
    /// Where its maker says that its MUD file is (RFC 8520), as the device itself said by DHCP or LLDP; only where one device
    /// is asked for. Nobody has checked it, and nothing fetches it.
    public var mudURL: String?
    /// Name of the allowlist that holds it; nil where none does.
    public var policy: String?
    /// The interface it was seen on; empty for local buses.
    public var interface: String
    /// Whether it is in quarantine.
    public var isQuarantined: Bool
    /// Why it is; nil where it is not.
    public var quarantineReason: String?
    /// Packets that were dropped, in all.
    public var droppedCount: UInt64
    /// Packets that would have been dropped in monitor mode, in all.
    public var wouldDropCount: UInt64
    /// 0 to 100.
    public var score: Int
    /// What the score lost; only where one device is asked for.
    public var deductions: [PostureResource.Deduction]?
    /// When it was first seen.
    public var firstSeen: Timestamp
    /// When it was last seen.
    public var lastSeen: Timestamp
    /// What it tried that its policy does not allow, newest first; only where one device is asked for.
    public var violations: [EventResource]?

    /// How sure, 0 to 1.
    public struct Confidence: Codable, Hashable, Sendable {
        /// Of the class.
        public var `class`: Double
        /// Of the vendor.
        public var vendor: Double
        /// Of the model.
        public var model: Double

        /// Confidences.
        public init(class: Double, vendor: Double, model: Double) {
            self.class = `class`
            self.vendor = vendor
            self.model = model
        }
    }

    /// A signal and what it was taken to say.
    public struct Evidence: Codable, Hashable, Sendable {
        /// `mdns.service`
        public var signal: String
        /// `_axis-video._tcp`
        public var value: String
        /// `{"class": "ip-camera", "vendor": "Axis"}`
        public var says: [String: String]
        /// 0 to 1.
        public var weight: Double

        /// A piece of evidence.
        public init(signal: String, value: String, says: [String: String], weight: Double) {
            self.signal = signal
            self.value = value
            self.says = says
            self.weight = weight
        }
    }

    /// It was held to be something else before.
    public struct Change: Codable, Hashable, Sendable {
        /// When, by the gateway's clock.
        public var time: Timestamp
        /// What it was held to be.
        public var before: Names
        /// What it was held to be from then on.
        public var after: Names
        /// What decided. Its signal is `knowledge` where the rules were others, and its value then names their file.
        public var evidence: Evidence

        /// What a device is called.
        public struct Names: Codable, Hashable, Sendable {
            /// `ip-camera`; `unknown`.
            public var `class`: String
            /// Nil where not known.
            public var vendor: String?
            /// Nil where not known.
            public var model: String?

            /// Names.
            public init(class: String, vendor: String?, model: String?) {
                self.class = `class`
                self.vendor = vendor
                self.model = model
            }
        }

        /// A change.
        public init(time: Timestamp, before: Names, after: Names, evidence: Evidence) {
            self.time = time
            self.before = before
            self.after = after
            self.evidence = evidence
        }
    }

    /// A device of which nothing but its key is known.
    public init(key: String, gateway: String, site: String, firstSeen: Timestamp, lastSeen: Timestamp) {
        self.key = key
        self.gateway = gateway
        self.site = site
        self.addresses = []
        self.class = "unknown"
        self.confidence = Confidence(class: 0, vendor: 0, model: 0)
        self.interface = ""
        self.isQuarantined = false
        self.droppedCount = 0
        self.wouldDropCount = 0
        self.score = 0
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
    }
}
