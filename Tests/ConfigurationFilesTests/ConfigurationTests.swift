import ConfigurationFiles
import NetworkTypes
import Policy
import Testing

@Suite struct AgentConfigurationTests {
    static let minimal = """
        collector: { host: Collector.example.com }
        interfaces: { devices: [br0, wlan0], uplink: eth0 }

        """

    static func read(_ text: String) throws(ConfigurationError) -> AgentConfiguration {
        try AgentConfiguration(reading: Array(text.utf8), file: "agent.yaml")
    }

    static func message(_ text: String) -> String? {
        do throws(ConfigurationError) {
            _ = try read(text)
            return nil
        } catch {
            return error.description
        }
    }

    /// The path of a file of the repository, from this file's.
    static func sample(_ path: String) throws -> [UInt8] {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return try YAMLParser.read(file: ByteString(utf8: "/\(root)/\(path)"))
    }

    @Test func minimalHasTheDefaults() throws {
        var expected = AgentConfiguration()
        expected.collectorHost = "collector.example.com"
        expected.deviceInterfaces = ["br0", "wlan0"]
        expected.uplinkInterface = "eth0"
        #expect(try Self.read(Self.minimal) == expected)
    }

    /// The sample shows the defaults, so what it says and what the program does without it cannot differ.
    @Test func theSampleShowsTheDefaults() throws {
        let configuration = try AgentConfiguration(
            reading: try Self.sample("agent-config/agent.yaml"),
            file: "agent.yaml"
        )
        var expected = AgentConfiguration()
        expected.collectorHost = "collector.example.com"
        expected.deviceInterfaces = ["br0"]
        expected.uplinkInterface = "eth0"
        #expect(configuration == expected)
    }

    @Test func everyKey() throws {
        let text = """
            collector: { host: 192.0.2.1, agentPort: 65535 }
            interfaces: { devices: br0, uplink: eth0 }
            stateDirectory: /s
            knowledge: /k
            site: warehouse 7
            sysroot: /r
            bluetoothDiscovery: true
            recordFlows: false
            reports: { flows: false }
            dns: { port: 53, upstreams: [192.0.2.53, "192.0.2.54:5353", "[2001:db8::1]:53"], timeout: 500ms, blocklists: /b }
            notice: { port: 8080, contact: "it@example.com" }
            enforcement: { enabled: false, breakGlass: [192.0.2.0/24], timeServers: [2001:db8::2], confirmWithin: 2m }
            spool: { maximumBytes: 16MiB }
            scan: { destinations: 32, within: 5s, quarantine: 0s }
            probes: { enabled: false, confirm: [snmp-public, modbus] }
            trustedPolicyKeys: [d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a]
            logLevel: debug
            """
        let read = try Self.read(text)
        #expect(read.collectorHost == "192.0.2.1" && read.agentPort == 65535)
        #expect(read.stateDirectory == "/s" && read.knowledgeFile == "/k" && read.site == "warehouse 7")
        #expect(read.discoversBluetooth && !AgentConfiguration().discoversBluetooth)
        #expect(!read.recordsFlows && AgentConfiguration().recordsFlows)
        #expect(!read.reportsFlows && !AgentConfiguration().reportsFlows)
        #expect(try Self.read(Self.minimal + "reports: { flows: true }\n").reportsFlows)
        #expect(read.sysroot == "/r" && read.dns.port == 53 && read.dns.timeoutMilliseconds == 500)
        #expect(read.dns.blocklistFile == "/b")
        #expect(
            read.dns.upstreams.map { $0.byteString.text } == ["192.0.2.53:53", "192.0.2.54:5353", "[2001:db8::1]:53"]
        )
        #expect(read.notice.port == 8080 && read.notice.contact == "it@example.com")
        #expect(!read.enforcement.isEnabled)
        #expect(read.enforcement.breakGlass.map { $0.description } == ["192.0.2.0/24"])
        #expect(read.enforcement.timeServers.map { $0.description } == ["2001:db8::2"])
        #expect(read.enforcement.confirmWithinSeconds == 120)
        #expect(read.spoolMaximumBytes == 16 << 20)
        #expect(read.scan.destinations == 32 && read.scan.withinSeconds == 5 && read.scan.quarantineSeconds == 0)
        #expect(!read.probes.isEnabled && read.probes.confirmed.names == ["snmp-public", "modbus"])
        #expect(read.trustedPolicyKeys.count == 1 && read.trustedPolicyKeys[0].count == 32)
        #expect(read.logLevel == .debug)
    }

    @Test(arguments: [
        ("192.0.2.53", "192.0.2.53:53"), ("2001:db8::53", "[2001:db8::53]:53"),
        ("tls://192.0.2.53#DNS.example", "tls://192.0.2.53:853#dns.example"),
        ("tls://192.0.2.53:8853#dns.example", "tls://192.0.2.53:8853#dns.example"),
        ("tls://192.0.2.53", "tls://192.0.2.53:853#192.0.2.53"),
        ("tls://2001:db8::53#dns.example", "tls://[2001:db8::53]:853#dns.example"),
        ("tls://[2001:db8::53]#dns.example", "tls://[2001:db8::53]:853#dns.example"),
        ("tls://[2001:db8::53]:1853", "tls://[2001:db8::53]:1853#2001:db8::53"),
    ])
    func resolverIsReadWithItsPortAndItsName(text: String, expected: String) throws {
        let read = try Self.read(Self.minimal + "dns: { upstreams: [\"\(text)\"], authorities: /ca.pem }\n")
        #expect(read.dns.upstreams.map { $0.byteString.text } == [expected] && read.dns.authoritiesFile == "/ca.pem")
        #expect(read.dns.upstreams.first.flatMap { DNSUpstream($0.byteString) } == read.dns.upstreams.first)
    }

    static let errors: [(String, String)] = [
        ("colector: 1", "agent.yaml:3: unknown key \"colector\""),
        (
            "dns:\n  prot: 1",
            "agent.yaml:4: unknown key \"prot\" in dns; known here: port, timeout, failAfter,"
        ),
        ("dns: { port: 0 }", "agent.yaml:3: port: \"0\" is not a number from 1 to 65535"),
        ("dns: { port: 65536 }", "agent.yaml:3: port: \"65536\" is not a number from 1 to 65535"),
        ("dns: []", "agent.yaml:3: dns: must be a mapping, not a list"),
        ("dns:", "agent.yaml:3: dns: must be a mapping, not a text"),
        ("dns: { timeout: 5 }", "agent.yaml:3: timeout: \"5\" is not a time like 500ms, 60s, 5m, 1h or 30d"),
        ("dns: { timeout: 1h }", "agent.yaml:3: timeout: \"1h\" is not within what is allowed here"),
        ("dns: { upstreams: [x] }", "agent.yaml:3: upstreams: \"x\" is not a resolver, like 192.0.2.53,"),
        ("dns: { upstreams: [tls://dns.example] }", "agent.yaml:3: upstreams: \"tls://dns.example\" is not a resolver"),
        ("dns:\n  upstreams:\n    - tls://192.0.2.53#a..b", "agent.yaml:5: upstreams: \"tls://192.0.2.53#a..b\" is"),
        ("dns: { upstreams: [tls://192.0.2.53#a.b#c] }", "agent.yaml:3: upstreams: \"tls://192.0.2.53#a.b#c\" is not"),
        ("dns: { upstreams: [\"tls://192.0.2.53#\"] }", "agent.yaml:3: upstreams: \"tls://192.0.2.53#\" is not"),
        ("dns: { upstreams: [TLS://192.0.2.53] }", "agent.yaml:3: upstreams: \"TLS://192.0.2.53\" is not a resolver"),
        (
            "dns:\n  upstreams: [tls://192.0.2.53#a.b, 192.0.2.54]",
            "agent.yaml:4: upstreams: all of them tls://, or none: one in the clear would be asked whenever"
        ),
        ("notice: { contact: \"a\\nb\" }", "agent.yaml:3: contact: at most 200 bytes, on one line"),
        ("notice: { port: 10053 }", "agent.yaml:1: notice.port and dns.port are both 10053; they must differ"),
        ("dns: { authorities: x }", "agent.yaml:3: authorities: \"x\" is not a path that begins with /"),
        ("reports: { flow: true }", "agent.yaml:3: unknown key \"flow\" in reports; known here: flows"),
        ("reports: { flows: 1h }", "agent.yaml:3: flows: \"1h\" is not true or false"),
        ("recordFlows: false\nreports: { flows: true }", "agent.yaml:4: flows: is true, but recordFlows is false"),
        ("site:", "agent.yaml:3: site: has no value"),
        ("site: [a]", "agent.yaml:3: site: must be a text, not a list"),
        ("stateDirectory: x", "agent.yaml:3: stateDirectory: \"x\" is not a path that begins with /"),
        ("enforcement: { enabled: \"true\" }", "agent.yaml:3: enabled: \"true\" is not true or false"),
        ("enforcement: { enabled: yes }", "agent.yaml:3: enabled: \"yes\" is not true or false"),
        ("enforcement: { confirmWithin: 1s }", "agent.yaml:3: confirmWithin: \"1s\" is not within what is allowed"),
        ("enforcement: { confirmWithin: 11m }", "agent.yaml:3: confirmWithin: \"11m\" is not within what is allowed"),
        (
            "enforcement: { breakGlass: [192.0.2.1/24] }",
            "agent.yaml:3: breakGlass: \"192.0.2.1/24\" is not an address or"
        ),
        ("spool: { maximumBytes: 64MB }", "agent.yaml:3: maximumBytes: \"64MB\" is not a size like"),
        ("trustedPolicyKeys: [abc]", "agent.yaml:3: trustedPolicyKeys: \"abc\" is not a public key of 64"),
        ("logLevel: loud", "agent.yaml:3: logLevel: \"loud\" is not error, warning, info or debug"),
        ("collector: 1", "agent.yaml:3: key \"collector\" stands twice; the first is on line 1"),
    ]

    @Test(arguments: errors)
    func isAnError(text: String, expected: String) {
        let message = Self.message(Self.minimal + text + "\n")
        #expect(message?.hasPrefix(expected) == true, "\(message ?? "no error")")
    }

    @Test func whatMustBeThere() {
        #expect(Self.message("") == "agent.yaml:1: key \"collector\" is missing")
        #expect(Self.message("collector: {}") == "agent.yaml:1: collector: key \"host\" is missing")
        #expect(
            Self.message("collector: { host: a }\ninterfaces: { devices: [eth0], uplink: eth0 }")
                == "agent.yaml:2: uplink: is among the devices; it must be another interface"
        )
        #expect(
            Self.message("collector: { host: a }\ninterfaces: { devices: [], uplink: eth0 }")
                == "agent.yaml:2: devices: names no interface"
        )
        #expect(
            Self.message("collector: { host: \"a:8443\" }")?.hasPrefix("agent.yaml:1: host: \"a:8443\" is not a host")
                == true
        )
    }
}

@Suite struct CollectorConfigurationTests {
    @Test func theSampleShowsTheDefaults() throws {
        let bytes = try AgentConfigurationTests.sample("collector-config/collector.yaml")
        #expect(try CollectorConfiguration(reading: bytes, file: "collector.yaml") == CollectorConfiguration())
        #expect(try CollectorConfiguration(reading: [], file: "collector.yaml") == CollectorConfiguration())
    }

    @Test func everyKey() throws {
        let text = """
            stateDirectory: /s
            agentListener: { address: 192.0.2.1, port: 1 }
            httpsListener: { address: 192.0.2.2, port: 2, names: [c.example.com, 192.0.2.2] }
            trustDomain: example.org
            certificateLifetime: 1h
            serverCertificateLifetime: 7d
            knowledge: { recog: /r }
            flows: { keep: 7d }
            limits: { connections: 3, credits: 4, silence: 10s, handshakeTimeout: 5s, sessionLifetime: 1h }
            logLevel: error
            """
        let read = try CollectorConfiguration(reading: Array(text.utf8), file: "c")
        #expect(read.stateDirectory == "/s" && read.trustDomain == "example.org" && read.logLevel == .error)
        #expect(read.agentListener.byteString == "192.0.2.1:1" && read.httpsListener.byteString == "192.0.2.2:2")
        #expect(read.serverNames == ["c.example.com", "192.0.2.2"])
        #expect(read.certificateLifetimeSeconds == 3600 && read.serverCertificateLifetimeSeconds == 604_800)
        #expect(read.recogDirectory == "/r" && read.keepFlowsSeconds == 604_800)
        #expect(read.limits.connections == 3 && read.limits.credits == 4 && read.limits.silenceSeconds == 10)
        #expect(read.limits.handshakeTimeoutSeconds == 5 && read.limits.sessionLifetimeSeconds == 3600)
    }

    @Test(arguments: [
        ("x: 1", "c:1: unknown key \"x\"; known here: stateDirectory, agentListener"),
        ("limits: { credits: 0 }", "c:1: credits: \"0\" is not a number from 1 to 65536"),
        ("trustDomain: Example", "c:1: trustDomain: \"Example\" is not a trust domain"),
        ("knowledge: { recog: here }", "c:1: recog: \"here\" is not a path that begins with /"),
        ("knowledge: { recogs: /r }", "c:1: unknown key \"recogs\" in knowledge; known here: recog"),
        ("httpsListener: { names: [] }", "c:1: names: names nothing"),
        ("flows: { keep: 1m }", "c:1: keep: \"1m\" is not within"),
        ("flows: { kept: 1d }", "c:1: unknown key \"kept\" in flows; known here: keep"),
        ("certificateLifetime: 1s", "c:1: certificateLifetime: \"1s\" is not within"),
    ])
    func isAnError(text: String, expected: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try CollectorConfiguration(reading: Array(text.utf8), file: "c")
        }
        #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "")")
    }
}
