import NetworkTypes

/// A sighting while its frame is being read.
struct SightingDraft {
    var device: MACAddress
    let timeNanoseconds: UInt64
    var address: IPAddress?
    var signals: [Signal] = []
    var droppedSignals: UInt64 = 0
    /// The frame says nothing of its sender, not even that it is there.
    var isRejected = false

    init(device: MACAddress, timeNanoseconds: UInt64) {
        self.device = device
        self.timeNanoseconds = timeNanoseconds
    }

    /// Adds a signal, once; nothing for an empty value.
    mutating func add(_ kind: SignalKind, _ value: ByteString?) {
        guard let value, !value.isEmpty else { return }
        let signal = Signal(kind, value)
        for known in signals where known == signal { return }
        guard signals.count < SignalExtractor.maximumSignals else {
            droppedSignals += 1
            return
        }
        signals.append(signal)
    }
}
