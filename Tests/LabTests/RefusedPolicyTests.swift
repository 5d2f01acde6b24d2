import Foundation
import Lab
import NetworkTypes
import Policy
import TLS
import TestSupport
import Testing

/// Policies that must not come into force, pushed through the real collector to the real agent: each is refused, the
/// refusal is reported with its reason, and the policy before it stays in force.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasCollector, "needs a lab, and the programs beside the tests")
)
struct RefusedPolicyTests {
    /// Signs a bundle as `gatehousectl policy sign` does, whatever is in it.
    static func envelope(_ key: Ed25519SigningKey, _ change: (inout PolicyBundle) -> Void = { _ in }) throws -> [UInt8]
    {
        var bundle = PolicyBundle()
        bundle.generation = 7
        bundle.issuedAtSeconds = UInt64(Date().timeIntervalSince1970)
        bundle.notAfterSeconds = bundle.issuedAtSeconds + 86_400
        change(&bundle)
        let keyID = PolicyEnvelope.keyID(of: key.publicKey)
        let payload = bundle.encoded()
        let signature = try key.sign(PolicyEnvelope.toBeSigned(payload: payload, keyID: keyID))
        return PolicyEnvelope(payload: payload, keyID: keyID, signature: signature).encoded()
    }

    private static func push(_ envelope: [UInt8], _ fleet: LabFleet) throws {
        let file = fleet.agent.path("policy.cose")
        try Data(envelope).write(to: URL(fileURLWithPath: file))
        try fleet.control(["policy", "push", file])
    }

    private static func generation(_ fleet: LabFleet) throws -> Int {
        try fleet.agent.status()?["generation"] as? Int ?? -1
    }

    @Test func leaveTheOneBeforeInForce() throws {
        let key = try Ed25519SigningKey.generate()
        let stranger = try Ed25519SigningKey.generate()
        let fleet = try LabFleet(
            certificateLifetimeSeconds: 3600,
            policyKeys: [Hexadecimal.encode(key.publicKey).text]
        )
        defer { fleet.lab.close() }
        try fleet.agent.start()
        try Lab.wait(within: 30, for: "the agent to connect; \(fleet.agent.log)") { try fleet.agent.isConnected() }
        try Self.push(try Self.envelope(key), fleet)
        try Lab.wait(within: 30, for: "the first policy; \(fleet.agent.log)") { try Self.generation(fleet) == 7 }

        var altered = try Self.envelope(key) { $0.generation = 8 }
        altered[altered.count - 1] ^= 1
        let collector = try #require(IPAddress(ByteString(utf8: LabAddress.central)))
        let cases: [(name: String, envelope: [UInt8], reason: String)] = [
            ("another key", try Self.envelope(stranger) { $0.generation = 1 << 40 }, "unknown-key"),
            ("one byte altered", altered, "signature"),
            (
                "cuts off the collector",
                try Self.envelope(key) {
                    $0.generation = 8
                    $0.baseline.blockedPrefixes = [IPPrefix(host: collector)]
                }, "cuts-off"
            ),
        ]
        for (index, refused) in cases.enumerated() {
            try Self.push(refused.envelope, fleet)
            try Lab.wait(within: 30, for: "the refusal: \(refused.name); \(fleet.agent.log)") {
                try fleet.agent.counter("policies.refused") == index + 1
            }
            let state = { try fleet.list(["policy", "status"]).first ?? [:] }
            try Lab.wait(within: 30, for: "the report: \(refused.name)") {
                "\(try state())".contains(refused.reason)
            }
            #expect(try Self.generation(fleet) == 7, "\(refused.name)")
        }
        // The collector leaves the gateway alone with a lower generation, and with one for another gateway.
        try Self.push(try Self.envelope(key) { $0.generation = 6 }, fleet)
        try Self.push(
            try Self.envelope(key) {
                $0.generation = 9
                $0.target.gateways = ["another"]
            },
            fleet
        )
        // The control, and a sign that all of the above was dealt with.
        try Self.push(try Self.envelope(key) { $0.generation = 8 }, fleet)
        try Lab.wait(within: 30, for: "the next policy; \(fleet.agent.log)") { try Self.generation(fleet) == 8 }
        #expect(try fleet.agent.counter("policies.refused") == cases.count)
    }
}
