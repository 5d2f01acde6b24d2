import AgentCore
import NetworkTypes
import Policy
import Testing

/// A device may say where more is to be learnt of it; nobody else may be asked for it, and not everything of itself.
@Suite struct ProbeLocationTests {
    static let good: [(ByteString, UInt16, ByteString)] = [
        ("http://192.168.50.7/onvif/device_service", 80, "/onvif/device_service"),
        ("HTTP://192.168.50.7:49152/desc.xml?x=1", 49_152, "/desc.xml?x=1"), ("http://192.168.50.7", 80, "/"),
        ("http://192.168.50.7:8080?x", 8080, "/?x"),
    ]

    @Test(arguments: good)
    func ofTheSenderIsTaken(url: ByteString, port: UInt16, path: ByteString) throws {
        let location = try #require(ProbeLocation(url, of: ProbeTrial.address("192.168.50.7")))
        #expect(location.port == port && location.path == path)
    }

    @Test func ofVersionSix() throws {
        let address = ProbeTrial.address("2001:db8:50::7")
        #expect(ProbeLocation("http://[2001:db8:50::7]:8080/d", of: address)?.port == 8080)
        #expect(ProbeLocation("http://[2001:db8:50::7]/d", of: address)?.path == "/d")
        #expect(ProbeLocation("http://[2001:db8:50::8]/d", of: address) == nil)
    }

    static let bad: [ByteString] = [
        "", "http://", "http:///x", "https://192.168.50.7/x", "ftp://192.168.50.7/x", "192.168.50.7/x",
        "http://192.168.50.8/x", "http://router.example/x", "http://192.168.50.7@192.168.50.8/x",
        "http://192.168.50.8#@192.168.50.7/x", "http://192.168.50.8\\@192.168.50.7/",
        "http://127.0.0.1/x", "http://[::ffff:192.168.50.7]/x", "http://192.168.50.7:/x", "http://192.168.50.7:0/x",
        "http://192.168.50.7:65616/x", "http://192.168.50.7:80:81/x", "http://192.168.50.7:9100/x",
        "http://192.168.50.7:9107/",
        "http://192.168.50.7:515/x", "http://192.168.50.7:631/ipp", "http://192.168.50.7:502/x",
        "http://192.168.50.7:102/x",
        "http://192.168.50.7:44818/x", "http://192.168.50.7:47808/x", "http://192.168.50.7:25/x",
        "http://192.168.50.7:20000/", "http://192.168.50.7/a b", "http://192.168.50.7/x\r\nHost: evil",
        "http://0xC0A83207/",
    ]

    @Test(arguments: bad)
    func anythingElseIsNot(url: ByteString) {
        #expect(ProbeLocation(url, of: ProbeTrial.address("192.168.50.7")) == nil)
    }

    @Test func longPathsAreNot() {
        let url = ByteString(utf8: "http://192.168.50.7/" + String(repeating: "x", count: 256))
        #expect(ProbeLocation(url, of: ProbeTrial.address("192.168.50.7")) == nil)
    }

    private static func ssdp(_ location: String) -> ProbeResult {
        ProbeTrial.text(
            "HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nUSN: uuid:1::upnp:rootdevice\r\nLOCATION: \(location)\r\n\r\n"
        )
    }

    @Test func theDescriptionIsAskedForWhereTheSearchSaid() throws {
        var trial = try ProbeTrial([.upnp])
        trial.see()
        let asked = trial.run(seconds: 120) { exchange in
            exchange.step == .upnpSearch
                ? Self.ssdp("http://192.168.50.7:49152/d.xml")
                // Followed by nothing: neither what is moved nor what it says of others.
                : ProbeTrial.text("HTTP/1.1 302 Found\r\nLocation: http://192.168.50.7/other\r\n\r\n")
        }
        #expect(asked.map { $0.step } == [.upnpSearch, .upnpDescription])
        #expect(asked[1].port == 49_152 && asked[1].answerLimit == 256 << 10)
        #expect(ByteString(asked[1].request).hasPrefix("GET /d.xml HTTP/1.0\r\nHost: 192.168.50.7:49152\r\n"))
    }

    @Test(arguments: ["http://192.168.50.8:49152/d.xml", "http://192.168.50.7:9100/", "http://192.168.50.7:502/"])
    func elsewhereIsNot(location: String) throws {
        var trial = try ProbeTrial([.upnp])
        trial.see()
        #expect(trial.run(seconds: 300) { _ in Self.ssdp(location) }.map { $0.step } == [.upnpSearch])
        #expect(trial.agent.probeCounters.refusedLocations == 1)
    }

    @Test func noStepHasAForbiddenPort() {
        for step in ProbeStep.allCases { #expect(step.port.map { !ProbeKind.isForbidden(port: $0) } ?? true) }
        for port in [515, 631] + Array(9100...9107) as [UInt16] { #expect(ProbeKind.isForbidden(port: port)) }
        for port in [514, 516, 630, 632, 9099, 9108, 80] as [UInt16] { #expect(!ProbeKind.isForbidden(port: port)) }
    }
}
