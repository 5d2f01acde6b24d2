import NetworkTypes
import PacketParsing
import Policy

extension DNSProxy {
    /// What came from the upstream that a question was forwarded to. Messages that do not carry its identifier and its
    /// question are passed over, and the question goes on waiting: they may be forged, or late.
    public mutating func answered(query number: UInt64, bytes: [UInt8], nowMilliseconds: UInt64) -> [Action] {
        guard let query = pending[number], case .asked(let upstream, let identifier) = query.stage else {
            counters.mismatchedAnswers += 1
            return []
        }
        var reader = ByteReader(bytes.span)
        guard let message = try? DNSMessage(parsing: &reader) else {
            counters.malformedAnswers += 1
            return []
        }
        let asker = query.asker
        guard message.flags.isResponse, message.flags.operation == 0, message.identifier == identifier,
            message.questions == asker.request.questions
        else {
            counters.mismatchedAnswers += 1
            return []
        }
        let extendedCode = (message.extensionRecord?.timeToLiveSeconds ?? 0) >> 24
        let code = message.flags.responseCode
        guard extendedCode == 0, code == .noError || code == .nameError else {
            counters.upstreamFailures += 1
            return ask(number, nowMilliseconds: nowMilliseconds)
        }
        if message.flags.isTruncated {
            // The device comes again over TCP. If it has, even 4096 bytes were too few, and the upstream is asked so too.
            guard !asker.client.isTCP else {
                guard !query.isOverStream else {
                    counters.failures += 1
                    return fail(number)
                }
                pending[number]?.isOverStream = true
                pending[number]?.deadlineMilliseconds = nowMilliseconds + settings.timeoutMilliseconds
                counters.streamRetries += 1
                return [forward(number, to: upstream, identifier)]
            }
            removePending(number)
            var cut = asker.request.reply(.noError)
            cut.flags.isTruncated = true
            return [reply(cut, to: asker)]
        }
        // Other lists may have come since the question.
        if isBlocked(asker) {
            removePending(number)
            return [reply(refusal(for: asker), to: asker)]
        }
        return accept(message, query: number, asker, nowMilliseconds)
    }

    /// Whether the kernel took the addresses of a `fill`, and how long all of them stay there: until then the answer may be
    /// given again as it is.
    public mutating func filled(
        query number: UInt64,
        succeeded: Bool,
        openUntilMilliseconds: UInt64 = 0,
        nowMilliseconds: UInt64 = 0
    ) -> [Action] {
        guard let query = pending[number], case .filling(let message) = query.stage else { return [] }
        guard succeeded else {
            counters.fillFailures += 1
            return fail(number)
        }
        removePending(number)
        return [repeatableReply(message, to: query.asker, openUntilMilliseconds, nowMilliseconds)]
    }

    /// The answer, which is kept for who asks the same again.
    private mutating func repeatableReply(
        _ message: DNSMessage,
        to asker: DNSAsker,
        _ untilMilliseconds: UInt64,
        _ nowMilliseconds: UInt64
    ) -> Action {
        let action = reply(message, to: asker)
        // Denials live by other rules than the times of their records, and what was cut short is asked again otherwise.
        guard !asker.bytes.isEmpty, let device = asker.client.device, message.flags.responseCode == .noError,
            let seconds = message.shortestTimeToLiveSeconds, case .reply(_, let bytes) = action, bytes[2] & 0x02 == 0
        else { return action }
        repeated?.keep(
            bytes,
            to: asker.bytes,
            device: device,
            revision: asker.revision,
            shortestTimeToLiveSeconds: seconds,
            untilMilliseconds: untilMilliseconds,
            nowMilliseconds: nowMilliseconds
        )
        return action
    }

    /// An upstream cannot answer any more: its connection is gone, or there was none to be had. The next is asked at
    /// once; the same one, once, where there is no other and `isStale` says that it had closed a good connection.
    public mutating func failed(
        query number: UInt64,
        upstream: Int,
        isStale: Bool = false,
        nowMilliseconds: UInt64
    ) -> [Action] {
        guard let query = pending[number], case .asked(upstream, _) = query.stage else { return [] }
        if isStale, settings.upstreamCount == 1, !query.isRepeated {
            pending[number]?.isRepeated = true
            pending[number]?.tries -= 1
        } else {
            counters.upstreamFailures += 1
            avoid(upstream, nowMilliseconds)
        }
        return ask(number, nowMilliseconds: nowMilliseconds)
    }

    /// Has another upstream asked first for a while.
    private mutating func avoid(_ upstream: Int, _ nowMilliseconds: UInt64) {
        guard upstream == preferredUpstream else { return }
        preferredUpstream = (upstream + 1) % settings.upstreamCount
        preferredUntilMilliseconds = nowMilliseconds + DNSLimits.preferenceMilliseconds
    }

    /// Goes to the next upstream where one has taken too long, and gives up where all have, or the kernel.
    /// `entropy` must be random.
    public mutating func tick(nowMilliseconds: UInt64, entropy: UInt64) -> [Action] {
        var actions: [Action] = []
        let late = pending.filter { $0.value.deadlineMilliseconds <= nowMilliseconds }
        for number in late.keys.ordered() {
            guard let query = pending[number] else { continue }
            guard case .asked(let upstream, _) = query.stage else {
                counters.fillFailures += 1
                actions += fail(number)
                continue
            }
            counters.timeouts += 1
            avoid(upstream, nowMilliseconds)
            pending[number]?.entropy = DNSProxy.mixed(query.entropy ^ entropy)
            actions += ask(number, nowMilliseconds: nowMilliseconds)
        }
        return actions
    }

    private mutating func accept(
        _ message: DNSMessage,
        query number: UInt64,
        _ asker: DNSAsker,
        _ nowMilliseconds: UInt64
    ) -> [Action] {
        let question = asker.request.questions[0]
        guard var answer = try? DNSAnswer(message, to: question, wantsDNSSEC: asker.request.wantsDNSSEC) else {
            counters.brokenChains += 1
            return fail(number)
        }
        counters.removedRecords += answer.removedRecords
        let limit = UInt32(truncatingIfNeeded: EnforcementLimits.learnedSeconds)
        let lifetime = answer.limitLifetime(toSeconds: limit, askedFor: question.type)
        if asker.isCacheable {
            counters.cacheEvictions += cache.store(
                answer.message,
                for: cacheKey(asker),
                seconds: lifetime,
                nowMilliseconds: nowMilliseconds
            )
        }
        return deliver(answer, to: asker, query: number, nowMilliseconds: nowMilliseconds)
    }

    /// Sends an answer, after its addresses have been filled where the policy names the name. `query` is nil where the
    /// answer comes from the cache.
    mutating func deliver(
        _ answer: DNSAnswer,
        to asker: DNSAsker,
        query: UInt64?,
        nowMilliseconds: UInt64
    ) -> [Action] {
        var answer = answer
        let addresses = answer.keepAddresses { address in
            guard let allowlist = asker.allowlist else { return true }
            return address.isFitForPublicName || allowlist.coversByPrefix(address)
        }
        counters.removedAddresses += answer.removedAddresses
        counters.excessAddresses += answer.excessAddresses
        var message = asker.request.reply(answer.message.flags.responseCode)
        message.answers = answer.message.answers
        message.authorities = answer.message.authorities
        let asksForAD = asker.request.wantsDNSSEC || asker.request.flags.isAuthenticData
        let isWhole = answer.removedAddresses + answer.excessAddresses == 0
        message.flags.isAuthenticData = answer.message.flags.isAuthenticData && asksForAD && isWhole
        if asker.request.extensionRecord != nil {
            message.additionals = [
                DNSMessage.extensionRecord(
                    payloadLength: DNSLimits.payloadLength,
                    wantsDNSSEC: asker.request.wantsDNSSEC
                )
            ]
        }
        guard let name = asker.name, let device = asker.client.device, !addresses.isEmpty,
            asker.allowlist?.permits(name: name) == true
        else {
            if let query { removePending(query) }
            let answer = repeatableReply(message, to: asker, .max, nowMilliseconds)
            guard let name = asker.name, let device = asker.client.device, !addresses.isEmpty else { return [answer] }
            return [.told(device: device, name: name, addresses: addresses), answer]
        }
        guard let number = query ?? addPending(asker, entropy: 0) else {
            return [reply(asker.request.reply(.serverFailure), to: asker)]
        }
        pending[number]?.stage = .filling(message)
        pending[number]?.deadlineMilliseconds = nowMilliseconds + settings.timeoutMilliseconds
        let seconds = EnforcementLimits.learnedSeconds
        return [.fill(query: number, device: device, name: name, addresses: addresses, seconds: seconds)]
    }
}
