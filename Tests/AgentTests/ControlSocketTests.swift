import Foundation
import TestSupport
import Testing

/// Who asks the running agent for its status waits for nobody who has connected and says nothing.
@Suite(.ownThread, .enabled(if: NetworkNamespace.isPermitted, "needs CAP_SYS_ADMIN for a network namespace"))
struct ControlSocketTests {
    @Test func silentClientsHoldNobodyUpAndAreSentAway() async throws {
        try await UpstreamTests.with("upstreams: [127.0.0.2]") { stage in
            let socket = "\(stage.directory.path)/state/control.sock"
            let silent = try RunningProgram(
                "python3",
                [
                    "-c",
                    """
                    import socket, sys
                    held = []
                    for _ in range(7):
                        held.append(socket.socket(socket.AF_UNIX))
                        held[-1].connect(sys.argv[1])
                    print("connected", flush=True)
                    for one in held: one.recv(1)
                    print("sent away", flush=True)
                    """,
                    socket,
                ],
                in: stage.directory
            )
            defer { silent.send(15) }
            try await silent.wait(for: "seven connections") {
                String(decoding: silent.written, as: UTF8.self).contains("connected")
            }
            // While they are there.
            #expect(try await stage.status().contains("resolver"))
            #expect(!String(decoding: silent.written, as: UTF8.self).contains("sent away"))
            try await silent.wait(for: "them to be sent away") {
                String(decoding: silent.written, as: UTF8.self).contains("sent away")
            }
            #expect(try await stage.status().contains("counter     control.refused 7\n"))
        }
    }
}
