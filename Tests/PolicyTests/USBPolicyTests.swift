import NetworkTypes
import Policy
import Samples
import Testing

@Suite struct USBPolicyTests {
    private static let keyboard: ByteString = "usb:046d:c31c:@1-1.2"
    private static let stick: ByteString = "usb:0781:5581:4C530001@1-1.3"

    @Test func nothingIsDeauthorisedWhereNothingIsSaid() {
        #expect(!USBPolicy().deauthorises(Self.keyboard, input: true, storage: true))
    }

    @Test func eachFunctionIsItsOwn() {
        var policy = USBPolicy()
        policy.deauthorisesInput = true
        #expect(policy.deauthorises(Self.keyboard, input: true, storage: false))
        #expect(policy.deauthorises(Self.stick, input: true, storage: true))
        #expect(!policy.deauthorises(Self.stick, input: false, storage: true))
        policy.deauthorisesStorage = true
        #expect(policy.deauthorises(Self.stick, input: false, storage: true))
    }

    @Test(
        arguments: [
            ("046d:c31c", keyboard, true), ("0781:5581", stick, true), ("0781:5581:4C530001", stick, true),
            ("046d:c31", keyboard, false), ("046d:c31c:X", keyboard, false), ("0781:5581:4C53000", stick, false),
            ("0781:5581:4C5300011", stick, false), ("5581", stick, false),
        ] as [(ByteString, ByteString, Bool)]
    )
    func allowed(entry: ByteString, key: ByteString, isAllowed: Bool) {
        var policy = USBPolicy()
        policy.deauthorisesInput = true
        policy.allowed = ["ffff:ffff", entry]
        #expect(policy.deauthorises(key, input: true, storage: false) != isAllowed)
    }

    @Test func anAllowanceAloneIsSuspicious() {
        var bundle = PolicySamples.bundle
        bundle.baseline.usb.deauthorisesInput = false
        let problems = PolicyValidator.validate(bundle).map(\.description)
        #expect(problems.contains { $0.hasPrefix("usb allow stands without deauthorise") }, "\(problems)")
    }
}
