import NetworkTypes
import PacketParsing
import Policy

/// A device's question, as far as its answer needs it.
struct DNSAsker: Sendable {
    /// Where the answer goes.
    var client: DNSProxy.Client
    /// What was asked: header, one question, and the OPT record if there was one.
    var request: DNSMessage
    /// The name asked; nil for names that no host has.
    var name: DomainName?
    /// The policy in force when it was asked; nil for none.
    var allowlist: Allowlist?
    /// The question as it came, where its answer may be given again; else empty.
    var bytes: [UInt8] = []
    /// The enforcement's revision when it was judged.
    var revision: UInt64 = 0

    /// Bytes that fit into the answer.
    var payloadLength: Int { client.isTCP ? DNSMessage.maximumLength : request.payloadLength }
    /// Answers to questions that switch validation off may be wrong, and are for their askers alone.
    var isCacheable: Bool { !request.flags.checkingDisabled }
}

/// A question on its way: to an upstream, or answered and waiting for the kernel.
struct PendingQuery: Sendable {
    enum Stage: Sendable {
        /// Sent to an upstream, with this identifier.
        case asked(upstream: Int, identifier: UInt16)
        /// The answer that leaves once its addresses are in the kernel.
        case filling(DNSMessage)
    }

    var asker: DNSAsker
    var stage: Stage
    /// When it fails, or goes to the next upstream.
    var deadlineMilliseconds: UInt64
    /// How many upstreams have been asked.
    var tries: Int
    /// Whether it was sent over a stream: TLS, or TCP after an answer that UDP had no room for.
    var isOverStream = false
    /// Whether it was sent again because the only upstream had closed its stream.
    var isRepeated = false
    /// What identifiers are made of.
    var entropy: UInt64
}
