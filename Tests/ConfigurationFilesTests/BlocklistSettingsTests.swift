import ConfigurationFiles
import NetworkTypes
import Testing

/// `blocklists` of collector.yaml, and the addresses in it.
@Suite struct BlocklistSettingsTests {
    private static func read(_ text: String) throws(ConfigurationError) -> BlocklistSettings? {
        try CollectorConfiguration(reading: Array(text.utf8), file: "collector.yaml").blocklists
    }

    @Test func everyKeyIsRead() throws {
        let hash = String(repeating: "ab", count: 32)
        let settings = try Self.read(
            """
            blocklists:
              every: 12h
              maximumBytes: 4MiB
              timeout: 30s
              redirects: 1
              authorities: /etc/gatehouse/lists.pem
              sources:
                - { name: malware, url: "https://Lists.example/hosts.txt?full=1", format: hosts }
                - { name: malware, url: "http://127.0.0.1:8080/own" }
                - { name: tracking, url: "http://lists.example/fixed", sha256: \(hash), format: rules }
            """
        )
        let found = try #require(settings)
        #expect(found.everySeconds == 43_200 && found.maximumBytes == 4 << 20 && found.timeoutSeconds == 30)
        #expect(found.redirects == 1 && found.authoritiesFile == "/etc/gatehouse/lists.pem")
        #expect(found.sources.map(\.name) == ["malware", "malware", "tracking"])
        #expect(found.sources.map(\.format) == [.hosts, .any, .rules])
        #expect(found.sources[0].address.byteString == "https://lists.example/hosts.txt?full=1")
        #expect(found.sources[2].hash == [UInt8](repeating: 0xAB, count: 32))
        #expect(try Self.read("logLevel: info\n") == nil)
    }

    @Test(arguments: [
        ("{ name: a, url: \"http://lists.example/x\" }", "is not https://"),
        ("{ name: a, url: \"http://192.0.2.1/x\" }", "is not https://"),
        ("{ name: a, url: \"ftp://lists.example/x\" }", "an address that begins with https://"),
        ("{ name: a, url: \"https://user@lists.example/x\" }", "an address that begins with https://"),
        ("{ name: Ä, url: \"https://lists.example/x\" }", "of a-z 0-9"),
        ("{ name: abcdefghijklmnopqrstuvwxyz0123456, url: \"https://lists.example/x\" }", "of a-z 0-9"),
        ("{ name: a, url: \"https://lists.example/x\", format: xml }", "any, hosts, names or rules"),
        ("{ name: a, url: \"https://lists.example/x\", sha256: abcd }", "64 hexadecimal digits"),
        ("{ name: a, url: \"https://lists.example/x\", other: 1 }", "other"),
        ("{ url: \"https://lists.example/x\" }", "name"), ("{ name: a }", "url"),
    ])
    func whatIsWrongIsSaidWithItsLine(_ source: String, _ words: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try Self.read("blocklists:\n  sources:\n    - \(source)\n")
        }
        #expect(
            error.map { "\($0)".contains(words) && "\($0)".contains("collector.yaml:3") } == true,
            "\(error as Any)"
        )
    }

    /// What the sample shows in comments can be taken as it stands, and says the defaults.
    @Test func theSampleIsGood() throws {
        let lines = String(
            decoding: try AgentConfigurationTests.sample("collector-config/collector.yaml"),
            as: UTF8.self
        )
        .split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "# blocklists:"))
        let block = lines[start...].prefix { !$0.isEmpty }.map { $0.dropFirst(2) }
        let settings = try #require(try Self.read(block.joined(separator: "\n") + "\n"))
        var expected = BlocklistSettings()
        expected.sources = settings.sources
        #expect(settings == expected && settings.sources.count == 2)
    }

    @Test func noSourceAndTheSameTwiceAreErrors() {
        let same = "- { name: a, url: \"https://lists.example/x\" }"
        for text in [
            "blocklists: { every: 1h }\n", "blocklists:\n  sources: []\n",
            "blocklists:\n  sources:\n    \(same)\n    \(same)\n",
            "blocklists:\n  every: 1s\n  sources:\n    \(same)\n",
        ] {
            #expect(throws: ConfigurationError.self) { try Self.read(text) }
        }
    }

    @Test(
        arguments: [
            ("https://a.example", "a.example", 443, "/"), ("http://a.example:80/", "a.example", 80, "/"),
            ("https://A.example:8443/x?y=z", "a.example", 8443, "/x?y=z"),
            ("https://192.0.2.1?q", "192.0.2.1", 443, "/?q"),
            ("https://[2001:DB8::1]:444/p", "2001:db8::1", 444, "/p"), ("https://[::1]/", "::1", 443, "/"),
        ] as [(String, String, UInt16, String)]
    )
    func addressesAreTakenApart(_ text: String, _ host: String, _ port: UInt16, _ target: String) throws {
        let address = try #require(WebAddress(ByteString(utf8: text)))
        #expect(address.host.text == host && address.port == port && address.target.text == target)
        #expect(WebAddress(address.byteString) == address)
    }

    @Test(arguments: [
        "", "https://", "https:///x", "http//a.example", "https://a.example:0/", "https://a.example:65536/",
        "https://a.example:/", "https://[::1/", "https://[::1]x/", "https://[192.0.2.1]/", "https://a.example/#f",
        "https://a..example/", "https://a.example/a b", "https://a.example\\x", "HTTPS//", "https://u:p@a.example/",
    ])
    func whatIsNoAddressIsNone(_ text: String) { #expect(WebAddress(ByteString(utf8: text)) == nil) }

    @Test(arguments: [
        ("https://b.example/y", "https://b.example/y"), ("//b.example/y", "https://b.example/y"),
        ("/y?z", "https://a.example:8443/y?z"), ("y", "https://a.example:8443/folder/y"),
        ("/y#part", "https://a.example:8443/y"), ("http://b.example/", "http://b.example/"),
    ])
    func redirectsAreFollowed(_ location: String, _ expected: String) throws {
        let here = try #require(WebAddress("https://a.example:8443/folder/x?q=/1"))
        #expect(here.following(ByteString(utf8: location))?.byteString.text == expected)
        #expect(here.following("/a b") == nil && here.following("ftp://b.example/") == nil)
    }
}
