/// What was said about one attribute of all labelled devices.
public struct Tally: CustomStringConvertible, Sendable {
    /// Devices of which the label knows the attribute and the capture tells it.
    public private(set) var devices = 0
    /// Of these, the devices of which something was said.
    public private(set) var covered = 0
    /// Statements that are right.
    public private(set) var right = 0
    /// Statements that are wrong.
    public private(set) var wrong = 0

    /// Nothing counted.
    public init() {}

    /// Counts a verdict; `isTold` where the label holds that the capture tells the attribute.
    public mutating func add(_ verdict: Verdict, isTold: Bool) {
        if isTold, verdict != .notJudged {
            devices += 1
            if verdict.isSaid { covered += 1 }
        }
        if verdict == .right { right += 1 }
        if verdict == .wrong { wrong += 1 }
    }

    /// The share of what was said that is right; 1 where nothing was.
    public var precision: Double { right + wrong == 0 ? 1 : Double(right) / Double(right + wrong) }
    /// The share of the devices of which something was said, right or wrong.
    public var coverage: Double { devices == 0 ? 0 : Double(covered) / Double(devices) }

    /// Coverage and precision in one line.
    public var description: String {
        "said of \(covered) of \(devices) (coverage \(threeDigits(coverage))), "
            + "\(right) right, \(wrong) wrong (precision \(threeDigits(precision)))"
    }
}

/// A share with three digits after the point.
public func threeDigits(_ share: Double) -> String {
    let thousandths = Int((share * 1000).rounded())
    let digits = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
}
