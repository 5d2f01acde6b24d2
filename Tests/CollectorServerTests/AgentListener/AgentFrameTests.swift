import CollectorCore
import CollectorTestSupport
import NetworkTypes
import Storage
import TestSupport
import Testing
import WireProtocol

@testable import CollectorServer

/// What an agent must not send, said by `openssl s_client`: the connection is closed with the right code and words.
@Suite struct AgentFrameTests {
    /// What is sent after the upgrade, and how the connection is closed.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: UInt16
        let words: String
        let add: @Sendable (inout AgentByHand) -> Void

        init(
            _ name: String,
            _ code: UInt16,
            _ words: String,
            greeted: Bool = true,
            _ add: @escaping @Sendable (inout AgentByHand) -> Void
        ) {
            testDescription = name
            self.code = code
            self.words = words
            self.add = { agent in
                if greeted {
                    agent.addHello()
                    agent.waitForWelcome()
                }
                add(&agent)
            }
        }
    }

    private static func incident(_ epoch: UInt64, _ sequence: UInt64) -> Report {
        var incident = IncidentReport()
        incident.kind = "scan"
        return Report(
            bootEpoch: epoch,
            sequence: sequence,
            severity: .notice,
            timeMilliseconds: 1,
            body: .incident(incident)
        )
    }

    private static func reports(_ reports: Report...) -> AgentMessage { .reports(ReportBatch(reports)) }

    /// The head of a masked frame that says it has 64 MiB.
    private static let hugeHead: [UInt8] = [0x82, 0xFF, 0, 0, 0, 0, 0x04, 0, 0, 0, 1, 2, 3, 4]

    static let frames: [Case] = [
        Case("a text message", 1002, "a text message; gatehouse.v1 is binary") { $0.add(.text, Array("hello".utf8)) },
        Case("no mask", 1002, "a frame without a mask") { $0.add([0x82, 0x01, 0xA0]) },
        Case("a reserved bit", 1002, "a reserved bit is set") { $0.add([0xC2, 0x81, 1, 2, 3, 4, 0xA1]) },
        Case("an unknown opcode", 1002, "an unknown opcode") { $0.add([0x83, 0x81, 1, 2, 3, 4, 0xA1]) },
        Case("a continuation of nothing", 1002, "a continuation of nothing") { $0.add(.continuation, [1]) },
        Case("a message within a message", 1002, "a new message within a message") { agent in
            agent.add(.binary, [0xA2], isFinal: false)
            agent.add(.binary, [0xA2])
        },
        Case("64 MiB in one frame", 1009, "message longer than 1048576 bytes") { $0.add(hugeHead) },
        Case("more than 1 MiB in fragments", 1009, "message longer than 1048576 bytes") { agent in
            agent.add(.binary, [UInt8](repeating: 0, count: 1 << 19), isFinal: false)
            agent.add(.continuation, [UInt8](repeating: 0, count: 1 << 19), isFinal: false)
            agent.add(.continuation, [0])
        },
    ]

    static let messages: [Case] = [
        Case("no CBOR", 1007, "message cannot be decoded") { $0.add(.binary, [0xFF, 0xFF]) },
        Case("nothing", 1007, "message cannot be decoded") { $0.add(.binary, []) },
        Case("CBOR 10,000 deep", 1008, "message cannot be decoded: limitExceeded at byte") { agent in
            agent.add(.binary, [0xA2, 0x01, 0x02, 0x18, 0x63] + [UInt8](repeating: 0x81, count: 10_000) + [0])
        },
        Case("bytes left over", 1007, "message cannot be decoded") { agent in
            agent.add(.binary, reports(incident(1, 1)).encoded() + [0])
        },
        Case("reports before hello", 1008, "reports before hello", greeted: false) { $0.add(reports(incident(1, 1))) },
        Case("a second hello", 1008, "a second hello") { $0.addHello() },
        Case("an unknown protocol", 1008, "protocol 0 is not served, only 1 to 2", greeted: false) { agent in
            var hello = AgentByHand.hello()
            hello.protocolVersion = 0
            agent.add(.hello(hello))
        },
        Case("a hello of nobody", 1008, "hello without an instance or a boot epoch", greeted: false) { agent in
            var hello = AgentByHand.hello()
            hello.instance = ""
            agent.add(.hello(hello))
        },
        Case("reports of a start to come", 1008, "reports of a boot epoch that has not begun") { agent in
            agent.add(reports(incident(2, 1)))
        },
        Case("reports out of order", 1008, "reports not in ascending order") { agent in
            agent.add(reports(incident(1, 2), incident(1, 1)))
        },
        Case("report 0", 1008, "reports not in ascending order") { $0.add(reports(incident(1, 0))) },
        Case("257 reports at once", 1008, "message cannot be decoded: limitExceeded") { agent in
            agent.add(.reports(ReportBatch((1...257).map { incident(1, UInt64($0)) })))
        },
        Case("a number that no database holds", 1008, "reports with a number that is too great") { agent in
            agent.add(reports(incident(1, UInt64(Int64.max) + 1)))
        },
    ]

    @Test(arguments: frames + messages)
    func isClosed(_ entry: Case) async throws {
        let fixture = try ListenerFixture()
        try await fixture.whileListening { port in
            _ = try await fixture.enrol("gate")
            var agent = AgentByHand()
            entry.add(&agent)
            let program = try await agent.connect(to: port, as: "gate", authority: "ca.pem", in: fixture.directory)
            try await program.wait()
            let transcript = try AgentByHand.Transcript(program)
            #expect(transcript.statusLine == "HTTP/1.1 101 Switching Protocols")
            #expect(transcript.closeCode == entry.code, "\(transcript)")
            #expect(transcript.closeWords.hasPrefix(entry.words), "\(transcript)")
            #expect(try await fixture.store.events(EventQuery(gateway: "gate")).allSatisfy { $0.kind != .incident })
        }
    }
}
