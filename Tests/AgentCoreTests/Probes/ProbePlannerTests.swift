import AgentCore
import Fingerprinting
import NetworkTypes
import Policy
import Testing
import WireProtocol

/// The safety contract of DESIGN §9, as far as it is decided rather than sent.
@Suite struct ProbePlannerTests {
    @Test func withoutOptInNothingIsAsked() throws {
        var trial = try ProbeTrial([])
        trial.see()
        #expect(trial.run(seconds: 3 * 86_400).isEmpty)
        // No policy at all, and a gateway that does not want it.
        _ = trial.agent.adopt(nil)
        #expect(trial.run(seconds: 86_400).isEmpty)
        var settings = AgentSettings()
        settings.probesEnabled = false
        var unwilling = ProbeTrial(agent: Agent(settings: settings, knowledge: try ProbeTrial.knowledgeBase()))
        unwilling.agent.probeLinks = [ProbeTrial.link]
        unwilling.adopt(ProbeKind.allCases)
        unwilling.see()
        #expect(unwilling.run(seconds: 86_400).isEmpty)
        #expect(unwilling.agent.probeCounters.sent == 0)
    }

    @Test func onlyWhatThePolicyNamesIsAsked() throws {
        var trial = try ProbeTrial([.rtsp, .http])
        trial.see()
        let asked = trial.run(seconds: 600)
        // DESCRIBE waits for an answer to OPTIONS, which never comes.
        #expect(asked.map { $0.step } == [.http, .rtspOptions].sorted { $0.rawValue < $1.rawValue })
        #expect(asked.allSatisfy { $0.address == ProbeTrial.address("192.168.50.7") && $0.interface == "br0" })
    }

    @Test func aPolicyAloneCannotHaveASecretTriedNorAControllerAsked() throws {
        var trial = try ProbeTrial(ProbeKind.allCases)
        trial.see()
        let asked = trial.run(seconds: 600)
        #expect(!asked.isEmpty && !asked.contains { $0.step.kind.needsConfirmation })
        var confirmed = try ProbeTrial(ProbeKind.allCases, confirmed: [.snmpPublic])
        confirmed.see()
        let steps = confirmed.run(seconds: 600).map { $0.step }
        #expect(steps.contains(.snmp) && !steps.contains(.modbus) && !steps.contains(.bacnetWhoIs))
        // And the configuration alone cannot either.
        var alone = try ProbeTrial([.http], confirmed: ProbeKind.allCases)
        alone.see()
        #expect(alone.run(seconds: 600).map { $0.step } == [.http])
    }

    @Test func whatMayBeAControllerIsOnlyListenedTo() throws {
        var trial = try ProbeTrial(ProbeKind.allCases, confirmed: ProbeKind.allCases)
        // Too weak to name the class, strong enough to leave it alone.
        trial.see(ProbeTrial.camera, [Signal(.mdnsService, "_plc._tcp")])
        let key = DeviceKey(ProbeTrial.camera)
        #expect(trial.agent.registry[key]?.tracker.identity.deviceClass == .unknown)
        #expect(trial.run(seconds: 3600).isEmpty)
        // Outweighed by something else it stays so.
        trial.see(ProbeTrial.camera, [Signal(.mdnsService, "_camera._tcp")])
        #expect(trial.agent.registry[key]?.tracker.identity.deviceClass == .ipCamera)
        #expect(trial.run(seconds: 3600).isEmpty)
        // And one that is found out while it is asked is asked no more.
        var other = try ProbeTrial([.http, .ssh, .telnet])
        other.see()
        #expect(other.run(seconds: 21).count == 1)
        other.see(ProbeTrial.camera, [Signal(.mdnsService, "_plc._tcp")])
        #expect(other.run(seconds: 3600).isEmpty)
    }

    @Test func itListensBeforeItAsks() throws {
        var trial = try ProbeTrial([.http])
        trial.see()
        #expect(trial.run(seconds: ProbeLimits.settleMilliseconds / 1000 - 1).isEmpty)
        #expect(trial.run(seconds: 10).count == 1)
    }

    static let elsewhere: [(String, ByteString?, ByteString)] = [
        ("no address", nil, "br0"), ("the internet", "203.0.113.9", "br0"),
        ("another interface", "192.168.50.7", "wan0"),
        ("the gateway itself", "192.168.50.1", "br0"), ("link-local", "fe80::1", "br0"),
        ("another network", "192.168.51.7", "br0"),
    ]

    @Test(arguments: elsewhere)
    func nothingLeavesTheDevicesOwnLink(what: String, address: ByteString?, interface: ByteString) throws {
        var trial = try ProbeTrial(ProbeKind.allCases)
        trial.see(at: address, interface: interface)
        #expect(trial.run(seconds: 300, keepsSeeing: false).isEmpty, "\(what)")
    }

    @Test func anAddressThatTwoDevicesClaimIsNotAskedUntilItsHolderAnswered() throws {
        var trial = try ProbeTrial([.http])
        trial.see()
        trial.see(MACAddress(rawValue: 0x3CEF_8C01_0203))
        #expect(trial.run(seconds: 300, keepsSeeing: false).isEmpty)
        let exchanges = trial.run(seconds: 300)
        #expect(!exchanges.isEmpty && exchanges.allSatisfy { $0.device == DeviceKey(ProbeTrial.camera) })
    }

    @Test func absentAndQuarantinedDevicesAreNotAsked() throws {
        var trial = try ProbeTrial([.http])
        trial.see()
        trial.now += ProbeLimits.absentMilliseconds + 1
        #expect(trial.run(seconds: 60, keepsSeeing: false).isEmpty)
        _ = trial.agent.quarantine(ProbeTrial.camera, reason: "scan", seconds: 100_000, now: trial.time)
        #expect(trial.run(seconds: 60).isEmpty)
    }

    static let unwilling: [(String, ProbeResult)] = [
        ("401", ProbeTrial.text("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n")),
        ("403", ProbeTrial.text("HTTP/1.1 403 Forbidden\r\n\r\n")), ("reset", ProbeResult(.reset)),
        ("reset after an answer", ProbeTrial.text("HTTP/1.1 200 OK\r\n\r\n", .reset)),
    ]

    @Test(arguments: unwilling)
    func whoResetsOrAnswers401IsLeftAlone(what: String, result: ProbeResult) throws {
        var trial = try ProbeTrial([.http, .rtsp, .mqtt, .telnet])
        trial.see()
        var isOver = false
        let asked = trial.run(seconds: 29 * 86_400) { exchange in
            if exchange.step == .rtspOptions { isOver = true }
            return exchange.step == .rtspOptions ? result : ProbeResult(.timedOut)
        }
        #expect(isOver && asked.last?.step == .rtspOptions, "\(what)")
        #expect(trial.agent.probeCounters.leftAlone == 1)
        // Also after a restart, which has nothing but the report on disk.
        let report = try #require(trial.agent.registry[DeviceKey(ProbeTrial.camera)].map { DeviceReport($0) })
        var again = try ProbeTrial([.http, .rtsp, .mqtt, .telnet])
        again.now = trial.now - 20 * 86_400_000
        again.agent.remember(report, now: again.time)
        #expect(again.records() != [] && again.run(seconds: 86_400).isEmpty)
    }

    @Test func aClosedPortIsNotKnockedAtAgain() throws {
        var trial = try ProbeTrial([.http]) { $0.everySeconds = 86_400 }
        trial.see()
        let asked = trial.run(seconds: 8 * 86_400) { _ in ProbeResult(.closed) }
        #expect(asked.count == 1)
        #expect(trial.run(seconds: 2 * 86_400).count == 1)
    }

    @Test func silenceIsAnsweredByWaitingLonger() throws {
        var trial = try ProbeTrial([.coap]) { $0.everySeconds = 3600 }
        trial.see()
        // After 2, 4, 8, 8 hours, each with up to an eighth of an hour.
        #expect(trial.run(seconds: 3600 * 2).count == 1)
        #expect(trial.run(seconds: 3600 * 24).count == 4)
        var answering = try ProbeTrial([.coap]) { $0.everySeconds = 3600 }
        answering.see()
        let asked = answering.run(seconds: 86_400) { _ in
            var result = ProbeResult(.finished)
            result.parts = [[0x50, 0x45, 0x47, 0x48, 0xC1, 40, 0xFF] + Array("</a>".utf8)]
            return result
        }
        #expect((21...24).contains(asked.count))
    }

    @Test func theHourAndTheDayAreBounded() throws {
        var trial = try ProbeTrial(ProbeKind.allCases) { $0.exchangesPerHour = 3 }
        trial.see()
        #expect(trial.run(seconds: 3600).count == 3)
        #expect(trial.agent.probeCounters.overBudget > 0)
        // The next hour begins with its first exchange.
        #expect(trial.run(seconds: 3500).count == 3)

        var bytes = try ProbeTrial([.http, .telnet, .ssh]) { $0.bytesPerDay = 4096 }
        bytes.see()
        var limits: [Int] = []
        let asked = bytes.run(seconds: 3600) { exchange in
            limits.append(exchange.answerLimit)
            return ProbeTrial.text(String(repeating: "x", count: exchange.answerLimit))
        }
        let sum = asked.reduce(0) { $0 + $1.request.count } + limits.reduce(0, +)
        #expect(asked.count == 3 && sum == 4096, "the last answer is cut to what the day has left")
    }

    @Test func exchangesOfAGatewayAreSpreadAndFew() throws {
        var trial = try ProbeTrial([.http])
        for index in 0..<50 {
            trial.see(MACAddress(rawValue: 0x0200_0000_0000 + UInt64(index)), at: "192.168.50.\(100 + index)")
        }
        trial.now += ProbeLimits.settleMilliseconds
        // Not finished: no more than four at a time, whatever the time.
        var open: [ProbeExchange] = []
        for _ in 0..<100 {
            trial.now += 500
            if let exchange = trial.agent.nextProbe(now: trial.time) { open.append(exchange) }
        }
        #expect(open.count == ProbeLimits.inFlight)
        #expect(Set(open.map { $0.device }).count == ProbeLimits.inFlight)
        for exchange in open { _ = trial.agent.finishProbe(exchange, ProbeResult(.timedOut), now: trial.time) }
        let rest = trial.run(seconds: 120, keepsSeeing: false)
        #expect(rest.count == 46)
    }

    @Test func whatWasSentIsInTheEvidence() throws {
        var trial = try ProbeTrial([.http, .ssh])
        trial.see()
        let asked = trial.run(seconds: 60) { exchange in
            exchange.step == .ssh
                ? ProbeTrial.text("SSH-2.0-dropbear_2019.78\r\n")
                : ProbeTrial.text("HTTP/1.0 200 OK\r\nServer: x\r\nContent-Type: text/html\r\n\r\n<title>A</title>")
        }
        #expect(asked.map { $0.step } == [.ssh, .http])
        let report = try #require(trial.agent.registry[DeviceKey(ProbeTrial.camera)].map { DeviceReport($0) })
        let evidence = report.evidence.filter { $0.signal.hasPrefix("probe.") }
        #expect(evidence.map { $0.signal } == ["probe.ssh", "probe.http"])
        #expect(evidence[0].value.text.hasPrefix("tcp/22 sent 0 received 26 at 17640000"))
        #expect(evidence[1].value.text.hasSuffix(" answered"))
        #expect(evidence.compactMap { ProbeRecord($0) } == trial.records())
        let sent = asked[1].request.count
        #expect(evidence[1].value.text.contains("sent \(sent) "))
        #expect(trial.agent.probeCounters.answered == 2)
    }

    @Test func recordsAreReadBackOrNotAtAll() {
        for step in ProbeStep.allCases {
            for outcome in ProbeRecord.Outcome.allCases {
                let record = ProbeRecord(
                    step: step,
                    port: 65_535,
                    sentBytes: 1,
                    receivedBytes: .max,
                    atSeconds: 1_764_000_000,
                    outcome: outcome
                )
                #expect(ProbeRecord(record.evidence) == record)
            }
        }
        var evidence = EvidenceReport()
        evidence.signal = "probe.http"
        for value in [
            "", "tcp/80", "tcp/80 sent x received 1 at 1 answered", "tcp/99999 sent 1 received 1 at 1 answered",
            "tcp/80 sent 1 received 1 at 1 pleased", "tcp/80 sent 1 received 1 at 1 answered ",
        ] {
            evidence.value = ByteString(utf8: value)
            #expect(ProbeRecord(evidence) == nil, "\(value)")
        }
    }
}
