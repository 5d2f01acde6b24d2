import NetworkTypes
import Policy
import Testing

@testable import AgentCore

/// What devices learned under the policy that comes back.
@Suite struct RecallTests {
    static let device = TrafficScript.camera

    static func enforcing(_ names: [ByteString], generation: UInt64) throws -> PolicyBundle {
        var bundle = PolicyBundle()
        bundle.generation = generation
        for name in names {
            let pattern = NamePattern(name: try SamplePolicies.name(name), isWildcard: false)
            bundle.baseline.unknown.allow.append(AllowRule(to: .name(pattern), ports: [SamplePolicies.tcp(443)]))
        }
        return bundle
    }

    @Test func whatTheTrialWouldNotHaveComesBackAndWhatTimedOutDoesNot() throws {
        var enforcement = Enforcement(settings: TrafficScript.settings)
        let old = try Self.enforcing(["cloud.example", "brief.example"], generation: 7)
        enforcement.adopt(old, devices: TrafficScript.devices())
        for (name, address, seconds) in [
            ("cloud.example", "192.0.2.80", 4000), ("brief.example", "192.0.2.81", 300),
        ] as [(ByteString, ByteString, UInt64)] {
            _ = enforcement.learn(
                device: Self.device,
                name: try SamplePolicies.name(name),
                addresses: [try #require(IPAddress(address))],
                seconds: seconds,
                nowMilliseconds: 0
            )
        }
        let before = enforcement
        enforcement.adopt(try Self.enforcing(["new.example"], generation: 8), devices: TrafficScript.devices())
        #expect(!enforcement.load(nowMilliseconds: 0).text.contains("192.0.2.80"))
        _ = enforcement.learn(
            device: Self.device,
            name: try SamplePolicies.name("new.example"),
            addresses: [try #require(IPAddress("192.0.2.99"))],
            seconds: 4000,
            nowMilliseconds: 0
        )
        // One device has gone meanwhile: nothing comes back for it.
        for devices in [TrafficScript.devices(), []] {
            var back = enforcement
            back.adopt(old, devices: devices)
            back.recall(before, nowMilliseconds: 3_000_000)
            let load = back.load(nowMilliseconds: 3_000_000).text
            #expect(load.contains("192.0.2.80 . tcp . 443 timeout 1000s") == !devices.isEmpty, "\(load)")
            #expect(!load.contains("192.0.2.81") && !load.contains("192.0.2.99"))
            #expect(back.bundle?.generation == 7 && back.epoch != before.epoch)
        }
    }
}
