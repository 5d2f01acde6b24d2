import ConfigurationFiles
import NetworkTypes
import SystemIO
import WireProtocol

/// `enroll`: redeems a token. The token comes from a file or standard input, never from the command line, where every
/// user of the host could read it.
enum EnrollCommand {
    static func run(_ arguments: Arguments) throws(Failure) -> ExitCode {
        try arguments.allow(["--config", "--token-file"])
        let configuration = try Program.configuration(arguments)
        let path = arguments.value("--token-file") ?? "/dev/stdin"
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileSystem.read(path, limit: EnrolmentToken.maximumLength + 16)
        } catch {
            throw Failure(error, .badData)
        }
        let token: EnrolmentToken
        do throws(DecodeError) { token = try EnrolmentToken(text: ByteString(bytes)) } catch {
            throw Failure(.badData, "\(path): not an enrolment token (gh1.…); copy it whole")
        }
        let state = StateDirectory(configuration.stateDirectory)
        try state.create()
        let record = try Enrolment(state: state, token: token).run(hostname: ProcessFacts.hostname)
        Output.line("enrolled as \(record.gatewayID) with \(record.host)")
        if record.policyKeys.isEmpty, configuration.trustedPolicyKeys.isEmpty {
            Output.error(
                "gatehouse-agent: the token names no policy key, so no policy will be taken; add trustedPolicyKeys"
            )
        }
        return .done
    }
}
