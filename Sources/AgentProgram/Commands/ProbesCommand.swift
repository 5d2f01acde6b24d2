import AgentCore
import NetworkTypes
import Policy

/// `probes`: the table of all that a policy can have devices asked, for whoever has to allow it.
enum ProbesCommand {
    static func run(_ arguments: Arguments) throws(Failure) -> ExitCode {
        try arguments.allow([])
        Output.line("probe         question           port             sends  reads at most")
        for step in ProbeStep.allCases {
            let port = step.port ?? 80
            let request = step.request(to: IPAddress(v4: 0xC000_0207), port: port, path: "/", token: 0)
            var place: ByteString = step.transport == .udp ? "udp/" : "tcp/"
            place.append(step.port.map { "\($0)" } ?? "(its answer's)")
            let confirmed: ByteString =
                step.kind.needsConfirmation ? "  also named in probes.confirm of agent.yaml" : ""
            Output.line(
                """
                \(padded(step.kind.name, 14))\(padded(step.name, 19))\(padded(place, 17))\(padded("\(request.count)", 7))\
                \(step.maximumAnswerBytes)\(confirmed)
                """
            )
        }
        Output.line(
            """
            Bytes to 192.0.2.7, for TLS without its records; nothing to a group or broadcast. Each question once in `every` of
            the policy, with a device at most exchangesPerHour and bytesPerDay, one at a time, a second apart; on the gateway
            two a second, \(ProbeLimits.inFlight) under way. Never to ports 9100-9107, 515, 631. No redirect is followed. A device
            that resets a connection or answers 401 is left alone for \(ProbeLimits.leftAloneSeconds / 86_400) days. Never to devices
            that may be of class plc, building-controller or medical.
            """
        )
        return .done
    }

    private static func padded(_ text: ByteString, _ width: Int) -> ByteString {
        ByteString(text.bytes + [UInt8](repeating: 0x20, count: Swift.max(1, width - text.count)))
    }
}
