public import WireProtocol

extension HighWaterMark: Codable {
    private enum CodingKeys: String, CodingKey {
        case bootEpoch
        case sequence
    }

    /// From an object of `bootEpoch` and `sequence`.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            bootEpoch: try values.decode(UInt64.self, forKey: .bootEpoch),
            sequence: try values.decode(UInt64.self, forKey: .sequence)
        )
    }

    /// An object of `bootEpoch` and `sequence`.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(bootEpoch, forKey: .bootEpoch)
        try values.encode(sequence, forKey: .sequence)
    }
}
