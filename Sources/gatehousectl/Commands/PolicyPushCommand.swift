import ArgumentParser
import CollectorAPI
import Foundation
import Glibc
import NetworkTypes

/// `policy push`
struct PolicyPushCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Push a signed policy to the gateways it is meant for.",
        discussion: """
            With --wait the program waits until every gateway has proved or refused it. A gateway that does not reach what \
            the policy says it must (mustReach) refuses it after the confirmWithin of its own configuration, 30 s. Exit code \
            0: all proved (without --wait: the policy was taken and has gateways). 2: some did not. 1: none did. To push a \
            policy again that a gateway has put back has it tried again there.
            """
    )

    @Argument(help: "The envelope that policy sign wrote.")
    var file: String

    @Option(help: "Only to this gateway; may be given more than once.")
    var gateway: [String] = []

    @Option(help: "How long to wait for the proofs: 40s.")
    var wait: DurationArgument?

    @OptionGroup var output: OutputOptions

    /// How often the collector is asked while waiting.
    private static let pollMicroseconds: UInt32 = 100_000

    func run() throws {
        let envelope = try Files.read(file, limit: 1 << 20)
        let client = try CollectorClient.fromProfile()
        let query = CollectorClient.queryText(gateway.map { ("gateway", $0) })
        let answer = try client.post(
            PolicyPushResponse.self,
            "/api/v1/policies" + query,
            bytes: envelope,
            contentType: "application/cose"
        )
        let gateways = Set(answer.delivered + answer.waiting)
        for (id, why) in answer.skipped.sorted(by: { $0.key < $1.key }) {
            Output.error("gateway \(id) is left alone: \(why)")
        }
        guard let wait else {
            try show(answer)
            if gateways.isEmpty { throw ControlError(.partly, "no gateway has it as its target now") }
            if !answer.skipped.isEmpty { throw ControlError(.partly, lines: []) }
            return
        }
        let statuses = try waitForProofs(gateways, hash: answer.policy.hash, client, wait)
        try show(answer, statuses)
        let proved = statuses.count { $0.state == "proved" }
        guard proved < gateways.count || !answer.skipped.isEmpty || gateways.isEmpty else { return }
        let words = "\(proved) of \(gateways.count) gateways have proved it"
        throw ControlError(proved == 0 && !gateways.isEmpty ? .failed : .partly, words)
    }

    private func waitForProofs(
        _ gateways: Set<String>,
        hash: String,
        _ client: CollectorClient,
        _ wait: DurationArgument
    ) throws -> [PolicyStatusResource] {
        let clock = ContinuousClock()
        let end = clock.now + .milliseconds(Int64(wait.milliseconds))
        while true {
            let all = try client.get(Page<PolicyStatusResource>.self, "/api/v1/policies/\(hash)/status").items
            let statuses = all.filter { gateways.contains($0.gateway) }
            let isDone = statuses.allSatisfy { ["proved", "refused", "superseded"].contains($0.state) }
            if isDone && statuses.count == gateways.count || clock.now >= end { return statuses }
            usleep(PolicyPushCommand.pollMicroseconds)
        }
    }

    private func show(_ answer: PolicyPushResponse, _ statuses: [PolicyStatusResource]? = nil) throws {
        if output.format == .json {
            if let statuses { return try Output.json(statuses) }
            return try Output.json(answer)
        }
        Output.line(
            "generation \(answer.policy.generation), hash \(answer.policy.hash): "
                + "\(answer.delivered.count) delivered, \(answer.waiting.count) waiting, \(answer.skipped.count) left alone"
        )
        for status in (statuses ?? []).sorted(by: { $0.gateway < $1.gateway }) {
            Output.line("gateway \(status.gateway): \(status.state)")
            PolicyStatusText.show(status)
        }
    }
}
