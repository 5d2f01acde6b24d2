import ConfigurationFiles
import NetworkTypes
import SystemIO

/// `status`, `verify` and `flows`: ask the running agent over its control socket.
enum ControlCommand {
    /// How long the agent has to answer.
    static let timeoutMilliseconds: UInt64 = 10_000
    /// Most bytes of an answer.
    static let maximumAnswerBytes = 4 << 20

    static func status(_ arguments: Arguments) throws(Failure) -> ExitCode {
        try arguments.allow(["--config", "--json"])
        Output.raw(try ask(arguments.has("--json") ? "status json" : "status", arguments))
        return .done
    }

    static func verify(_ arguments: Arguments) throws(Failure) -> ExitCode {
        try arguments.allow(["--config"])
        let answer = try ask("verify", arguments)
        Output.raw(answer)
        return answer.hasPrefix("proved") ? .done : .no
    }

    static func flows(_ arguments: Arguments) throws(Failure) -> ExitCode {
        try arguments.allow(["--config", "--output"])
        let format = arguments.value("--output") ?? "table"
        guard format == "table" || format == "json" else { throw Failure(.usage, "-o takes table or json") }
        let answer = try ask(format == "json" ? "flows json" : "flows", arguments)
        Output.raw(format == "json" ? answer : FlowListing.table(answer))
        return .done
    }

    private static func ask(_ request: ByteString, _ arguments: Arguments) throws(Failure) -> ByteString {
        // Nothing is the answer of `flows` where there are none, and of nothing else.
        let answer = try received(request, arguments)
        guard answer.isEmpty, !request.hasPrefix("flows") else { return answer }
        throw Failure(.unreachable, "the agent ended the connection without an answer: is it stopping?")
    }

    private static func received(_ request: ByteString, _ arguments: Arguments) throws(Failure) -> ByteString {
        let state = StateDirectory(try Program.configuration(arguments).stateDirectory)
        do throws(SystemError) {
            let stream = try ByteStream.connected(toUnix: state.controlSocket)
            _ = try stream.send(("\(request)\n" as ByteString).bytes)
            var answer: [UInt8] = []
            while answer.count < maximumAnswerBytes {
                guard try stream.waitUntilReadable(timeoutMilliseconds: timeoutMilliseconds) else {
                    throw SystemError(code: 110, operation: "wait for", subject: state.controlSocket)
                }
                if try stream.receive(into: &answer, limit: 16 << 10) == .end { break }
            }
            return ByteString(answer)
        } catch {
            throw Failure(
                error.isNotPermitted ? .notAllowed : .unreachable,
                "the agent does not answer: \(error.byteString) (is it running? systemctl status gatehouse-agent)"
            )
        }
    }
}
