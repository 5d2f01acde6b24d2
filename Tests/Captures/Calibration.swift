import Fingerprinting

/// Whether confidences are what they say they are: of what is said with 0.9, nine of ten should be right.
public struct Calibration: Sendable {
    /// What was said with a confidence from `from` (thousandths) to below the next bin's.
    public struct Bin: Sendable {
        /// The least confidence, thousandths.
        public let from: Int
        /// The least confidence of the next bin.
        public let to: Int
        /// Statements.
        public internal(set) var said = 0
        /// Of these, the right ones.
        public internal(set) var right = 0
        /// Sum of the confidences, thousandths.
        public internal(set) var confidence = 0

        /// The share that is right, 0 to 1.
        public var share: Double { said == 0 ? 0 : Double(right) / Double(said) }
        /// Mean of the confidences, 0 to 1.
        public var meanConfidence: Double { said == 0 ? 0 : Double(confidence) / Double(said) / 1000 }
    }

    /// From the least confidence to the highest.
    public private(set) var bins: [Bin] = []
    private var squares = 0.0
    private var count = 0

    /// Nothing is named below 0.5, and what is sure lies close together, so the bins become narrower.
    public init() {
        let bounds = [0, 500, 600, 700, 800, 900, 950, 980, 1001]
        for (from, to) in zip(bounds, bounds.dropFirst()) { bins.append(Bin(from: from, to: to)) }
    }

    /// Counts one thing that was said, and whether it is right.
    public mutating func add(_ verdict: Verdict, _ confidence: ConfidencePerMille) {
        guard verdict.isSaid, let index = bins.firstIndex(where: { $0.from <= confidence && confidence < $0.to }) else {
            return
        }
        bins[index].said += 1
        bins[index].right += verdict == .right ? 1 : 0
        bins[index].confidence += Int(confidence)
        let distance = Double(confidence) / 1000 - (verdict == .right ? 1 : 0)
        squares += distance * distance
        count += 1
    }

    /// Mean squared distance of confidence and truth (G. W. Brier, Monthly Weather Review 78, 1950, for two outcomes,
    /// halved as is usual): 0 is perfect, 0.25 is what "perhaps" gets.
    public var brierScore: Double { count == 0 ? 0 : squares / Double(count) }
}
