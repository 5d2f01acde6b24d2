import NetworkTypes
import Policy
import Samples
import Testing

@Suite struct PolicyGateTests {
    static let context = PolicyGate.Context(
        gatewayID: "gw-1",
        site: "warehouse-7",
        highestGenerationSeen: 6,
        nowSeconds: 1_700_000_100,
        protected: [ProtectedPrefix(IPAddress(v4: 0xC633_6407), purpose: "the collector")],
        trustedKeys: [[UInt8](repeating: 0xEE, count: 32), PolicyEnvelopeTests.key]
    )

    static func reason(
        _ bundle: PolicyBundle = PolicySamples.bundle,
        key: [UInt8] = PolicyEnvelopeTests.key,
        _ change: (inout PolicyGate.Context) -> Void = { _ in }
    ) -> PolicyRefusal.Reason? {
        var context = Self.context
        change(&context)
        do throws(PolicyRefusal) {
            let accepted = try PolicyGate.accept(
                PolicySamples.sign(bundle, key: key),
                context: context,
                verify: PolicySamples.verify
            )
            #expect(accepted == bundle)
            return nil
        } catch {
            #expect(!error.detail.isEmpty)
            return error.reason
        }
    }

    @Test func accepts() { #expect(Self.reason() == nil) }

    @Test func otherKey() { #expect(Self.reason(key: [UInt8](repeating: 1, count: 32)) == .unknownKey) }

    @Test func target() {
        #expect(Self.reason { $0.gatewayID = "gw-3" } == .target)
        #expect(Self.reason { $0.site = "office" } == .target)
        #expect(Self.reason { $0.site = "" } == .target)
    }

    @Test func expiry() {
        #expect(Self.reason { $0.nowSeconds = 1_731_536_000 } == nil)
        #expect(Self.reason { $0.nowSeconds = 1_731_536_001 } == .expired)
    }

    @Test func generations() {
        var plain = PolicySamples.bundle
        plain.rollbackFrom = nil
        #expect(Self.reason(plain) == nil)
        #expect(Self.reason(plain) { $0.highestGenerationSeen = 7 } == .generation)
        #expect(Self.reason(plain) { $0.highestGenerationSeen = 8 } == .generation)
        // The sample's grant names 9.
        #expect(Self.reason { $0.highestGenerationSeen = 8 } == nil)
        #expect(Self.reason { $0.highestGenerationSeen = 9 } == nil)
        #expect(Self.reason { $0.highestGenerationSeen = 10 } == .generation)
    }

    @Test func cutsOff() {
        for blocked in [
            "0.0.0.0/0", "::/0", "198.51.100.0/24", "198.51.100.7", "192.0.2.0/24", "127.0.0.0/8", "fe80::/64",
        ] {
            var bundle = PolicySamples.bundle
            bundle.baseline.blockedPrefixes.append(PolicySamples.prefix(blocked))
            #expect(Self.reason(bundle) == .cutsOff, "\(blocked)")
        }
    }

    @Test func invalid() {
        var bundle = PolicySamples.bundle
        bundle.allowlists[1].name = "cameras"
        #expect(Self.reason(bundle) == .invalid)
    }

    @Test func reasonNames() {
        #expect(
            PolicyRefusal.Reason.allCases.map(\.name.text)
                == [
                    "signature", "unknown-key", "invalid", "target", "expired", "generation", "cuts-off", "storage",
                    "unreachable", "interrupted", "kernel",
                ]
        )
    }
}
