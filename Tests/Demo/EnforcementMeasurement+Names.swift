import Foundation
import Lab

/// DNS through the agent and through dnsmasq with nftset, which is what others build such a gateway of.
extension EnforcementMeasurement {
    /// One run of dnsperf.
    private struct NameRun {
        var perSecond = 0.0
        var latencyMilliseconds = 0.0
        var processorMicroseconds = 0.0
    }

    private struct NameServer {
        let title: String
        let address: String
        let port: Int
        let process: LabProcess
    }

    /// How many queries wait at a time.
    private static let outstanding = 50
    private static let rounds = 5

    func measureNames() throws {
        guard let agent = stage.agent else { throw LabError("no agent") }
        try stage.lab.gateway.run(
            ["nft", "-f", "-"],
            input: "table inet bench {\n set names { type ipv4_addr; size 65535; }\n}\n"
        )
        let other = try stage.lab.gateway.start([
            "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--pid-file=", "--log-facility=-", "--user=root",
            "--no-resolv",
            "--no-hosts", "--port=\(EnforcementMeasurement.otherPort)", "--listen-address=\(LabAddress.gateway)",
            "--bind-interfaces", "--server=\(EnforcementMeasurement.resolver)", "--cache-size=10000",
            "--dns-forward-max=1000",
            "--nftset=/bench.example/cached.example/4#inet#bench#names",
        ])
        try other.wait(forOutput: "using nameserver")
        defer { try? other.stop() }
        let ours = NameServer(title: "agent", address: LabAddress.resolver, port: 53, process: agent)
        let theirs = NameServer(
            title: "dnsmasq with nftset",
            address: LabAddress.gateway,
            port: EnforcementMeasurement.otherPort,
            process: other
        )
        say("")
        say("                                                 queries/s   latency ms   processor us a query")
        try measureNewNames([ours, theirs])
        try measureCachedNames([ours, theirs])
    }

    /// A quarter of the names for each device, asked once: every answer fills a set. One device may hold 4,096 addresses.
    private func measureNewNames(_ servers: [NameServer]) throws {
        let share = EnforcementMeasurement.nameCount / devices.count
        for server in servers {
            var runs: [NameRun] = []
            for (number, device) in devices.enumerated() {
                let names = (number * share..<(number + 1) * share).map(EnforcementMeasurement.name)
                runs.append(try ask(names, by: device, server, ["-n", "1"]))
            }
            tell("new names that fill a set", server, runs)
            let filled = try stage.lab.gateway.shell(
                server.title == "agent"
                    ? "nft list set inet gatehouse names4 | grep -o '198\\.18\\.' | wc -l"
                    : "nft list set inet bench names | grep -o '198\\.18\\.' | wc -l"
            )
            say("    in the kernel's set afterwards: \(filled.trimmed) addresses")
        }
    }

    private func measureCachedNames(_ servers: [NameServer]) throws {
        var runs: [[NameRun]] = servers.map { _ in [] }
        for _ in 0..<EnforcementMeasurement.rounds {
            for (index, server) in servers.enumerated() {
                runs[index].append(
                    try ask(EnforcementMeasurement.cachedNames, by: devices[0], server, ["-l", "3"])
                )
            }
        }
        for (index, server) in servers.enumerated() { tell("cached names", server, runs[index]) }
        let ours = EnforcementMeasurement.median(runs[0].map(\.perSecond))
        let theirs = EnforcementMeasurement.median(runs[1].map(\.perSecond))
        say("    agent/dnsmasq \(EnforcementMeasurement.fixed(ours / theirs, 2)) (budget: 1 or more)")
    }

    private func ask(_ names: [String], by device: LabHost, _ server: NameServer, _ more: [String]) throws
        -> NameRun
    {
        let file = "names-\(names[0])"
        try stage.write(names.map { "\($0) A\n" }.joined(), to: file)
        let before = try processorNanoseconds(server.process)
        let output = try device.run(
            [
                "dnsperf", "-s", server.address, "-p", "\(server.port)", "-d", stage.path(file), "-c", "4", "-T", "1",
                "-q",
                "\(EnforcementMeasurement.outstanding)", "-t", "2",
            ] + more,
            withinSeconds: 60
        )
        let after = try processorNanoseconds(server.process)
        func figure(_ label: String) throws -> Double {
            guard let line = output.split(separator: "\n").first(where: { $0.contains(label) }),
                let word = line.dropFirst(
                    line.firstIndex(of: ":").map { line.distance(from: line.startIndex, to: $0) + 1 } ?? 0
                )
                .split(separator: " ").first,
                let value = Double(word)
            else { throw LabError("no \"\(label)\" in what dnsperf said: \(output)") }
            return value
        }
        let completed = try figure("Queries completed")
        let lost = try figure("Queries lost")
        try Story.require(completed > 0, "dnsperf had no answers: \(output)")
        try Story.require(output.contains("NOERROR"), "no names were found: \(output)")
        if lost > 0 {
            say("    \(server.title): \(Int(lost)) queries of \(Int(lost + completed)) without an answer in 2 s")
        }
        return NameRun(
            perSecond: try figure("Queries per second"),
            latencyMilliseconds: try figure("Average Latency") * 1000,
            processorMicroseconds: Double(after - before) / 1000 / completed
        )
    }

    private func tell(_ what: String, _ server: NameServer, _ runs: [NameRun]) {
        say(
            "\(what), \(server.title)".padding(toLength: 47, withPad: " ", startingAt: 0)
                + EnforcementMeasurement.column(
                    EnforcementMeasurement.fixed(EnforcementMeasurement.median(runs.map(\.perSecond)), 0),
                    11
                )
                + EnforcementMeasurement.column(
                    EnforcementMeasurement.fixed(EnforcementMeasurement.median(runs.map(\.latencyMilliseconds)), 2),
                    13
                )
                + EnforcementMeasurement.column(
                    EnforcementMeasurement.fixed(EnforcementMeasurement.median(runs.map(\.processorMicroseconds)), 1),
                    23
                )
        )
    }

    /// On a processor, by schedstat of proc(5); the program has one thread.
    private func processorNanoseconds(_ process: LabProcess) throws -> Int {
        let text = try stage.lab.gateway.run(["cat", "/proc/\(process.pid)/schedstat"])
        return text.split(separator: " ").first.flatMap { Int($0) } ?? 0
    }
}
