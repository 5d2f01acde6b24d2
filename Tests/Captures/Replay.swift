import Fingerprinting
import NetworkTypes
import PacketParsing
import TLS

/// A capture run through an extractor.
public struct Replay {
    /// The extractor, with its counters.
    public var extractor = SignalExtractor(onLink: .guessed, ciphers: .openSSL)
    /// What it made of the frames, in their order.
    public var sightings: [Sighting] = []
    /// Whole frames of the file.
    public var frames = 0
    /// Whether the file ends within one.
    public var isTruncated = false

    /// Feeds the file in pieces of `pieceLength` bytes.
    public init(_ file: [UInt8], pieceLength: Int = 65536) throws(DecodeError) {
        var reader = CaptureFileReader()
        var extractor = SignalExtractor(onLink: .guessed, ciphers: .openSSL)
        var sightings: [Sighting] = []
        var offset = 0
        while offset < file.count {
            let end = min(offset + pieceLength, file.count)
            let piece = Array(file[offset..<end])
            try reader.feed(piece.span) { frame, bytes in
                if let sighting = extractor.extract(
                    bytes,
                    linkType: frame.linkType,
                    timeNanoseconds: frame.timeNanoseconds
                ) {
                    sightings.append(sighting)
                }
            }
            offset = end
        }
        self.extractor = extractor
        self.sightings = sightings
        frames = Int(reader.frameCount)
        isTruncated = reader.isTruncated
    }

    /// All values of a kind that a device let be seen, each once, in order.
    public func values(_ kind: SignalKind, of device: String? = nil) -> [String] {
        var values: [String] = []
        for sighting in sightings where device == nil || sighting.device.description == device {
            for signal in sighting.signals where signal.kind == kind && !values.contains(signal.value.text) {
                values.append(signal.value.text)
            }
        }
        return values
    }

    /// All addresses of a device.
    public func addresses(of device: String) -> Set<String> {
        Set(sightings.filter { $0.device.description == device }.compactMap { $0.address?.description })
    }

    /// What is held of a device after all that it let be seen. The address of its interface alone says something too.
    public func identity(of device: MACAddress, knowledge: KnowledgeBase) -> Identity {
        var tracker = IdentityTracker(device: DeviceKey(device), knowledge: knowledge)
        for sighting in sightings where sighting.device == device {
            for signal in sighting.signals { tracker.add(signal, knowledge: knowledge) }
        }
        return tracker.identity
    }

    /// Whether anything was seen of a device.
    public func hasSeen(_ device: MACAddress) -> Bool { sightings.contains { $0.device == device } }

    /// The devices that were seen to hold an address.
    public func devices(holding address: IPAddress) -> [MACAddress] {
        var devices: [MACAddress] = []
        for sighting in sightings where sighting.address == address && !devices.contains(sighting.device) {
            devices.append(sighting.device)
        }
        return devices
    }
}
