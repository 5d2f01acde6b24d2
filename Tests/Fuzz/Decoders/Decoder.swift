import NetworkTypes

/// Something of the project that reads bytes which others wrote. It must neither trap nor hang on any of them, nor take
/// more memory than their length allows for.
public struct Decoder: Sendable, CustomStringConvertible {
    /// `dns`: what `make fuzz DECODER=dns` says, and the folder of its corpus.
    public let name: String
    /// Where captures have such bytes; nothing for what no capture has.
    public let places: [CapturePlace]
    /// Most bytes of an input.
    public let maximumLength: Int
    /// Well-formed bytes, to have something to damage where no captures are.
    public let samples: @Sendable () -> [[UInt8]]
    /// Decodes all of the bytes; whether they were taken for well-formed.
    public let decode: @Sendable ([UInt8]) -> Bool

    /// A decoder of whole byte arrays.
    init(
        _ name: String,
        _ places: [CapturePlace] = [],
        maximumLength: Int = 2048,
        samples: @escaping @Sendable () -> [[UInt8]] = { [] },
        decode: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.name = name
        self.places = places
        self.maximumLength = maximumLength
        self.decode = decode
        self.samples = { samples() + PacketSamples.bytes(name) }
    }

    /// A decoder of one message, in the project's usual shape.
    static func reader(
        _ name: String,
        _ places: [CapturePlace] = [],
        texts: [String] = [],
        samples: [[UInt8]] = [],
        maximumLength: Int = 2048,
        _ decode: @escaping @Sendable (inout ByteReader) throws(DecodeError) -> Void
    ) -> Decoder {
        Decoder(name, places, maximumLength: maximumLength, samples: { texts.map { Array($0.utf8) } + samples }) {
            bytes in
            var reader = ByteReader(bytes.span)
            do throws(DecodeError) {
                try decode(&reader)
                return true
            } catch {
                return false
            }
        }
    }

    /// Samples, and what captures have of the kind, the shortest first.
    public var seeds: [[UInt8]] {
        let all = samples() + places.flatMap { CaptureSeeds.shared[$0] }
        return all.map { Array($0.prefix(maximumLength)) }.sorted { $0.count < $1.count }
    }

    /// The name.
    public var description: String { name }
}
