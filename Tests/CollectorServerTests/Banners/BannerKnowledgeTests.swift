import CollectorAPI
import CollectorCore
import Foundation
import Logging
import Recog
import TestSupport
import Testing

@testable import CollectorServer

/// Which banners are asked about, in which form, and what is remembered and counted.
@Suite struct BannerKnowledgeTests {
    static let files = [
        "http_servers.xml": """
        <fingerprints matches="http_header.server" protocol="http">
          <fingerprint pattern="^(a+)+$"><description>Runs away</description></fingerprint>
          <fingerprint pattern="^Odd$"><description>Says nothing</description></fingerprint>
          <fingerprint pattern="^lighttpd/(\\S+)$" certainty="0.9">
            <description>lighttpd</description>
            <param pos="0" name="service.vendor" value="lighttpd"/>
            <param pos="0" name="service.product" value="lighttpd"/>
            <param pos="1" name="service.version"/>
            <param pos="0" name="service.cpe23" value="cpe:/a:lighttpd:lighttpd:{service.version}"/>
          </fingerprint>
        </fingerprints>
        """,
        "http_wwwauth.xml": """
        <fingerprints matches="http_header.wwwauth" protocol="http">
          <fingerprint pattern="^Digest realm=&quot;(DCS-[^&quot;]+)&quot;$">
            <description>D-Link camera</description>
            <param pos="0" name="hw.vendor" value="D-Link"/>
            <param pos="1" name="hw.product"/>
          </fingerprint>
        </fingerprints>
        """,
    ]

    static func knowledge(_ body: (BannerKnowledge, CollectorFigures) throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            for (name, text) in files { try directory.appending(path: name).write(text) }
            let figures = CollectorFigures()
            let library = try RecogLibrary(reading: directory.path)
            #expect(library.problems.isEmpty)
            try body(BannerKnowledge(library: library, figures: figures, log: Logger(label: "test")), figures)
        }
    }

    private static func evidence(_ pairs: (String, String)...) -> [EvidenceRecord] {
        pairs.map { EvidenceRecord(signal: $0.0, value: $0.1, says: "", weight: 0) }
    }

    private static func banners(_ pairs: (String, String)...) -> [ReportedBanner] {
        ReportedBanner.banners(in: pairs.map { EvidenceRecord(signal: $0.0, value: $0.1, says: "", weight: 0) })
    }

    @Test(arguments: [
        ("http.server", "a", ["http_header.server"], ["a"]),
        (
            "http.realm", #"a "b" \"#, ["http_header.wwwauth"],
            [#"Basic realm="a \"b\" \\""#, #"Digest realm="a \"b\" \\""#]
        ),
        ("ssdp.server", "a", ["ssdp_header.server", "http_header.server"], ["a"]),
        ("sip.userAgent", "a", ["sip_header.user_agent", "sip_header.server"], ["a"]),
        ("sip.server", "a", ["sip_header.server", "sip_header.user_agent"], ["a"]),
        ("mdns.text", "_device-info._tcp model=J1", ["mdns.device-info.txt"], ["model=J1"]),
        ("tls.subjectName", "a, b", ["x509.subject"], [#"CN=a\, b"#]),
        ("dhcp.vendorClass", "a", ["dhcp_vendor_class"], ["a"]), ("ssh.server", "a", ["ssh.banner"], ["a"]),
        ("rtsp.server", "a", ["rtsp_header.server"], ["a"]), ("http.title", "a", ["html_title"], ["a"]),
        ("snmp.description", "a", ["snmp.sys_description"], ["a"]),
        ("snmp.objectID", "1.2", ["snmp.sys_object_id"], ["1.2"]),
    ])
    func bannersHaveTheFormOfTheirDatabase(_ signal: String, _ value: String, _ databases: [String], _ forms: [String])
    {
        let banners = Self.banners((signal, value))
        #expect(banners.map(\.databases) == [databases])
        #expect(banners.map(\.forms) == [forms])
    }

    @Test func whatIsNoBannerIsNotAskedAbout() {
        #expect(Self.banners(("mdns.text", "_hap._tcp md=x"), ("mac.block", "accc8e"), ("http.userAgent", "x")).isEmpty)
        #expect(Self.banners(("http.server", "a"), ("http.server", "a"), ("http.server", "b")).count == 2)
    }

    @Test func aSubjectIsPutTogetherOfOneCertificate() {
        let one = Self.banners(("tls.subjectOrganization", "Org "), ("tls.subjectName", "n"), ("tls.subjectUnit", "#u"))
        #expect(one.map(\.forms) == [[##"CN=n,OU=\#u,O=Org\ "##]])
        #expect(
            Self.banners(("tls.subjectName", "n"), ("tls.subjectName", "m"), ("tls.subjectOrganization", "o")).isEmpty
        )
    }

    @Test func whatIsSaidNamesItsFingerprint() async throws {
        try await Self.knowledge { knowledge, figures in
            let said = knowledge.ask(
                Self.banners(
                    ("http.server", "lighttpd/1.4.54"),
                    ("http.server", "Odd"),
                    ("http.server", "unknown"),
                    ("http.realm", "DCS-930L"),
                    ("ssh.server", "dropbear_2019.78")
                )
            )
            #expect(
                said == [
                    BannerResource(
                        signal: "http.server",
                        banner: "lighttpd/1.4.54",
                        database: "http_header.server",
                        source: "http_servers.xml:4",
                        fingerprint: "lighttpd",
                        says: [
                            .init(
                                subject: "service",
                                vendor: "lighttpd",
                                product: "lighttpd",
                                version: "1.4.54",
                                cpe: "cpe:/a:lighttpd:lighttpd:1.4.54",
                                certainty: 0.9
                            )
                        ]
                    ),
                    BannerResource(
                        signal: "http.realm",
                        banner: "Digest realm=\"DCS-930L\"",
                        database: "http_header.wwwauth",
                        source: "http_wwwauth.xml:2",
                        fingerprint: "D-Link camera",
                        says: [
                            .init(
                                subject: "hw",
                                vendor: "D-Link",
                                product: "DCS-930L",
                                version: nil,
                                cpe: nil,
                                certainty: nil
                            )
                        ]
                    ),
                ]
            )
            #expect(figures.value(.recogFingerprints) == 4)
        }
    }

    @Test func aBannerIsLookedUpOnce() async throws {
        try await Self.knowledge { knowledge, figures in
            let banners = Self.banners(("http.server", "lighttpd/1.4.54"), ("http.server", "unknown"))
            let first = knowledge.ask(banners)
            #expect(figures.value(.recogSearches) == 2)
            for _ in 0..<10 { #expect(knowledge.ask(banners) == first) }
            #expect(figures.value(.recogSearches) == 2)
        }
    }

    @Test func whatRunsAwayIsCountedAndTheRestIsStillSaid() async throws {
        try await Self.knowledge { knowledge, figures in
            let banners = Self.banners(
                ("http.server", String(repeating: "a", count: 250) + "!"),
                ("http.server", "lighttpd/1.4.54")
            )
            #expect(knowledge.ask(banners, time: .seconds(60)).map(\.source) == ["http_servers.xml:4"])
            #expect(figures.value(.recogLimitHits) == 1)
            // Remembered: a device that sends it costs once.
            _ = knowledge.ask(banners, time: .seconds(60))
            #expect(figures.value(.recogLimitHits) == 1)
        }
    }

    @Test func whatThereIsNoTimeForIsCountedAndAskedAgain() async throws {
        try await Self.knowledge { knowledge, figures in
            let banners = Self.banners(("http.server", "lighttpd/1.4.54"))
            #expect(knowledge.ask(banners, time: .zero).isEmpty)
            #expect(figures.value(.recogOutOfTime) == 1)
            #expect(knowledge.ask(banners, time: .seconds(60)).count == 1)
        }
    }

    @Test func theCacheForgetsTheOldest() {
        var cache = BannerCache()
        let often = BannerCache.Key(database: "d", banner: "often")
        for index in 0..<10 * BannerCache.maximumEntries {
            let key = BannerCache.Key(database: "d", banner: "\(index)")
            #expect(cache.match(for: key) == nil)
            cache.keep(nil, for: key)
            #expect(cache.match(for: key) == .some(nil))
            if index % 100 == 0 {
                if index > 0 {
                    #expect(cache.match(for: often) == .some(nil), "\(index)")
                } else {
                    cache.keep(nil, for: often)
                }
            }
            #expect(cache.count <= 2 * BannerCache.maximumEntries)
        }
        #expect(cache.match(for: BannerCache.Key(database: "d", banner: "1")) == nil)
    }
}
