public import NetworkTypes
public import Policy

/// What `agent.yaml` says. `agent-config/agent.yaml` shows and explains every key.
public struct AgentConfiguration: Hashable, Sendable {
    /// Where the program looks when it is not told.
    public static let defaultPath: ByteString = "/etc/gatehouse/agent.yaml"

    /// `collector.host`: DNS name or IP address.
    public var collectorHost: ByteString = ""
    /// `collector.agentPort`: the agents' own listener, for everything after it, renewal among it.
    public var agentPort: UInt16 = 7443
    /// `stateDirectory`: key, certificates, policy, spool.
    public var stateDirectory: ByteString = "/var/lib/gatehouse"
    /// `knowledge`: the compiled knowledge file.
    public var knowledgeFile: ByteString = "/usr/share/gatehouse/knowledge.bin"
    /// `site`: where the gateway stands; empty until enrolment says it.
    public var site: ByteString = ""
    /// `interfaces.devices`: where the guarded devices are.
    public var deviceInterfaces: [ByteString] = []
    /// `interfaces.uplink`: the way to the internet.
    public var uplinkInterface: ByteString = ""
    /// `sysroot`: where sysfs is looked for, `/sys` below it.
    public var sysroot: ByteString = "/"
    /// `bluetoothDiscovery`: whether the gateway's Bluetooth controllers are asked to look for devices.
    public var discoversBluetooth = false
    /// `recordFlows`: whether it is kept where the devices' connections led.
    public var recordsFlows = true
    /// `reports.flows`: whether that is reported to the collector too. Else it stays on the gateway.
    public var reportsFlows = false
    /// `dns`
    public var dns = DNS()
    /// `notice`
    public var notice = Notice()
    /// `enforcement`
    public var enforcement = Enforcement()
    /// `spool.maximumBytes`
    public var spoolMaximumBytes: UInt64 = 64 << 20
    /// `scan`
    public var scan = Scan()
    /// `floods`
    public var floods = Floods()
    /// `probes`
    public var probes = Probes()
    /// `trustedPolicyKeys`: raw Ed25519 public keys, beside those of the enrolment.
    public var trustedPolicyKeys: [[UInt8]] = []
    /// `logLevel`
    public var logLevel = LogLevel.info

    /// The agent's DNS.
    public struct DNS: Hashable, Sendable {
        /// Most upstream resolvers.
        public static let maximumUpstreamCount = 8

        /// `port`: where it listens; port 53 of the devices is redirected to it.
        public var port: UInt16 = 10_053
        /// `upstreams`: whom it asks, in order, all in the clear or all over TLS; empty for those of `/etc/resolv.conf`.
        public var upstreams: [DNSUpstream] = []
        /// `authorities`: PEM file of the authorities that certificates of resolvers are checked by; nil for the system's.
        public var authoritiesFile: ByteString?
        /// `timeout` of one question to one upstream.
        public var timeoutMilliseconds: UInt64 = 2000
        /// `failAfter`: dead for so long, devices of policies with `failMode: open` ask the first resolver themselves.
        public var failAfterSeconds: UInt64 = 30
        /// `blocklists`: the compiled file of the lists that policies name; nil for none.
        public var blocklistFile: ByteString?
    }

    /// The page that says why a name was refused.
    public struct Notice: Hashable, Sendable {
        /// Most bytes of `contact`.
        public static let maximumContactBytes = 200

        /// `port`: where the agent answers; port 80 of the gateway is redirected to it, for devices whose policy says so.
        public var port: UInt16 = 10_080
        /// `contact`: whom to ask; empty for nobody.
        public var contact: ByteString = ""
    }

    /// What the kernel is told.
    public struct Enforcement: Hashable, Sendable {
        /// `enabled`: false to watch without any rule in the kernel.
        public var isEnabled = true
        /// `breakGlass`: from here the gateway stays reachable, whatever a policy says.
        public var breakGlass: [IPPrefix] = []
        /// `timeServers`: where the gateway gets its time; no policy may block them.
        public var timeServers: [IPAddress] = []
        /// `confirmWithin`: how long a new policy has to reach what it must, before the old one is put back.
        public var confirmWithinSeconds: UInt64 = 30
    }

    /// What this gateway lets policies ask its devices.
    public struct Probes: Hashable, Sendable {
        /// `enabled`: false, and no policy makes this gateway ask anything.
        public var isEnabled = true
        /// `confirm`: kinds that a policy alone cannot have asked (`ProbeKind.needsConfirmation`).
        public var confirmed = ProbeSet()
    }

    /// When a device counts as scanning, and what happens to it.
    public struct Scan: Hashable, Sendable {
        /// `destinations`: so many different addresses refused
        public var destinations: UInt64 = 16
        /// `within` so long
        public var withinSeconds: UInt64 = 10
        /// `quarantine`: put it into quarantine for so long; 0 never.
        public var quarantineSeconds: UInt64 = 3600
    }

    /// More than so much a second from one device is a flood; 0 for no limit.
    public struct Floods: Hashable, Sendable {
        /// `syn`: TCP connections begun.
        public var syn: UInt32 = 100
        /// `udp`: refused UDP packets.
        public var udp: UInt32 = 1000
        /// `icmp`: ICMP packets that are not answered.
        public var icmp: UInt32 = 100
        /// `dns`: packets to the gateway's DNS.
        public var dns: UInt32 = 500
        /// `other`: refused packets of other protocols.
        public var other: UInt32 = 50
        /// `quarantine`: put the device into quarantine for so long; 0 never.
        public var quarantineSeconds: UInt64 = 3600
    }

    /// The default of every key; `collector.host` and `interfaces` have none.
    public init() {}

    /// Reads `agent.yaml`.
    public init(reading bytes: [UInt8], file: ByteString) throws(ConfigurationError) {
        self.init()
        let root = ConfigurationValue(try YAMLParser.document(of: bytes, file: file), name: "", file: file)
        var reader = try root.mapping()
        var collector = try reader.required("collector").mapping()
        collectorHost = try collector.required("host").host()
        agentPort = try collector.optional("agentPort")?.port() ?? agentPort
        try collector.finish()
        stateDirectory = try reader.optional("stateDirectory")?.absolutePath() ?? stateDirectory
        knowledgeFile = try reader.optional("knowledge")?.absolutePath() ?? knowledgeFile
        site = try reader.optional("site")?.siteName() ?? site
        try readInterfaces(try reader.required("interfaces").mapping())
        sysroot = try reader.optional("sysroot")?.absolutePath() ?? sysroot
        discoversBluetooth = try reader.optional("bluetoothDiscovery")?.boolean() ?? false
        recordsFlows = try reader.optional("recordFlows")?.boolean() ?? true
        if let value = reader.optional("reports") {
            var reports = try value.mapping()
            if let flows = reports.optional("flows") {
                reportsFlows = try flows.boolean()
                guard recordsFlows || !reportsFlows else { throw flows.error("is true, but recordFlows is false") }
            }
            try reports.finish()
        }
        if let value = reader.optional("dns") { dns = try DNS(reading: try value.mapping()) }
        if let value = reader.optional("notice") { notice = try Notice(reading: try value.mapping()) }
        guard notice.port != dns.port else {
            throw root.error("notice.port and dns.port are both \(dns.port); they must differ")
        }
        if let value = reader.optional("enforcement") { enforcement = try Enforcement(reading: try value.mapping()) }
        if let value = reader.optional("spool") {
            var spool = try value.mapping()
            spoolMaximumBytes =
                try spool.optional("maximumBytes")?.byteCount(1 << 20...1 << 40) ?? spoolMaximumBytes
            try spool.finish()
        }
        if let value = reader.optional("scan") { scan = try Scan(reading: try value.mapping()) }
        if let value = reader.optional("floods") { floods = try Floods(reading: try value.mapping()) }
        if let value = reader.optional("probes") { probes = try Probes(reading: try value.mapping()) }
        if let value = reader.optional("trustedPolicyKeys") {
            for key in try value.list() { trustedPolicyKeys.append(try key.publicKey()) }
        }
        logLevel = try reader.optional("logLevel")?.logLevel() ?? logLevel
        try reader.finish()
    }

    private mutating func readInterfaces(_ mapping: MappingReader) throws(ConfigurationError) {
        var interfaces = mapping
        let devices = try interfaces.required("devices")
        for device in try devices.list() {
            let name = try device.interfaceName()
            guard !deviceInterfaces.contains(name) else { throw device.mismatch(name, "new in this list") }
            deviceInterfaces.append(name)
        }
        guard !deviceInterfaces.isEmpty else { throw devices.error("names no interface") }
        let uplink = try interfaces.required("uplink")
        uplinkInterface = try uplink.interfaceName()
        guard !deviceInterfaces.contains(uplinkInterface) else {
            throw uplink.error("is among the devices; it must be another interface")
        }
        try interfaces.finish()
    }
}

extension AgentConfiguration.DNS {
    init(reading mapping: MappingReader) throws(ConfigurationError) {
        self.init()
        var reader = mapping
        port = try reader.optional("port")?.port() ?? port
        timeoutMilliseconds = try reader.optional("timeout")?.milliseconds(100...30_000) ?? timeoutMilliseconds
        failAfterSeconds = try reader.optional("failAfter")?.seconds(3...3600) ?? failAfterSeconds
        blocklistFile = try reader.optional("blocklists")?.absolutePath()
        if let value = reader.optional("upstreams") {
            for upstream in try value.list() { upstreams.append(try upstream.upstream()) }
            guard upstreams.count <= Self.maximumUpstreamCount else { throw value.error("at most 8") }
            // RFC 8310 §5: the strict profile has no way back to asking in the clear.
            let encrypted = upstreams.count { $0.serverName != nil }
            guard encrypted == 0 || encrypted == upstreams.count else {
                throw value.error(
                    "all of them tls://, or none: one in the clear would be asked whenever those over TLS fail"
                )
            }
        }
        authoritiesFile = try reader.optional("authorities")?.absolutePath()
        try reader.finish()
    }
}

extension AgentConfiguration.Notice {
    init(reading mapping: MappingReader) throws(ConfigurationError) {
        self.init()
        var reader = mapping
        port = try reader.optional("port")?.port() ?? port
        if let value = reader.optional("contact") {
            contact = try value.text()
            guard contact.count <= Self.maximumContactBytes, contact.bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
            else { throw value.error("at most 200 bytes, on one line") }
        }
        try reader.finish()
    }
}

extension AgentConfiguration.Enforcement {
    init(reading mapping: MappingReader) throws(ConfigurationError) {
        self.init()
        var reader = mapping
        isEnabled = try reader.optional("enabled")?.boolean() ?? isEnabled
        if let value = reader.optional("breakGlass") {
            for prefix in try value.list() { breakGlass.append(try prefix.prefix()) }
        }
        if let value = reader.optional("timeServers") {
            for address in try value.list() { timeServers.append(try address.address()) }
        }
        confirmWithinSeconds = try reader.optional("confirmWithin")?.seconds(2...600) ?? confirmWithinSeconds
        try reader.finish()
    }
}

extension AgentConfiguration.Probes {
    init(reading mapping: MappingReader) throws(ConfigurationError) {
        self.init()
        var reader = mapping
        isEnabled = try reader.optional("enabled")?.boolean() ?? isEnabled
        confirmed = try reader.optional("confirm")?.probes() ?? confirmed
        try reader.finish()
    }
}

extension AgentConfiguration.Floods {
    init(reading mapping: MappingReader) throws(ConfigurationError) {
        self.init()
        var reader = mapping
        syn = try reader.optional("syn")?.floodLimit() ?? syn
        udp = try reader.optional("udp")?.floodLimit() ?? udp
        icmp = try reader.optional("icmp")?.floodLimit() ?? icmp
        dns = try reader.optional("dns")?.floodLimit() ?? dns
        other = try reader.optional("other")?.floodLimit() ?? other
        quarantineSeconds = try reader.optional("quarantine")?.seconds(0...31_536_000) ?? quarantineSeconds
        try reader.finish()
    }
}

extension ConfigurationValue {
    /// Packets a second.
    fileprivate func floodLimit() throws(ConfigurationError) -> UInt32 {
        UInt32(truncatingIfNeeded: try unsigned(0...UInt64(PolicyLimits.rate)))
    }
}

extension AgentConfiguration.Scan {
    init(reading mapping: MappingReader) throws(ConfigurationError) {
        self.init()
        var reader = mapping
        destinations = try reader.optional("destinations")?.unsigned(2...65_536) ?? destinations
        withinSeconds = try reader.optional("within")?.seconds(1...3600) ?? withinSeconds
        quarantineSeconds = try reader.optional("quarantine")?.seconds(0...31_536_000) ?? quarantineSeconds
        try reader.finish()
    }
}

extension ConfigurationValue {
    /// A name of a network interface: 1 to 15 bytes (IFNAMSIZ of linux/if.h), no blank, no `/`.
    func interfaceName() throws(ConfigurationError) -> ByteString {
        let text = try text()
        let isValid =
            (1...15).contains(text.count) && text != "." && text != ".."
            && text.bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x2F && $0 != 0x3A }
        guard isValid else { throw mismatch(text, "a name of an interface, like br0") }
        return text
    }

    /// A site: 1 to 160 bytes, no `*`, no control characters.
    func siteName() throws(ConfigurationError) -> ByteString {
        let text = try text()
        guard (1...160).contains(text.count), text.bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != 0x2A }) else {
            throw mismatch(text, "a name of a site (1 to 160 characters, no *)")
        }
        return text
    }

    /// A raw Ed25519 public key: 64 hexadecimal digits.
    func publicKey() throws(ConfigurationError) -> [UInt8] {
        let text = try text()
        guard text.count == 64, let key = Hexadecimal.decode(text) else {
            throw mismatch(text, "a public key of 64 hexadecimal digits, as gatehousectl policy keygen prints it")
        }
        return key
    }
}
