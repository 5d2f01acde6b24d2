import CollectorCore
import Testing

/// What becomes of what a source of blocklists sends.
@Suite struct BlocklistSourceStateTests {
    private static func copy(_ names: Int, hash: String = "h") -> BlocklistSourceState.Copy {
        BlocklistSourceState.Copy(
            hash: hash,
            byteCount: names * 10,
            nameCount: names,
            exceptionCount: 0,
            skippedCount: 0,
            fetchedMilliseconds: 1
        )
    }

    private static func take(
        _ state: inout BlocklistSourceState,
        _ names: Int,
        hash: String = "h",
        tag: String? = "\"e\""
    ) -> BlocklistSourceState.Disposition {
        state.take(copy(names, hash: hash), entityTag: tag, lastModified: nil, nowMilliseconds: 5)
    }

    @Test(arguments: [
        (100, BlocklistSourceState.Disposition.used), (50, .used), (49, .held), (1, .held), (0, .refused),
        (1000, .used),
    ])
    func whatShrinksByMoreThanHalfIsHeldBack(_ names: Int, _ expected: BlocklistSourceState.Disposition) {
        var state = BlocklistSourceState()
        #expect(Self.take(&state, 100, hash: "old") == .used)
        #expect(Self.take(&state, names, hash: "new") == expected)
        #expect(state.good?.hash == (expected == .used ? "new" : "old"))
        #expect(state.held?.hash == (expected == .held ? "new" : nil))
        #expect((state.problem != nil) == (expected == .refused))
    }

    @Test func theFirstIsTakenHoweverSmallButNotEmpty() {
        var state = BlocklistSourceState()
        #expect(Self.take(&state, 0) == .refused && state.good == nil)
        #expect(Self.take(&state, 1) == .used)
    }

    @Test func anOperatorAcceptsWhatIsHeldBackAndALongerOneEndsIt() {
        var state = BlocklistSourceState()
        let early = state.accept()
        #expect(!early, "nothing is held back")
        _ = Self.take(&state, 100, hash: "old")
        _ = Self.take(&state, 10, hash: "small")
        let isAccepted = state.accept()
        #expect(isAccepted && state.good?.hash == "small" && state.held == nil)
        // Small steps from there on are judged against what was accepted.
        #expect(Self.take(&state, 6) == .used)
        var other = BlocklistSourceState()
        _ = Self.take(&other, 100, hash: "old")
        _ = Self.take(&other, 10, hash: "small")
        #expect(Self.take(&other, 90, hash: "back") == .used && other.held == nil && other.good?.hash == "back")
    }

    @Test func aFailureKeepsTheCopyAndItsValidators() {
        var state = BlocklistSourceState()
        _ = Self.take(&state, 100)
        state.fail("status 500", nowMilliseconds: 9)
        state.fail("status 500", nowMilliseconds: 10)
        #expect(state.good?.nameCount == 100 && state.entityTag == "\"e\"" && state.failureCount == 2)
        state.confirm(nowMilliseconds: 11)
        #expect(state.problem == nil && state.failureCount == 0 && state.checkedMilliseconds == 11)
    }

    @Test func itIsAskedByTheClockAndSoonerAfterAFailure() {
        let day: UInt64 = 86_400_000
        var state = BlocklistSourceState()
        #expect(state.isDue(everyMilliseconds: day, nowMilliseconds: 1))
        state.confirm(nowMilliseconds: day)
        #expect(!state.isDue(everyMilliseconds: day, nowMilliseconds: 2 * day - 1))
        #expect(state.isDue(everyMilliseconds: day, nowMilliseconds: 2 * day))
        #expect(state.isDue(everyMilliseconds: day, nowMilliseconds: day - 1), "the clock was set back")
        state.fail("no", nowMilliseconds: day)
        let retry = BlocklistSourceState.retryMilliseconds
        #expect(!state.isDue(everyMilliseconds: day, nowMilliseconds: day + retry - 1))
        #expect(state.isDue(everyMilliseconds: day, nowMilliseconds: day + retry))
        #expect(state.isDue(everyMilliseconds: 1000, nowMilliseconds: day + 1000), "never later than by the clock")
    }

    @Test func aValidatorWithoutEndIsNotKept() {
        var state = BlocklistSourceState()
        _ = Self.take(&state, 5, tag: String(repeating: "x", count: BlocklistSourceState.maximumValidatorBytes + 1))
        #expect(state.entityTag == nil)
    }
}
