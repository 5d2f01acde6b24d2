import CollectorTestSupport
import Foundation
import TestSupport
import Testing

/// `check-config` and `version` of the program itself.
@Suite struct CheckConfigTests {
    private func check(_ text: String) async throws -> (file: String, outcome: Programs.Outcome) {
        try await TemporaryDirectory.with { directory in
            let file = directory.appending(path: "collector.yaml")
            try file.write(text)
            let arguments = ["check-config", "--config", file.path]
            return (
                file.path, try await Programs.run(Programs.path("gatehouse-collector"), arguments, in: directory)
            )
        }
    }

    @Test(arguments: [
        ("stateDirectory: /s\ncolour: blue\n", "2: unknown key \"colour\"; known here: stateDirectory, agentListener"),
        ("limits:\n  connections: 10\n  conections: 10\n", "3: unknown key \"conections\" in limits; known here: "),
        ("agentListener: { port: 0 }\n", "1: port: \"0\" is not a number from 1 to 65535"),
        ("\nhttpsListener:\n  port: 65536\n", "3: port: \"65536\" is not a number from 1 to 65535"),
        ("httpsListener: { port: 8443.5 }\n", "1: port: \"8443.5\" is not a number from 1 to 65535"),
        ("agentListener: { address: nowhere }\n", "1: address: \"nowhere\" is not an IP address"),
        ("httpsListener: { names: [\"a b\"] }\n", "1: names: \"a b\" is not a host name"),
        ("stateDirectory: here\n", "1: stateDirectory: \"here\" is not a path that begins with /"),
        ("certificateLifetime: 30\n", "1: certificateLifetime: \"30\" is not a time like"),
        ("limits: { silence: 1s }\n", "1: silence: \"1s\" is not within what is allowed here"),
        ("logLevel: loud\n", "1: logLevel: \"loud\" is not error, warning, info or debug"),
        ("limits: [\n", "2: "), ("limits: {}\nlimits: {}\n", "2: key \"limits\" stands twice"),
    ])
    func saysFileLineAndWhat(_ text: String, _ expected: String) async throws {
        let (file, outcome) = try await check(text)
        #expect(outcome.status == 78)
        #expect(outcome.output == "")
        #expect(outcome.errors.hasPrefix("gatehouse-collector: \(file):\(expected)"), "\(outcome.errors)")
        #expect(outcome.errors.filter { $0 == "\n" }.count == 1)
    }

    @Test func theSampleIsGood() async throws {
        let sample = try PeersPython.packageRoot.appending(path: "collector-config/collector.yaml").text()
        let (file, outcome) = try await check(sample)
        #expect(outcome.status == 0)
        #expect(outcome.output == "\(file): good\n" && outcome.errors == "")
    }

    @Test func aFileThatIsNotThereIsSaidSo() async throws {
        try await TemporaryDirectory.with { directory in
            for path in [directory.appending(path: "none.yaml").path, directory.path] {
                for command in ["check-config", "init", "serve"] {
                    let outcome = try await Programs.run(
                        Programs.path("gatehouse-collector"),
                        [command, "--config", path],
                        in: directory
                    )
                    #expect(outcome.status == 78, "\(command) \(path)")
                    #expect(outcome.errors == "gatehouse-collector: \(path) cannot be read\n")
                }
            }
        }
    }

    @Test func usageIs64AndTheVersionIsPrinted() async throws {
        try await TemporaryDirectory.with { directory in
            func run(_ arguments: [String]) async throws -> Programs.Outcome {
                try await Programs.run(Programs.path("gatehouse-collector"), arguments, in: directory)
            }
            for arguments in [["bogus"], ["serve", "--bogus"], ["backup"], ["check-config", "--config"]] {
                #expect(try await run(arguments).status == 64, "\(arguments)")
            }
            let version = try await run(["version"])
            #expect(version.status == 0)
            #expect(version.output.wholeMatch(of: #/gatehouse-collector \d+\.\d+\.\d+\n/#) != nil)
        }
    }
}
