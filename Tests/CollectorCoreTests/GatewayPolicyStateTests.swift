import CollectorCore
import Testing

@Suite struct GatewayPolicyStateTests {
    @Test func aRefusedTargetDoesNotCount() {
        var state = GatewayPolicyState()
        #expect(state.floorGeneration == 0)
        (state.generation, state.hash) = (7, "aa")
        (state.targetGeneration, state.targetHash) = (1 << 40, "bb")
        #expect(state.floorGeneration == 1 << 40, "under way")
        func refusal(of hash: String) -> RefusalRecord {
            RefusalRecord(policyHash: hash, reason: "unknown-key", detail: "", timeMilliseconds: 1)
        }
        state.refusal = refusal(of: "cc")
        #expect(state.floorGeneration == 1 << 40, "another one was refused")
        state.refusal = refusal(of: "bb")
        #expect(state.floorGeneration == 7)
    }
}
