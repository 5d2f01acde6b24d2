public import NetworkTypes

/// What became of the frames a `SignalExtractor` was given.
public struct ExtractionCounters: Hashable, Sendable {
    /// All frames.
    public internal(set) var frames: UInt64 = 0
    /// Frames that made a sighting.
    public internal(set) var sightings: UInt64 = 0
    /// Frames of a link type that is not decoded.
    public internal(set) var unsupportedLinkType: UInt64 = 0
    /// Frames whose headers or messages could not be decoded.
    public internal(set) var malformed: UInt64 = 0
    /// Frames without a source MAC address, or with one of a group, or with zeros.
    public internal(set) var rejectedSource: UInt64 = 0
    /// Frames that a router brought from elsewhere.
    public internal(set) var offLink: UInt64 = 0
    /// ARP and DHCP messages that name another sender than the frame does.
    public internal(set) var senderMismatch: UInt64 = 0
    /// Fragments after the first, of what is not UDP.
    public internal(set) var laterFragments: UInt64 = 0
    /// UDP datagrams put together of fragments.
    public internal(set) var reassembledDatagrams: UInt64 = 0
    /// Fragmented datagrams given up since fragments overlap, contradict each other, or reach too far.
    public internal(set) var brokenDatagrams: UInt64 = 0
    /// Fragmented datagrams given up for newer ones.
    public internal(set) var evictedDatagrams: UInt64 = 0
    /// Fragmented datagrams of which a part did not come in time.
    public internal(set) var expiredDatagrams: UInt64 = 0
    /// Answers that speak for other hosts than their sender.
    public internal(set) var relayedAnswers: UInt64 = 0
    /// Signals beyond `SignalExtractor.maximumSignals` of one frame.
    public internal(set) var droppedSignals: UInt64 = 0
    /// Unfinished streams given up for newer ones.
    public internal(set) var evictedStreams: UInt64 = 0
    /// QUIC Initial packets and encrypted broadcasts that none of the published keys opened.
    public internal(set) var undecryptable: UInt64 = 0
    /// The same, not tried because too many came within a second.
    public internal(set) var undecrypted: UInt64 = 0
    /// Streams given up because they grew too long, or into too many pieces.
    public internal(set) var oversizedStreams: UInt64 = 0

    /// Server names that nobody took in time.
    public internal(set) var droppedServerNames: UInt64 = 0

    /// All zero.
    public init() {}

    /// What was not read, or given up, by its name in health reports.
    public var passedOver: [(name: ByteString, value: UInt64)] {
        [
            ("malformed", malformed), ("senderMismatch", senderMismatch), ("relayedAnswers", relayedAnswers),
            ("droppedSignals", droppedSignals), ("evictedStreams", evictedStreams),
            ("oversizedStreams", oversizedStreams), ("laterFragments", laterFragments),
            ("brokenDatagrams", brokenDatagrams), ("evictedDatagrams", evictedDatagrams),
            ("expiredDatagrams", expiredDatagrams), ("undecryptable", undecryptable), ("undecrypted", undecrypted),
            ("droppedServerNames", droppedServerNames),
        ]
    }

    /// Adds those of another link that `passedOver` names.
    public mutating func add(_ other: ExtractionCounters) {
        malformed += other.malformed
        senderMismatch += other.senderMismatch
        relayedAnswers += other.relayedAnswers
        droppedSignals += other.droppedSignals
        evictedStreams += other.evictedStreams
        oversizedStreams += other.oversizedStreams
        laterFragments += other.laterFragments
        brokenDatagrams += other.brokenDatagrams
        evictedDatagrams += other.evictedDatagrams
        expiredDatagrams += other.expiredDatagrams
        undecryptable += other.undecryptable
        undecrypted += other.undecrypted
        droppedServerNames += other.droppedServerNames
    }
}
