public import NetworkTypes
import PacketParsing
public import Policy

/// Answers the devices' DNS questions through upstream resolvers, and has the kernel let a device reach the addresses of
/// a name before it hears of them (DESIGN §8). Messages and time come in, what to do goes out; it does no I/O.
public struct DNSProxy: Sendable {
    /// What the proxy is told about its surroundings.
    public struct Settings: Hashable, Sendable {
        /// How many upstreams there are; they are numbered from 0, in the order of preference.
        public var upstreamCount: Int
        /// How long an upstream may take, and the kernel.
        public var timeoutMilliseconds: UInt64
        /// Whether the upstreams are asked over TLS; then never in the clear.
        public var isOverTLS: Bool

        /// Settings.
        public init(upstreamCount: Int, timeoutMilliseconds: UInt64, isOverTLS: Bool = false) {
            self.upstreamCount = upstreamCount
            self.timeoutMilliseconds = timeoutMilliseconds
            self.isOverTLS = isOverTLS
        }
    }

    /// Who asks.
    public struct Client: Hashable, Sendable {
        /// The device, where it is known.
        public var device: MACAddress?
        /// Whether it asks over TCP; then answers are not cut short.
        public var isTCP: Bool
        /// Where the answer goes; it has a meaning to the caller alone.
        public var handle: UInt64
        /// The gateway's own addresses as the device sees it, for names that a policy refuses with a notice.
        public var gatewayAddresses: [IPAddress] = []

        /// A client.
        public init(device: MACAddress?, isTCP: Bool, handle: UInt64) {
            self.device = device
            self.isTCP = isTCP
            self.handle = handle
        }
    }

    /// What the caller is to do.
    public enum Action: Hashable, Sendable {
        /// Send `bytes` to an upstream: over its stream, or over UDP from a fresh random port. What comes back there from
        /// that upstream goes to `answered` with the same number; where nothing can come back any more, call `failed`.
        case forward(query: UInt64, bytes: [UInt8], upstream: Int, isOverStream: Bool)
        /// Let the device reach the addresses for `seconds`, then call `filled`.
        case fill(query: UInt64, device: MACAddress, name: DomainName, addresses: [IPAddress], seconds: UInt64)
        /// The device carries data in names: `tunnel` tells how, once an hour; nil for each question after that.
        case suspect(device: MACAddress, tunnel: DNSTunnel?)
        /// The device is told these addresses for a name that its policy does not open, or as long as there is none.
        case told(device: MACAddress, name: DomainName, addresses: [IPAddress])
        /// Send `bytes` to the client; over TCP the length goes before them.
        case reply(client: Client, bytes: [UInt8])
    }

    /// What was done and turned away.
    public internal(set) var counters = Counters()

    /// The lists that policies name; nil where the gateway has none. Those set here judge every question from then on, also
    /// one whose answer is in the cache or under way.
    public var blocklists: Blocklists? {
        didSet { repeated?.removeAll() }
    }

    let settings: Settings
    var cache = DNSCache()
    /// Made at the first question: it wants entropy.
    var repeated: RepeatedAnswers?
    /// Made at the first question: it wants entropy.
    var tunnels: DNSTunnelDetector?
    var pending: HashTable<UInt64, PendingQuery> = HashTable()
    var pendingCounts: HashTable<MACAddress, Int> = HashTable()
    var nextQuery: UInt64 = 0
    /// The upstream that is asked first: the one after the last that failed or said nothing in time,
    var preferredUpstream = 0
    /// until then.
    var preferredUntilMilliseconds: UInt64 = 0

    /// A proxy that knows nothing yet.
    public init(settings: Settings) { self.settings = settings }

    /// The answer to the first `count` bytes of `bytes`, where the device was given it before and nothing has changed since;
    /// nil where the message must go through `query`. `revision` is the enforcement's.
    public mutating func repeatedAnswer(
        to bytes: [UInt8],
        _ count: Int,
        device: MACAddress,
        revision: UInt64,
        nowMilliseconds: UInt64
    ) -> [UInt8]? {
        let answer = repeated?.answer(
            bytes,
            count,
            device: device,
            revision: revision,
            nowMilliseconds: nowMilliseconds
        )
        guard let answer = answer ?? nil else { return nil }
        counters.queries += 1
        counters.cacheHits += 1
        counters.replies += 1
        counters.repeatedAnswers += 1
        return answer
    }

    /// A message of a device. `allowlist` is nil where no policy holds the device: then everything but the names of
    /// other resolvers is answered, and nothing filled. `entropy` must be random: identifiers are made of it.
    public mutating func query(
        _ bytes: [UInt8],
        from client: Client,
        allowlist: Allowlist?,
        entropy: UInt64,
        nowMilliseconds: UInt64
    ) -> [Action] {
        counters.queries += 1
        var reader = ByteReader(bytes.span)
        guard let message = try? DNSMessage(parsing: &reader) else {
            counters.malformed += 1
            return unreadable(bytes, client)
        }
        // An answer to an answer could go round for ever.
        guard !message.flags.isResponse else {
            counters.malformed += 1
            return []
        }
        if let refusal = refusal(of: message) {
            counters.malformed += 1
            let asker = DNSAsker(client: client, request: message)
            return [reply(refusal, to: asker)]
        }
        let question = message.questions[0]
        var asker = DNSAsker(
            client: client,
            request: DNSMessage(
                identifier: message.identifier,
                flags: message.flags,
                questions: [question],
                additionals: message.extensionRecord.map { [$0] } ?? []
            ),
            name: question.name.domainName,
            allowlist: allowlist
        )
        if repeated == nil { repeated = RepeatedAnswers(entropy: DNSProxy.mixed(~entropy)) }
        let suspicion = suspicion(of: asker, entropy, nowMilliseconds)
        // Each question of a tunnel is to be seen, and what validation was switched off for is for its asker alone.
        if suspicion == nil, !client.isTCP, asker.isCacheable { asker.bytes = bytes }
        asker.revision = repeated?.revision ?? 0
        let actions = answer(asker, entropy, nowMilliseconds)
        return suspicion.map { actions + [$0] } ?? actions
    }

    /// Whether the question is one of many that carry data. Also those that are refused: what asks so is to be known.
    private mutating func suspicion(of asker: DNSAsker, _ entropy: UInt64, _ nowMilliseconds: UInt64) -> Action? {
        guard let device = asker.client.device else { return nil }
        let question = asker.request.questions[0]
        if tunnels == nil { tunnels = DNSTunnelDetector(entropy: DNSProxy.mixed(entropy)) }
        switch tunnels?.take(question.name, question.type, device: device, nowMilliseconds: nowMilliseconds) {
        case nil, .some(.none): return nil
        case .known: return .suspect(device: device, tunnel: nil)
        case .noticed(let tunnel):
            repeated?.removeAll()
            return .suspect(device: device, tunnel: tunnel)
        }
    }

    private mutating func answer(_ asker: DNSAsker, _ entropy: UInt64, _ nowMilliseconds: UInt64) -> [Action] {
        switch verdict(on: asker) {
        case .absent: return [reply(asker.request.reply(.nameError), to: asker)]
        case .refused: return [reply(refusal(for: asker), to: asker)]
        case .answered: break
        }
        let key = cacheKey(asker)
        if asker.isCacheable, let cached = cache.message(key, nowMilliseconds: nowMilliseconds) {
            counters.cacheHits += 1
            return deliver(DNSAnswer(cached: cached), to: asker, query: nil, nowMilliseconds: nowMilliseconds)
        }
        guard let number = addPending(asker, entropy: entropy) else {
            return [reply(asker.request.reply(.serverFailure), to: asker)]
        }
        return ask(number, nowMilliseconds: nowMilliseconds)
    }

    /// FORMERR for what cannot be read but has a header of a question; nothing for the rest.
    private mutating func unreadable(_ bytes: [UInt8], _ client: Client) -> [Action] {
        guard bytes.count >= DNSMessage.headerLength, bytes[2] & 0x80 == 0 else { return [] }
        var request = DNSMessage(identifier: UInt16(bytes[0]) << 8 | UInt16(bytes[1]))
        request.flags.rawValue = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        let asker = DNSAsker(client: client, request: request)
        return [reply(request.reply(.formatError), to: asker)]
    }

    /// The answer to messages that are not one question of the Internet's class; nil where it is one.
    private func refusal(of message: DNSMessage) -> DNSMessage? {
        guard message.flags.operation == 0 else { return message.reply(.notImplemented) }
        let extensions = message.additionals.filter { $0.type == .opt }
        guard message.questions.count == 1, extensions.count <= 1 else { return message.reply(.formatError) }
        if let record = extensions.first, record.timeToLiveSeconds >> 16 & 0xFF != 0 {
            // BADVERS, 16: its upper eight bits are the first byte of the OPT record's flags (RFC 6891 §6.1.3).
            var reply = message.reply(.noError)
            reply.additionals = reply.additionals.map { (record: DNSRecord) -> DNSRecord in
                var record = record
                record.timeToLiveSeconds = 1 << 24
                return record
            }
            return reply
        }
        let question = message.questions[0]
        guard question.recordClass == .internet else { return message.reply(.refused) }
        // 0, OPT and 128...254 are no types of records (RFC 6895 §3.1); zone transfers are among them.
        let number = question.type.rawValue
        guard number != 0, question.type != .opt, !(128...254).contains(number) else { return message.reply(.refused) }
        return nil
    }

    /// Whether a list refuses the name asked; counted.
    mutating func isBlocked(_ asker: DNSAsker) -> Bool {
        guard let name = asker.name, let allowlist = asker.allowlist, let blocklists,
            blocklists.refuse(name, under: allowlist)
        else { return false }
        counters.blocked += 1
        return true
    }

    /// What becomes of a question.
    private enum Verdict {
        /// An upstream may say.
        case answered
        /// The policy does not want it.
        case refused
        /// It must not exist, whatever the policy says: whoever asks tells by that whether to go round the gateway.
        case absent
    }

    /// The answer that refuses: NXDOMAIN, or where the policy wants it the gateway's own address for a while. Where the
    /// other types denied the name itself, resolvers would take no address for it either.
    func refusal(for asker: DNSAsker) -> DNSMessage {
        let addresses = asker.client.gatewayAddresses
        guard asker.allowlist?.showsNotice == true, !addresses.isEmpty else { return asker.request.reply(.nameError) }
        let question = asker.request.questions[0]
        var message = asker.request.reply(.noError)
        for address in addresses where question.type == (address.family == .v4 ? .a : .aaaa) {
            message.answers.append(
                DNSRecord(name: question.name, address: address, timeToLiveSeconds: DNSLimits.noticeSeconds)
            )
        }
        return message
    }

    /// The verdict on the name asked.
    private mutating func verdict(on asker: DNSAsker) -> Verdict {
        if let name = asker.name, EncryptedResolverNames.contains(name) {
            counters.refusedResolvers += 1
            return .absent
        }
        guard let allowlist = asker.allowlist else { return .answered }
        if isBlocked(asker) { return .refused }
        // A rule cannot name what is no domain name.
        let isAnswered = asker.name.map { allowlist.answers(name: $0) } ?? !allowlist.dns.answersOnlyAllowed
        if !isAnswered { counters.refused += 1 }
        return isAnswered ? .answered : .refused
    }

    func cacheKey(_ asker: DNSAsker) -> DNSCache.Key {
        let question = asker.request.questions[0]
        return DNSCache.Key(name: question.name, type: question.type, wantsDNSSEC: asker.request.wantsDNSSEC)
    }

    /// The message in bytes, as the client takes them.
    mutating func reply(_ message: DNSMessage, to asker: DNSAsker) -> Action {
        counters.replies += 1
        let bytes = message.encoded(maximumLength: asker.payloadLength)
        // The third byte of the header has the TC flag.
        if bytes[2] & 0x02 != 0 { counters.truncated += 1 }
        return .reply(client: asker.client, bytes: bytes)
    }
}
