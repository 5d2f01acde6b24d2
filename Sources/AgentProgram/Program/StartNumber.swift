import NetworkTypes
import SystemIO
import WireProtocol

/// What tells one start of the agent from every other: its boot epoch, counted on the disk, and an instance.
///
/// Epochs that are written down are two apart. A disk that takes nothing (read-only, failing) leaves a start with the number
/// between, as often as it starts; as the collector holds two instances of one epoch for two hosts, those starts share an
/// instance, made of what makes this host another than one with a copy of its disk.
struct StartNumber {
    let epoch: UInt64
    let instance: ByteString
    /// Whether no other start will have it: then reports may carry it.
    let isKept: Bool

    static func next(_ state: StateDirectory, hardware: [MACAddress]) throws(SystemError) -> StartNumber {
        let before = try state.bootEpoch.read() ?? 0
        do throws(SystemError) {
            try state.bootEpoch.write(before &+ 2)
            return StartNumber(
                epoch: before &+ 2,
                instance: ByteString(try SystemRandom.bytes(16)),
                isKept: true
            )
        } catch {
            guard error.isOfTheDisk else { throw error }
            var text: ByteString = "gatehouse start \(before)"
            for address in hardware { text.append(" \(address.byteString)") }
            return StartNumber(
                epoch: before &+ 1,
                instance: ByteString(Array(SHA256.hash(text.bytes).prefix(16))),
                isKept: false
            )
        }
    }
}
