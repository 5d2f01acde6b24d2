import Foundation
import TestSupport
import Testing

/// The unit files, as systemd reads them.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze"), "no systemd-analyze"))
struct UnitFileTests {
    /// A unit file of the repository with the programs where they were built; `threshold` is the exposure, times ten,
    /// that it must stay below.
    @Test(arguments: [
        ("collector-config/gatehouse-collector.service", 15), ("agent-config/gatehouse-agent.service", 30),
    ])
    func isUnderstoodAndHardened(_ path: String, _ threshold: Int) async throws {
        try await TemporaryDirectory.with { directory in
            let text = try PeersPython.packageRoot.appending(path: path).text()
            let unit = directory.appending(path: URL(fileURLWithPath: path).lastPathComponent)
            try unit.write(text.replacing("/usr/bin/gatehouse", with: Programs.path("gatehouse")))
            let verdict = try await Programs.run("systemd-analyze", ["verify", unit.path], in: directory)
            #expect(verdict.status == 0 && verdict.errors == "", "\(verdict)")
            let arguments = ["security", "--offline=true", "--no-pager", "--threshold=\(threshold)", unit.path]
            let exposure = try await Programs.run("systemd-analyze", arguments, in: directory)
            #expect(exposure.status == 0, "\(exposure.output.split(separator: "\n").last ?? "")")
        }
    }

    /// The unit starts what the program is, and does not start again what starting again does not help.
    @Test func theCollectorsUnitFitsTheProgram() async throws {
        let unit = try PeersPython.packageRoot.appending(path: "collector-config/gatehouse-collector.service").text()
        #expect(
            unit.contains("\nExecStart=/usr/bin/gatehouse-collector serve --config /etc/gatehouse/collector.yaml\n")
        )
        #expect(unit.contains("\nRestartPreventExitStatus=64 65 77 78\n"))
        #expect(unit.contains("\nStateDirectory=gatehouse-collector\n"))
        let sample = try PeersPython.packageRoot.appending(path: "collector-config/collector.yaml").text()
        #expect(sample.contains("\nstateDirectory: /var/lib/gatehouse-collector\n"))
    }
}
