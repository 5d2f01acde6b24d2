import NetworkTypes
import PacketParsing

extension DNSProxy {
    /// Makes room for a question; nil where too many wait.
    mutating func addPending(_ asker: DNSAsker, entropy: UInt64) -> UInt64? {
        let device = asker.client.device
        let deviceCount = device.map { pendingCounts[$0, default: 0] } ?? 0
        guard pending.count < DNSLimits.pendingQueries, deviceCount < DNSLimits.pendingQueriesPerDevice else {
            counters.droppedPending += 1
            return nil
        }
        if let device { pendingCounts[device] = deviceCount + 1 }
        let number = nextQuery
        nextQuery += 1
        pending[number] = PendingQuery(
            asker: asker,
            stage: .asked(upstream: preferredUpstream, identifier: 0),
            deadlineMilliseconds: 0,
            tries: 0,
            entropy: entropy
        )
        return number
    }

    /// Takes a question away, since its answer leaves.
    mutating func removePending(_ number: UInt64) {
        guard let query = pending.removeValue(forKey: number), let device = query.asker.client.device else { return }
        let left = pendingCounts[device, default: 1] - 1
        pendingCounts[device] = left > 0 ? left : nil
    }

    /// Asks the next upstream; SERVFAIL where all have been asked.
    mutating func ask(_ number: UInt64, nowMilliseconds: UInt64) -> [Action] {
        guard var query = pending[number] else { return [] }
        guard query.tries < settings.upstreamCount else {
            counters.failures += 1
            return fail(number)
        }
        if nowMilliseconds >= preferredUntilMilliseconds { preferredUpstream = 0 }
        var upstream = preferredUpstream
        if query.tries > 0, case .asked(let last, _) = query.stage { upstream = (last + 1) % settings.upstreamCount }
        query.entropy = DNSProxy.mixed(query.entropy &+ 0x9E37_79B9_7F4A_7C15)
        let identifier = UInt16(truncatingIfNeeded: query.entropy >> 24)
        query.stage = .asked(upstream: upstream, identifier: identifier)
        query.isOverStream = settings.isOverTLS
        query.tries += 1
        query.deadlineMilliseconds = nowMilliseconds + settings.timeoutMilliseconds
        pending[number] = query
        return [forward(number, to: upstream, identifier)]
    }

    /// Has a question sent to an upstream.
    mutating func forward(_ number: UInt64, to upstream: Int, _ identifier: UInt16) -> Action {
        counters.forwarded += 1
        let query = pending[number]
        let bytes = query.map { forwardedBytes($0.asker, identifier) } ?? []
        return .forward(query: number, bytes: bytes, upstream: upstream, isOverStream: query?.isOverStream == true)
    }

    /// SERVFAIL.
    mutating func fail(_ number: UInt64) -> [Action] {
        guard let asker = pending[number]?.asker else { return [] }
        removePending(number)
        return [reply(asker.request.reply(.serverFailure), to: asker)]
    }

    /// The question with an identifier of our own: the device's may be guessed. Options of EDNS concern the device and
    /// us alone (RFC 6891 §6.2.6) and stay here.
    private func forwardedBytes(_ asker: DNSAsker, _ identifier: UInt16) -> [UInt8] {
        var flags = DNSFlags(rawValue: 0)
        flags.recursionDesired = true
        flags.isAuthenticData = asker.request.flags.isAuthenticData
        flags.checkingDisabled = asker.request.flags.checkingDisabled
        var message = DNSMessage(identifier: identifier, flags: flags, questions: asker.request.questions)
        if asker.client.isTCP || asker.request.extensionRecord != nil || settings.isOverTLS {
            let offered = UInt16(truncatingIfNeeded: Swift.min(asker.request.payloadLength, Int(UInt16.max)))
            let payloadLength =
                asker.client.isTCP ? DNSLimits.payloadLengthForTCP : Swift.min(offered, DNSLimits.payloadLength)
            message.additionals = [
                DNSMessage.extensionRecord(
                    payloadLength: payloadLength,
                    wantsDNSSEC: asker.request.wantsDNSSEC
                )
            ]
        }
        if settings.isOverTLS { pad(&message) }
        return message.encoded()
    }

    /// Makes a question as long as others, so that its length does not tell the name (RFC 7830, RFC 8467 §4.1). The
    /// message has an OPT record.
    private func pad(_ message: inout DNSMessage) {
        // Code 12 and the length of what follows (RFC 7830 §3).
        let length = message.encoded().count + 4
        let padding = (DNSLimits.paddingBlock - length % DNSLimits.paddingBlock) % DNSLimits.paddingBlock
        let option = [0, 12, 0, UInt8(padding)] + [UInt8](repeating: 0, count: padding)
        message.additionals[0].data = .raw(option)
    }

    /// Spreads entropy over all bits (the finalizer of SplitMix64, Steele and others 2014).
    static func mixed(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
