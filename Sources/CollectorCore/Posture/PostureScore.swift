/// A score and what it lost.
public struct PostureScore: Hashable, Sendable, Codable {
    /// 0...100
    public var points: UInt64
    /// Why it is not more; the console shows them.
    public var deductions: [PostureDeduction]

    /// A score of `maximum` less the deductions, at least 0.
    public init(outOf maximum: UInt64, deductions: [PostureDeduction]) {
        let lost = deductions.reduce(0) { $0 + $1.points }
        self.points = maximum - min(lost, maximum)
        self.deductions = deductions
    }
}

/// Points that were lost, and why.
public struct PostureDeduction: Hashable, Sendable, Codable {
    /// How many.
    public var points: UInt64
    /// For people.
    public var reason: String

    /// A deduction.
    public init(_ points: UInt64, _ reason: String) {
        self.points = points
        self.reason = reason
    }
}
