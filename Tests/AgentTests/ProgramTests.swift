import Foundation
import Glibc
import TestSupport
import Testing

/// The agent as its users run it: a program with arguments, files, and an exit code.
@Suite(.ownThread) struct ProgramTests {
    static func agent(_ arguments: [String], in directory: URL) async throws -> Programs.Outcome {
        try await Programs.run(Programs.path("gatehouse-agent"), arguments, in: directory)
    }

    @Test func anUnknownKeyIsToldWithItsLine() async throws {
        try await TemporaryDirectory.with { directory in
            let file = directory.appending(path: "agent.yaml")
            try file.write("collector: { host: c.example }\ninterfaces: { devices: [br0], uplink: eth0 }\nspol: 1\n")
            let outcome = try await Self.agent(["check-config", "--config", file.path], in: directory)
            #expect(outcome.status == 78)
            #expect(outcome.errors.contains("\(file.path):3: unknown key"))
            #expect(outcome.errors.split(separator: "\n").count == 1)
        }
    }

    @Test func exitCodesAreTheDocumentedOnes() async throws {
        try await TemporaryDirectory.with { directory in
            for (arguments, status) in [
                ([], 64), (["no-such"], 64), (["version", "--no-such"], 64), (["version"], 0), (["--help"], 0),
                (["check-config", "--config", "missing.yaml"], 78), (["identify"], 64),
            ] as [([String], Int32)] {
                let outcome = try await Self.agent(arguments, in: directory)
                #expect(outcome.status == status, "\(arguments): \(outcome)")
            }
        }
    }

    @Test(.enabled(if: NetworkNamespace.isPermitted, "needs CAP_SYS_ADMIN for a network namespace"))
    func releaseTakesBothTablesOutAndNoOther() async throws {
        try await TemporaryDirectory.with { directory in
            let file = directory.appending(path: "agent.yaml")
            try file.write(
                "collector: { host: c.example }\ninterfaces: { devices: [lo], uplink: eth0 }\n"
                    + "stateDirectory: \(directory.path)/state\n"
            )
            try FileManager.default.createDirectory(
                at: directory.appending(path: "state"),
                withIntermediateDirectories: true
            )
            let program = Programs.path("gatehouse-agent")
            let outcome = try await Programs.run(
                "unshare",
                [
                    "--net", "sh", "-c",
                    "nft 'table inet gatehouse { chain c { type filter hook forward priority 0; drop; }; };"
                        + " table bridge gatehouse { chain c { type filter hook forward priority 0; drop; }; };"
                        + " table inet theirs { }' && '\(program)' release --config '\(file.path)'"
                        + " && nft list tables && '\(program)' release --config '\(file.path)'",
                ],
                in: directory
            )
            #expect(outcome.status == 0, "\(outcome)")
            #expect(
                outcome.output == """
                    released: table inet gatehouse is gone
                    released: table bridge gatehouse is gone
                    devices are no longer held to any policy
                    table inet theirs
                    no rules of Gatehouse are in the kernel

                    """
            )
        }
    }
}
