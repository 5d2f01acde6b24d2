import Fingerprinting
import NetworkTypes
import SystemIO

/// An interface that devices are attached to, and what captures there while it is there.
struct CapturedInterface {
    /// Why it is not listened to; nil where it is.
    enum Trouble: Hashable {
        case missing
        case down
        case failed(ByteString)

        var words: ByteString {
            switch self {
            case .missing: return "is not there"
            case .down: return "is down"
            case .failed(let reason): return reason
            }
        }
    }

    /// What the configuration calls it.
    let name: ByteString
    /// The kernel's number; 0 while it is not there.
    var index: UInt32 = 0
    /// What the kernel calls it now.
    var kernelName: ByteString
    var ring: PacketRing?
    /// Handshakes of TLS and QUIC have a ring of their own where names are enforced: they must not wait for others.
    var handshakes: PacketRing?
    var extractor: SignalExtractor
    var trouble: Trouble? = .missing
    /// Frames of rings that are gone.
    var pastReceived: UInt64 = 0
    var pastDropped: UInt64 = 0
    /// What the collector was told last, and until when (monotonic milliseconds) it is told nothing more.
    var told: ByteString = ""
    var quietUntilMilliseconds: UInt64 = 0

    init(name: ByteString, extractor: SignalExtractor) {
        self.name = name
        self.extractor = extractor
        kernelName = name
    }

    /// What is wrong, for people; empty where nothing is.
    var problem: ByteString {
        if let trouble {
            let also: ByteString = kernelName == name ? "" : ", called \(kernelName) now,"
            return "the interface \(name)\(also) \(trouble.words): nothing is seen of devices behind it"
        }
        guard kernelName != name else { return "" }
        return """
            the interface \(name) is called \(kernelName) now: its devices are held there too, until the agent starts again
            """
    }
}
