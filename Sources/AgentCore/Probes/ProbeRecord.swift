import NetworkTypes
public import WireProtocol

/// The last time one question was put to one device, and what came of it. In the device's report it is evidence:
/// `probe.rtsp.options`, `tcp/554 sent 86 received 142 at 1764190000 answered`; and from there it is read again after a
/// restart, so that what a device refused it is not asked anew.
public struct ProbeRecord: Hashable, Sendable {
    /// What came of a question. The names are part of reports.
    public enum Outcome: UInt8, CaseIterable, Sendable {
        /// An answer.
        case answered
        /// No answer in time.
        case silent
        /// Nobody listens at the port.
        case closed
        /// Something else, or a failed handshake.
        case failed
        /// 401, 403, or the like: the device is left alone.
        case refused
        /// The device cut the connection: it is left alone.
        case reset

        var name: ByteString {
            switch self {
            case .answered: return "answered"
            case .silent: return "silent"
            case .closed: return "closed"
            case .failed: return "failed"
            case .refused: return "refused"
            case .reset: return "reset"
            }
        }
    }

    /// Which question.
    public let step: ProbeStep
    /// Where to.
    public let port: UInt16
    /// Bytes of payload sent (of TLS: of the records).
    public var sentBytes: UInt64
    /// Bytes of payload received.
    public var receivedBytes: UInt64
    /// Wall clock, seconds since 1970.
    public var atSeconds: UInt64
    /// What came of it.
    public var outcome: Outcome
    /// How often in succession it was not answered; not kept over a restart.
    public var misses: UInt8 = 0

    /// A record.
    public init(
        step: ProbeStep,
        port: UInt16,
        sentBytes: UInt64,
        receivedBytes: UInt64,
        atSeconds: UInt64,
        outcome: Outcome
    ) {
        self.step = step
        self.port = port
        self.sentBytes = sentBytes
        self.receivedBytes = receivedBytes
        self.atSeconds = atSeconds
        self.outcome = outcome
    }

    static let evidencePrefix: ByteString = "probe."

    /// As evidence.
    public var evidence: EvidenceReport {
        var evidence = EvidenceReport()
        evidence.signal = "\(ProbeRecord.evidencePrefix)\(step.name)"
        evidence.value = """
            \(step.transport == .udp ? "udp" : "tcp")/\(port) sent \(sentBytes) received \(receivedBytes) \
            at \(atSeconds) \(outcome.name)
            """
        return evidence
    }

    /// From evidence; nil for evidence of another kind.
    public init?(_ evidence: EvidenceReport) {
        guard evidence.signal.hasPrefix(ProbeRecord.evidencePrefix) else { return nil }
        let words = evidence.value.split(0x20)
        guard words.count == 8, let port = Decimal.parse(words[0].split(0x2F).last ?? "", limit: 65_535),
            let sent = Decimal.parse(words[2]), let received = Decimal.parse(words[4]), let at = Decimal.parse(words[6])
        else { return nil }
        for step in ProbeStep.allCases {
            guard evidence.signal == "\(ProbeRecord.evidencePrefix)\(step.name)" else { continue }
            for outcome in Outcome.allCases where outcome.name == words[7] {
                self.init(
                    step: step,
                    port: UInt16(port),
                    sentBytes: sent,
                    receivedBytes: received,
                    atSeconds: at,
                    outcome: outcome
                )
                return
            }
        }
        return nil
    }
}
