import CollectorTestSupport
import Foundation
import TestSupport
import Testing
import WireProtocol

/// What an agent may take of the collector's memory: asked of the process itself.
@Suite struct AgentMemoryTests {
    /// What one connection may make the process grow by: a message and its copies, and what the allocator keeps.
    private static let allowedKiB = 16 << 10

    @Test func sixtyFourMegabytesInFragmentsStayOutside() async throws {
        try await CollectorProcess.serving { collector in
            let hand = EnrolmentByHand(collector)
            _ = try await hand.fetchAuthority()
            let bearer = try await hand.logIn()
            try await hand.enrolGateway("gate", as: bearer)
            let program = try #require(await collector.process)

            func send(_ count: Int, of bytes: Int) async throws -> AgentByHand.Transcript {
                var agent = AgentByHand()
                agent.addHello()
                agent.waitForWelcome()
                agent.add(.binary, [UInt8](repeating: 0, count: bytes), isFinal: false)
                var fragment = AgentByHand.frame(.continuation, [UInt8](repeating: 0, count: bytes), isFinal: false)
                fragment = [[UInt8]](repeating: fragment, count: count - 1).flatMap { $0 }
                agent.add(fragment)
                let connection = try await agent.connect(
                    to: collector.agentPort,
                    as: "gate",
                    authority: "authority.pem",
                    in: collector.directory
                )
                try await connection.wait()
                return try AgentByHand.Transcript(connection)
            }
            // The first one pays for what every connection needs.
            #expect([1009, nil].contains(try await send(8, of: 1 << 18).closeCode))
            // Logging in took more, and would hide it.
            try program.resetPeak()
            let before = try #require(program.peakResidentKiB)
            for (count, bytes) in [(256, 1 << 18), (64, 1 << 20), (65_536, 1024)] {
                let transcript = try await send(count, of: bytes)
                // What was sent beyond the limit is not read, so the connection's reset may overtake the close frame.
                #expect([1009, nil].contains(transcript.closeCode), "\(transcript)")
            }
            let after = try #require(program.peakResidentKiB)
            print("  64 MiB three times over: the collector's peak went from \(before) to \(after) KiB")
            #expect(after - before < Self.allowedKiB, "\(before) KiB before, \(after) KiB after")
            #expect(try await collector.curl("/metrics").text.contains("\ngatehouse_agent_messages_too_long_total 4\n"))
        }
    }
}
