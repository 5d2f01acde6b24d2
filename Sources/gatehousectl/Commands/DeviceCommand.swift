import ArgumentParser
import CollectorAPI

/// `device`: devices behind the gateways.
struct DeviceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: "Devices behind the gateways.",
        subcommands: [List.self, Show.self, DeviceFlowsCommand.self, Release.self]
    )

    /// The gateway that a device is behind: the one named, or the only one where its key is known.
    static func gateway(of key: String, named id: String?, _ client: CollectorClient) throws -> String {
        if let id { return id }
        let matches = try client.list(DeviceResource.self, "/api/v1/devices").filter { $0.key == key }
        guard let first = matches.first else { throw ControlError(.failed, "device \(key) does not exist") }
        guard matches.count == 1 else {
            let gateways = matches.map(\.gateway).joined(separator: ", ")
            throw ControlError(
                .badData,
                "device \(key) is behind several gateways (\(gateways)); name one with --gateway"
            )
        }
        return first.gateway
    }

    static func path(_ key: String, _ gateway: String) -> String {
        "\(GatewayCommand.path(gateway))/devices/\(CollectorClient.encoded(key))"
    }

    static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

    /// `device list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List devices.")

        @Option(help: "Only those behind this gateway.")
        var gateway: String?

        @Option(help: "Only those of this class: ip-camera, sensor, …")
        var `class`: String?

        @Flag(help: "Only those in quarantine.")
        var quarantined = false

        @OptionGroup var output: OutputOptions

        func run() throws {
            var query: [(String, String)] = []
            if let gateway { query.append(("gateway", gateway)) }
            if let `class` { query.append(("class", `class`)) }
            if quarantined { query.append(("quarantined", "true")) }
            let devices = try CollectorClient.fromProfile().list(DeviceResource.self, "/api/v1/devices", query: query)
            guard output.format == .table else { return try Output.json(devices) }
            var table = Table(
                "KEY",
                "GATEWAY",
                "CLASS",
                "VENDOR",
                "MODEL",
                "ADDRESSES",
                "ALLOWLIST",
                "DROPPED",
                "STATE"
            )
            for device in devices {
                table.add(
                    device.key,
                    device.gateway,
                    device.class,
                    device.vendor ?? "-",
                    device.model ?? "-",
                    device.addresses.joined(separator: ","),
                    device.policy ?? "-",
                    String(device.droppedCount),
                    device.isQuarantined ? "quarantined" : "ok"
                )
            }
            table.show(otherwise: "no devices")
        }
    }

    /// `device show`
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a device: identity, evidence, blocked attempts."
        )

        @Argument(help: "The device's key: mac:ac:cc:8e:01:02:03.")
        var key: String

        @Option(help: "The gateway it is behind.")
        var gateway: String?

        @OptionGroup var output: OutputOptions

        func run() throws {
            let client = try CollectorClient.fromProfile()
            let gateway = try DeviceCommand.gateway(of: key, named: gateway, client)
            let device = try client.get(DeviceResource.self, DeviceCommand.path(key, gateway))
            guard output.format == .table else { return try Output.json(device) }
            Table.facts([
                ("device", device.key), ("gateway", device.gateway), ("site", device.site),
                ("class", "\(device.class) (\(DeviceCommand.percent(device.confidence.class)))"),
                ("vendor", device.vendor.map { "\($0) (\(DeviceCommand.percent(device.confidence.vendor)))" } ?? "-"),
                ("model", device.model.map { "\($0) (\(DeviceCommand.percent(device.confidence.model)))" } ?? "-"),
                ("firmware", device.firmware ?? "-"), ("system", device.os ?? "-"),
                ("hostname", device.hostname ?? "-"),
                ("addresses", device.addresses.joined(separator: ", ")), ("allowlist", device.policy ?? "-"),
                ("quarantine", device.isQuarantined ? device.quarantineReason ?? "yes" : "no"),
                ("first seen", Table.time(device.firstSeen)), ("last seen", Table.time(device.lastSeen)),
                ("score", String(device.score)),
            ])
            if let url = device.mudURL {
                Output.line("maker's MUD URL: \(Table.clean(url)) (a proposal: gatehousectl policy import-mud)")
            }
            evidence("evidence", device.evidence ?? [])
            evidence("contradictions", device.contradictions ?? [])
            history(device.history ?? [])
            banners(device.banners ?? [])
            let violations = (device.violations ?? []).prefix(20)
            guard !violations.isEmpty else { return }
            Output.line("blocked attempts:")
            for event in violations { Output.line("  \(Table.time(event.time))  \(Table.clean(event.summary))") }
        }

        private func history(_ list: [DeviceResource.Change]) {
            guard !list.isEmpty else { return }
            Output.line("was held to be:")
            func words(_ names: DeviceResource.Change.Names) -> String {
                [names.class, names.vendor, names.model].compactMap { $0 }.joined(separator: " ")
            }
            for change in list {
                let text =
                    "\(words(change.before)) → \(words(change.after)) by \(change.evidence.signal) \(change.evidence.value)"
                Output.line("  \(Table.time(change.time))  \(Table.clean(text))")
            }
        }

        private func banners(_ list: [BannerResource]) {
            guard !list.isEmpty else { return }
            Output.line("banners, by Recog's fingerprints:")
            for piece in list {
                for says in piece.says {
                    let names = [says.vendor, says.product, says.version, says.cpe].compactMap { $0 }
                        .joined(separator: " ")
                    let sure = says.certainty.map { " \(DeviceCommand.percent($0))" } ?? ""
                    let text =
                        "\(piece.signal)  \(piece.banner)  → \(says.subject)\(sure): \(names)"
                        + "  (\(piece.source): \(piece.fingerprint))"
                    Output.line("  " + Table.clean(text))
                }
            }
        }

        private func evidence(_ title: String, _ list: [DeviceResource.Evidence]) {
            guard !list.isEmpty else { return }
            Output.line("\(title):")
            for piece in list {
                let says = piece.says.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
                let words = says.isEmpty ? "(no rule knows it)" : says
                let text = "\(DeviceCommand.percent(piece.weight))  \(piece.signal)  \(piece.value)  → \(words)"
                Output.line("  " + Table.clean(text))
            }
        }
    }

    /// `device release`
    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a device out of quarantine.")

        @Argument(help: "The device's key.")
        var key: String

        @Option(help: "The gateway it is behind.")
        var gateway: String?

        func run() throws {
            let client = try CollectorClient.fromProfile()
            let gateway = try DeviceCommand.gateway(of: key, named: gateway, client)
            try client.perform("POST", DeviceCommand.path(key, gateway) + "/release")
            Output.line("gateway \(gateway) was told to release \(key)")
        }
    }
}
