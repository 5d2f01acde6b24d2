import ArgumentParser
import CollectorAPI

/// `posture`: how well the fleet, a site or a gateway stands.
struct PostureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "posture",
        abstract: "How well the fleet, a site or a gateway stands."
    )

    @Option(help: "Of this site.")
    var site: String?

    @Option(help: "Of this gateway.")
    var gateway: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard site == nil || gateway == nil else { throw ValidationError("give --site or --gateway, not both") }
    }

    func run() throws {
        var path = "/api/v1/posture"
        if let site { path += "/sites/\(CollectorClient.encoded(site))" }
        if let gateway { path += "/gateways/\(CollectorClient.encoded(gateway))" }
        let posture = try CollectorClient.fromProfile().get(PostureResource.self, path)
        guard output.format == .table else { return try Output.json(posture) }
        Table.facts([
            ("posture of", [posture.scope, posture.name].compactMap { $0 }.joined(separator: " ")),
            ("score", posture.score.map { "\($0) of 100" } ?? "- (no gateway counts)"),
            ("gateways", "\(posture.gateways), \(posture.connectedGateways) connected"),
            ("proved", "\(posture.provedGateways) (\(DeviceCommand.percent(posture.provedShare)))"),
            (
                "devices",
                "\(posture.devices), \(posture.identifiedDevices) identified, \(posture.quarantinedDevices) in quarantine"
            ),
            ("incidents, 24 h", String(posture.recentIncidents)),
        ])
        for deduction in posture.deductions {
            let count = posture.scope == "gateway" ? "" : " (\(deduction.gateways) gateways)"
            Output.line("  -\(deduction.points) \(deduction.reason)\(count)")
        }
    }
}

/// `incident`: what happened.
struct IncidentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "incident",
        abstract: "What happened.",
        subcommands: [List.self]
    )

    /// `incident list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List incidents, newest first.")

        @Option(help: "Only those of this gateway.")
        var gateway: String?

        @Option(help: "Only those of this device.")
        var device: String?

        @Option(help: "Other kinds of events than incidents: violation, proof, …; may be given more than once.")
        var kind: [String] = []

        @Flag(help: "All kinds of events.")
        var all = false

        @Option(help: "At most so many.")
        var limit = 50

        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000") }
        }

        func run() throws {
            let standard = ["incident", "quarantine", "policy-refused", "gap", "silence"]
            var query = all ? [] : (kind.isEmpty ? standard : kind).map { ("kind", $0) }
            if let gateway { query.append(("gateway", gateway)) }
            if let device { query.append(("device", device)) }
            let events = try CollectorClient.fromProfile().list(
                EventResource.self,
                "/api/v1/events",
                query: query,
                limit: limit
            )
            guard output.format == .table else { return try Output.json(events) }
            var table = Table("TIME", "SEVERITY", "KIND", "GATEWAY", "DEVICE", "WHAT")
            for event in events {
                table.add(
                    Table.time(event.time),
                    event.severity,
                    event.kind,
                    event.gateway,
                    event.device ?? "-",
                    event.summary
                )
            }
            table.show(otherwise: "nothing")
        }
    }
}

/// `user`: people who may log in.
struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "People who may log in.",
        subcommands: [List.self, Create.self]
    )

    /// `user list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List people.")

        @OptionGroup var output: OutputOptions

        func run() throws {
            let people = try CollectorClient.fromProfile().get(Page<PersonResource>.self, "/api/v1/people").items
            guard output.format == .table else { return try Output.json(people) }
            var table = Table("USER", "ROLE", "CREATED", "STATE")
            for person in people {
                let state = person.isDisabled ? "disabled" : person.mustChangePassword ? "one-time password" : "active"
                table.add(person.user, person.role, Table.time(person.created), state)
            }
            table.show(otherwise: "nobody")
        }
    }

    /// `user create`
    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add somebody; print the one-time password on standard output."
        )

        @Argument(help: "The login.")
        var name: String

        @Option(help: "viewer, operator, signer or admin.")
        var role: String

        func run() throws {
            let request = PersonRequest(user: name, role: role)
            let person = try CollectorClient.fromProfile().post(PersonResource.self, "/api/v1/people", request)
            Output.error("\(person.user) (\(person.role)) must change this password at the first login")
            Output.line(person.oneTimePassword ?? "")
        }
    }
}

/// `audit`: who did what.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Who did what.",
        subcommands: [List.self]
    )

    /// `audit list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List what people did, newest first.")

        @Option(help: "At most so many.")
        var limit = 50

        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000") }
        }

        func run() throws {
            let lines = try CollectorClient.fromProfile().list(AuditResource.self, "/api/v1/audit", limit: limit)
            guard output.format == .table else { return try Output.json(lines) }
            var table = Table("NUMBER", "TIME", "WHO", "WHAT", "TO WHAT", "DETAIL")
            for line in lines {
                table.add(
                    String(line.sequence),
                    Table.time(line.time),
                    line.actor,
                    line.action,
                    line.subject,
                    line.detail
                )
            }
            table.show(otherwise: "nothing")
        }
    }
}
