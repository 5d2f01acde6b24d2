import NetworkTypes
import PacketParsing

/// Answers as they left, for devices that ask the same again in the very same bytes: only the identifier and the times to live
/// change. Neither policy nor kernel is asked again, so an entry is good only as long as both would say the same: until the
/// first record or the first address in the kernel runs out, and until anything else has changed (`revision`).
///
/// Devices ask for few names, some of them every few seconds; most of what an answer costs is spared then.
struct RepeatedAnswers: Sendable {
    private struct Key: Hashable {
        var device: MACAddress
        /// Of the question's bytes without the identifier.
        var hash: UInt64
    }

    private struct Entry: Sendable {
        /// Without the identifier.
        var question: [UInt8]
        var answer: [UInt8]
        /// Where the times to live stand in `answer`.
        var offsets: [Int]
        var storedMilliseconds: UInt64
        /// By how many seconds the times to live were shortened since.
        var agedSeconds: UInt32 = 0
        var expiresMilliseconds: UInt64

        mutating func answer(_ asked: [UInt8], _ count: Int, _ nowMilliseconds: UInt64) -> [UInt8]? {
            guard nowMilliseconds < expiresMilliseconds, question.count == count - 2 else { return nil }
            for index in question.indices where question[index] != asked[index + 2] { return nil }
            answer[0] = asked[0]
            answer[1] = asked[1]
            // Rounded up: together with the whole seconds that the cache took off it is never less than what passed.
            let age = UInt32(truncatingIfNeeded: (nowMilliseconds - storedMilliseconds + 999) / 1000)
            if age != agedSeconds {
                for offset in offsets { shorten(at: offset, by: age - agedSeconds) }
                agedSeconds = age
            }
            return answer
        }

        private mutating func shorten(at offset: Int, by seconds: UInt32) {
            var left: UInt32 = 0
            for index in offset..<offset + 4 { left = left << 8 | UInt32(answer[index]) }
            left -= Swift.min(left, seconds)
            for index in 0..<4 { answer[offset + index] = UInt8(truncatingIfNeeded: left >> UInt32(24 - 8 * index)) }
        }
    }

    private let hash: SipHash
    private var entries: HashTable<Key, Entry> = HashTable()
    /// Of the enforcement, when it was last asked for an answer.
    private(set) var revision: UInt64 = 0

    /// `entropy` is random: nobody can choose questions that are taken for one another's.
    init(entropy: UInt64) { hash = SipHash(key: (entropy, ~entropy)) }

    var count: Int { entries.count }

    /// The answer to the first `count` bytes of `question`; nil where it must be looked for in earnest.
    mutating func answer(
        _ question: [UInt8],
        _ count: Int,
        device: MACAddress,
        revision: UInt64,
        nowMilliseconds: UInt64
    ) -> [UInt8]? {
        guard revision == self.revision else {
            removeAll()
            self.revision = revision
            return nil
        }
        guard !entries.isEmpty, count > DNSLimits.headerLength else { return nil }
        let key = Key(device: device, hash: hash.hash(question.span, 2..<count))
        return entries.change(key) { $0.answer(question, count, nowMilliseconds) } ?? nil
    }

    /// Keeps an answer until `untilMilliseconds`, or until its first time to live is over. One whose question was judged at
    /// another revision is not kept: what was right then may be refused now.
    mutating func keep(
        _ answer: [UInt8],
        to question: [UInt8],
        device: MACAddress,
        revision: UInt64,
        shortestTimeToLiveSeconds seconds: UInt32,
        untilMilliseconds: UInt64,
        nowMilliseconds: UInt64
    ) {
        var reader = ByteReader(answer.span)
        let expires = Swift.min(untilMilliseconds, nowMilliseconds + UInt64(seconds) * 1000)
        guard revision == self.revision, expires > nowMilliseconds, question.count > DNSLimits.headerLength,
            question.count + answer.count <= DNSLimits.repeatedBytes,
            let offsets = try? DNSMessage.timeToLiveOffsets(parsing: &reader)
        else { return }
        // What has run out goes only now: until then it is in nobody's way.
        if entries.count >= DNSLimits.repeatedAnswers {
            entries = entries.filter { $0.value.expiresMilliseconds > nowMilliseconds }
            if entries.count >= DNSLimits.repeatedAnswers { removeAll() }
        }
        entries[Key(device: device, hash: hash.hash(question.span, 2..<question.count))] = Entry(
            question: Array(question[2...]),
            answer: answer,
            offsets: offsets,
            storedMilliseconds: nowMilliseconds,
            expiresMilliseconds: expires
        )
    }

    mutating func removeAll() { entries.removeAll() }
}
