import NetworkTypes

/// The agent: fingerprints the devices behind a gateway, holds them to their policy, reports (DESIGN §4).
public enum GatehouseAgent {
    /// What `version` prints and the collector is told.
    static let version: ByteString = "0.1.0"

    /// Runs the command that the process was started with, and ends the process.
    public static func main() {
        let status: ExitCode
        do throws(Failure) {
            status = try run(ProcessFacts.arguments)
        } catch {
            Output.error("gatehouse-agent: \(error.message)")
            status = error.exitCode
        }
        Program.exit(status)
    }

    static func run(_ words: [ByteString]) throws(Failure) -> ExitCode {
        if words.isEmpty || words == ["--help"] || words == ["help"] {
            Output.line(usage)
            return words.isEmpty ? .usage : .done
        }
        let arguments = try Arguments(words)
        switch arguments.verb {
        case "run": return try RunCommand.run(arguments)
        case "enroll": return try EnrollCommand.run(arguments)
        case "check-config": return try CheckConfigCommand.run(arguments)
        case "identify": return try IdentifyCommand.run(arguments)
        case "render": return try RenderCommand.run(arguments)
        case "status": return try ControlCommand.status(arguments)
        case "verify": return try ControlCommand.verify(arguments)
        case "flows": return try ControlCommand.flows(arguments)
        case "doctor": return try DoctorCommand.run(arguments)
        case "probes": return try ProbesCommand.run(arguments)
        case "release": return try ReleaseCommand.run(arguments)
        case "version":
            try arguments.allow([])
            Output.line("gatehouse-agent \(version)")
            return .done
        default: throw Failure(.usage, "no command \(arguments.verb); try gatehouse-agent --help")
        }
    }

    static let usage: ByteString = """
        gatehouse-agent: guards the devices behind this gateway

          run           [--config FILE]                       fingerprint, enforce, report
          enroll        [--config FILE] --token-file FILE     redeem a one-time token for a certificate
          check-config  [--config FILE]                       say what is wrong with a configuration
          identify      --pcap FILE | --sysroot DIR [--knowledge FILE] [--json]
                                                              devices with their evidence, one a line
          render        --policy FILE --devices FILE          the nftables ruleset, as text
          status        [--config FILE] [--json]              what the running agent knows
          verify        [--config FILE]                       whether the kernel holds what is asked
          doctor        [--config FILE] [-o table|json]       what is wanting on this gateway, and what to do (2: something is)
          flows         [--config FILE] [-o table|json]       where devices' connections led, for policy learn and plan
          probes                                              what policies can have devices asked: bytes, ports, rate
          release       [--config FILE]                       take all rules out of the kernel (agent stopped)
          version

        FILE is /etc/gatehouse/agent.yaml where it is not named. Exit codes: 0 done, 1 failed, 2 no, 64 usage,
        65 bad data, 69 unreachable, 77 not allowed, 78 bad configuration.
        """
}
