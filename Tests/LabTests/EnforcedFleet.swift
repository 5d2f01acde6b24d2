import Foundation
import Lab
import NetworkTypes
import Policy
import TLS
import TestSupport

/// A fleet whose gateway enforces a policy from its start, and whose devices send real packets.
final class EnforcedFleet {
    let fleet: LabFleet
    private let key: Ed25519SigningKey
    private let keys: [String]
    var lab: Lab { fleet.lab }
    var agent: LabAgent { fleet.agent }

    /// Starts all of it with a policy of generation 7; `more` goes into the agent's configuration.
    init(
        more: String = "",
        prepare: (EnforcedFleet) throws -> Void = { _ in },
        _ change: (inout PolicyBundle) throws -> Void
    ) throws {
        key = try Ed25519SigningKey.generate()
        keys = [Hexadecimal.encode(key.publicKey).text]
        fleet = try LabFleet(certificateLifetimeSeconds: 3600, credits: 50, policyKeys: keys)
        do {
            try agent.configure(host: LabAddress.central, policyKeys: keys, enforces: true, more: more)
            try Data(try envelope(7, change)).write(to: agent.state.appendingPathComponent("policy.cose"))
            try prepare(self)
            try agent.start()
            try waitUntilConnected()
        } catch {
            fleet.lab.close()
            throw error
        }
    }

    func waitUntilConnected() throws {
        try Lab.wait(within: 60, for: "the agent to connect; \(agent.log)") { try agent.isConnected() }
    }

    private func envelope(_ generation: UInt64, _ change: (inout PolicyBundle) throws -> Void) throws -> [UInt8] {
        var changed = PolicyBundle()
        try change(&changed)
        return try RefusedPolicyTests.envelope(key) { bundle in
            let times = (bundle.issuedAtSeconds, bundle.notAfterSeconds)
            bundle = changed
            bundle.generation = generation
            (bundle.issuedAtSeconds, bundle.notAfterSeconds) = times
        }
    }

    /// Has another policy proved; how long that took seen from outside, and when it was ordered, on `now`'s clock.
    @discardableResult
    func push(_ generation: UInt64, _ change: (inout PolicyBundle) throws -> Void) throws -> Int {
        let file = agent.path("policy-\(generation).cose")
        try Data(try envelope(generation, change)).write(to: URL(fileURLWithPath: file))
        let ordered = Self.now()
        try fleet.control(["policy", "push", file, "--wait", "30s"])
        return ordered
    }

    /// The clock that the lab's programs print, milliseconds.
    static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }

    /// What `nft` lists on the gateway; empty where there is no such thing.
    func nft(_ words: String...) throws -> String {
        let result = try lab.gateway.attempt(["nft"] + words)
        return result.status == 0 ? result.output : ""
    }

    func isQuarantined(_ mac: String) throws -> Bool {
        try nft("list", "set", "inet", "gatehouse", "quarantined").contains(mac)
    }

    /// Waits until the agent holds a device to its policy, with this address.
    func waitUntilHeld(_ mac: String, _ address: String) throws {
        try Lab.wait(within: 30, for: "\(mac) with \(address) to be held; \(agent.log)") {
            try nft("list", "set", "inet", "gatehouse", address.contains(":") ? "bound6" : "bound4")
                .contains("\(mac) . \(address)")
        }
    }

    /// Summaries of incidents of a kind, newest first.
    func incidents(_ kind: String) throws -> [String] {
        try fleet.list(["incident", "list", "--limit", "500"]).filter {
            ($0["fields"] as? [String: Any])?["kind"] as? String == kind
        }.compactMap { $0["summary"] as? String }
    }

    /// Reports of refused packets.
    func violations() throws -> [[String: Any]] {
        try fleet.list(["incident", "list", "--kind", "violation", "--limit", "500"])
            .compactMap { $0["violation"] as? [String: Any] }
    }

    /// What a device's Python prints, each line an object.
    static func lines(_ output: String) -> [[String: Any]] {
        output.split(separator: "\n").compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
    }
}

extension AllowRule {
    /// A rule by its texts; a test has no other.
    static func to(_ text: ByteString, _ ports: PortRange...) -> AllowRule {
        if let prefix = IPPrefix(text) { return AllowRule(to: .prefix(prefix), ports: ports) }
        guard let name = NamePattern(text) else { preconditionFailure("a test has no rule in \(text)") }
        return AllowRule(to: .name(name), ports: ports)
    }
}

extension PortRange {
    static func tcp(_ port: UInt16) -> PortRange { PortRange(transport: .tcp, first: port, last: port) }
    static func udp(_ port: UInt16) -> PortRange { PortRange(transport: .udp, first: port, last: port) }
}
