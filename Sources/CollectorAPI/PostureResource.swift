/// How well a gateway, a site or the fleet stands.
public struct PostureResource: Codable, Sendable {
    /// `fleet`, `site`, `gateway`
    public var scope: String
    /// The site's name or the gateway's identifier; nil for the fleet.
    public var name: String?
    /// 0 to 100; nil where there is no gateway that counts.
    public var score: Int?
    /// Gateways.
    public var gateways: Int
    /// Of them, those connected now.
    public var connectedGateways: Int
    /// Of them, those whose kernel is proved to hold what their policy asks for.
    public var provedGateways: Int
    /// Proved gateways of all that are not banned, 0 to 1.
    public var provedShare: Double
    /// Devices.
    public var devices: Int
    /// Of them, those whose class is known.
    public var identifiedDevices: Int
    /// Of them, those in quarantine.
    public var quarantinedDevices: Int
    /// Incidents and quarantines of the last 24 hours.
    public var recentIncidents: Int
    /// What the score lost, heaviest first; for a site and the fleet, the mean over its gateways.
    public var deductions: [Deduction]

    /// Points that were lost, and why.
    public struct Deduction: Codable, Hashable, Sendable {
        /// How many.
        public var points: Int
        /// For people.
        public var reason: String
        /// How many gateways lost them; 1 for a gateway's own.
        public var gateways: Int

        /// A deduction.
        public init(points: Int, reason: String, gateways: Int) {
            self.points = points
            self.reason = reason
            self.gateways = gateways
        }
    }

    /// Nothing there yet.
    public init(scope: String, name: String? = nil) {
        self.scope = scope
        self.name = name
        self.gateways = 0
        self.connectedGateways = 0
        self.provedGateways = 0
        self.provedShare = 0
        self.devices = 0
        self.identifiedDevices = 0
        self.quarantinedDevices = 0
        self.recentIncidents = 0
        self.deductions = []
    }
}
