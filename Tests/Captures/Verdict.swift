/// What a label says of one attribute of an identity.
public enum Verdict: String, Sendable {
    case right, wrong
    /// Nothing was said, and something could have been.
    case unsaid = "unknown"
    /// Nothing was said, and the capture does not tell: a right answer, which is no loss of coverage.
    case rightlyUnsaid = "rightly unknown"
    /// The label does not know either.
    case notJudged = "not judged"

    /// Whether a name was said and can be judged.
    public var isSaid: Bool { self == .right || self == .wrong }
}
