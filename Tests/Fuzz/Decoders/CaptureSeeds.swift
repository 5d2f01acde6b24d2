import Captures
import NetworkTypes
import PacketParsing

/// What the captures of the data folder have for the decoders: a few different messages of each kind. Nothing where the
/// folder is not there.
struct CaptureSeeds: Sendable {
    /// Most messages of a place.
    static let maximumSeeds = 24
    /// Longest beginning of a file.
    static let fileLength = 6000

    /// Read once.
    static let shared = CaptureSeeds()

    private var seeds: [CapturePlace: [[UInt8]]] = [:]
    /// Length and first bytes of those that are there.
    private var known: [CapturePlace: Set<[UInt8]>] = [:]

    subscript(place: CapturePlace) -> [[UInt8]] { seeds[place] ?? [] }

    private init() {
        for capture in CaptureData.captures {
            guard let file = try? CaptureData.bytes(capture) else { continue }
            add(.file, Array(file.prefix(CaptureSeeds.fileLength)))
            var reader = CaptureFileReader()
            try? reader.feed(file.span) { frame, bytes in addFrame(bytes, frame.linkType) }
        }
        known = [:]
    }

    private mutating func add(_ place: CapturePlace, _ bytes: [UInt8]) {
        guard !bytes.isEmpty, seeds[place, default: []].count < CaptureSeeds.maximumSeeds else { return }
        // The identifiers at the beginning differ always; the lengths tell kinds of messages apart.
        let kind = [UInt8(truncatingIfNeeded: bytes.count), UInt8(truncatingIfNeeded: bytes.count >> 8)]
        guard known[place, default: []].insert(kind + bytes.prefix(1)).inserted else { return }
        seeds[place, default: []].append(bytes)
    }

    private mutating func addFrame(_ bytes: Span<UInt8>, _ linkType: LinkType) {
        var reader = ByteReader(bytes)
        add(.frame(linkType: linkType.rawValue), ByteString(reader).bytes)
        do throws(DecodeError) {
            let link = try LinkHeader(parsing: &reader, linkType: linkType)
            add(.etherType(link.etherType.rawValue), ByteString(reader).bytes)
            guard link.etherType == .ipv4 || link.etherType == .ipv6 else { return }
            let ip = try IPHeader(parsing: &reader)
            guard ip.isFirstFragment else { return }
            var payload = try reader.slice(Swift.min(ip.payloadLength ?? reader.remaining, reader.remaining))
            add(.transport(ip.transport.rawValue), ByteString(payload).bytes)
            if ip.transport == .udp {
                let udp = try UDPHeader(parsing: &payload)
                add(.udp(udp.sourcePort), ByteString(payload).bytes)
                if udp.sourcePort != udp.destinationPort { add(.udp(udp.destinationPort), ByteString(payload).bytes) }
            } else if ip.transport == .tcp {
                let tcp = try TCPHeader(parsing: &payload)
                add(.tcp(tcp.sourcePort), ByteString(payload).bytes)
                if tcp.sourcePort != tcp.destinationPort { add(.tcp(tcp.destinationPort), ByteString(payload).bytes) }
                if let first = payload.peek() { add(.tcpBeginning(first), ByteString(payload).bytes) }
            }
        } catch {
            // A broken frame gives what was read of it.
        }
    }
}
