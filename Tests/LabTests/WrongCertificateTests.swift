import Foundation
import Lab
import TestSupport
import Testing

/// Whatever a collector answers, the pair of key and certificate that works is not let go before another one works.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasWrongCollector, "needs a lab, the agent beside the tests, and GATEHOUSE_PEERS_PYTHON")
)
struct WrongCertificateTests {
    @Test(arguments: [
        ("refused", "the collector refused: no certificate today"),
        ("nonsense", "not a DER certificate"),
        ("empty", "not a DER certificate"),
        ("other-key", "is for another key"),
        ("other-gateway", "names another gateway"),
        ("ended", "has ended already"),
        ("other-authority", "not issued by the authority of this gateway"),
        ("forged", "not issued by the authority of this gateway"),
        ("unwelcome", "the connection with the new certificate failed"),
    ])
    func leavesTheOldOneInForce(answer: String, words: String) throws {
        let centre = try WrongCollector()
        defer { centre.lab.close() }
        try centre.start(answer)
        let before = try centre.pair()
        try centre.agent.start()
        let log = { "\(centre.agent.log)\n\(centre.process?.output ?? "")" }
        try Lab.wait(within: 30, for: "an incident to be reported; \(log())") {
            centre.happenings("incident").contains { $0["kind"] as? String == "renewal" }
        }
        let incident = try #require(centre.happenings("incident").first { $0["kind"] as? String == "renewal" })
        let summary = incident["summary"] as? String ?? ""
        #expect(summary.contains(words) && summary.contains("the present one goes on"), "\(summary)")
        #expect(incident["isNew"] as? Bool == false, "it came over the connection of the old certificate")
        #expect(centre.happenings("renew").map { $0["valid"] as? Bool } == [true])
        #expect(Set(centre.welcomed) == [centre.serial])
        #expect(try centre.agent.isConnected())
        #expect(try centre.agent.serial() == centre.serial)
        // A busy computer may leave the agent too little time to answer at once.
        try Lab.wait(within: 30, for: "the agent to count one failure; \(log())") {
            try centre.agent.counter("certificate.failures") == 1
        }
        #expect(try centre.pair() == before)
        #expect(try centre.keyFiles() == ["gateway.pem"])
    }

    /// The control: what is refused above is refused for its fault, not for where it came from.
    @Test func aRightAnswerIsTaken() throws {
        let centre = try WrongCollector()
        defer { centre.lab.close() }
        try centre.start("good")
        let before = try centre.pair()
        try centre.agent.start()
        try Lab.wait(within: 30, for: "the new certificate; \(centre.agent.log)") {
            try centre.agent.counter("certificate.renewals") == 1
        }
        #expect(centre.welcomed.first == centre.serial)
        #expect(centre.welcomed.count == 2 && centre.welcomed.last != centre.serial)
        #expect(try centre.agent.serial() == centre.welcomed.last)
        #expect(try centre.pair() != before)
        #expect(try centre.keyFiles() == ["gateway.pem"])
    }

    /// As after a boot in 1970: by the gateway's own clock its certificate, and the collector's, begin in ten years.
    @Test func aGatewayWhoseClockIsBehindGoesByTheCollectors() throws {
        let centre = try WrongCollector(aheadSeconds: 10 * 365 * 86_400)
        defer { centre.lab.close() }
        try centre.start("good")
        try centre.agent.start()
        try Lab.wait(within: 30, for: "the new certificate; \(centre.agent.log)") {
            try centre.agent.counter("certificate.renewals") == 1
        }
        #expect(centre.welcomed.count == 2 && centre.welcomed.last != centre.serial)
        // Again from the disk, with the time floor there.
        try centre.agent.kill()
        try centre.agent.start()
        try Lab.wait(within: 30, for: "the agent to connect again; \(centre.agent.log)") {
            try centre.agent.isConnected()
        }
        #expect(centre.welcomed.count == 3)
    }

    /// A collector told a time of the next century, before its clock was set right: the floor is of no harm.
    @Test func aFloorInTheFutureStopsNothing() throws {
        let centre = try WrongCollector()
        defer { centre.lab.close() }
        try Data("4102444800\n".utf8).write(to: centre.agent.state.appendingPathComponent("time-floor"))
        try centre.start("good")
        try centre.agent.start()
        try Lab.wait(within: 30, for: "the new certificate; \(centre.agent.log)") {
            try centre.agent.counter("certificate.renewals") == 1
        }
        #expect(centre.welcomed.count == 2 && centre.welcomed.last != centre.serial)
    }

    /// The power goes while the new pair is on the disk and not proved.
    @Test func aRenewalThatIsCutShortLeavesAPairThatWorks() throws {
        let centre = try WrongCollector()
        defer { centre.lab.close() }
        try centre.start("mute")
        let before = try centre.pair()
        try centre.agent.start()
        try Lab.wait(within: 30, for: "a connection with the new certificate; \(centre.agent.log)") {
            centre.happenings("hello").contains { $0["isNew"] as? Bool == true }
        }
        #expect(try centre.keyFiles() == ["gateway.pem", "gateway.pending.pem"])
        let pending = centre.agent.state.appendingPathComponent("gateway.pending.pem").path
        let attributes = try FileManager.default.attributesOfItem(atPath: pending)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        try centre.agent.kill()
        #expect(try centre.pair() == before)

        try centre.agent.start()
        try Lab.wait(within: 30, for: "the agent to connect again; \(centre.agent.log)") {
            centre.welcomed.count >= 2
        }
        #expect(centre.welcomed.allSatisfy { $0 == centre.serial })
        // It tries anew, with another pair.
        try Lab.wait(within: 30, for: "another request") { centre.happenings("renew").count >= 2 }
        #expect(try centre.pair() == before)
    }

    /// The collector takes the old connection for dead when the new one says hello, and then does not welcome it.
    @Test func aConnectionThatIsNeverWelcomedIsGivenUp() throws {
        let centre = try WrongCollector()
        defer { centre.lab.close() }
        try centre.start("mute-alone")
        let before = try centre.pair()
        try centre.agent.start()
        try Lab.wait(within: 60, for: "the agent to come back with the old certificate; \(centre.agent.log)") {
            centre.welcomed.count >= 2
        }
        #expect(centre.welcomed.allSatisfy { $0 == centre.serial })
        try Lab.wait(within: 30, for: "the incident") {
            centre.happenings("incident").contains {
                ($0["summary"] as? String)?.contains("did not welcome") == true
            }
        }
        #expect(try centre.pair() == before)
        #expect(try centre.keyFiles() == ["gateway.pem"])
    }
}
