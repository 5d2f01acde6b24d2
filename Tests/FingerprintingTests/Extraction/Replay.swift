import Fingerprinting
import NetworkTypes
import PacketParsing

/// A capture run through an extractor.
struct Replay {
    var extractor = SignalExtractor(onLink: .guessed)
    var sightings: [Sighting] = []
    var frames = 0
    var isTruncated = false

    /// Feeds the file in pieces of `pieceLength` bytes.
    init(_ file: [UInt8], pieceLength: Int = 65536) throws(DecodeError) {
        var reader = CaptureFileReader()
        var extractor = SignalExtractor(onLink: .guessed)
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
    func values(_ kind: SignalKind, of device: String? = nil) -> [String] {
        var values: [String] = []
        for sighting in sightings where device == nil || sighting.device.description == device {
            for signal in sighting.signals where signal.kind == kind && !values.contains(signal.value.text) {
                values.append(signal.value.text)
            }
        }
        return values
    }

    /// All addresses of a device.
    func addresses(of device: String) -> Set<String> {
        Set(sightings.filter { $0.device.description == device }.compactMap { $0.address?.description })
    }
}
