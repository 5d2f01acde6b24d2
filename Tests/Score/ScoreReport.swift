import Captures
import Fingerprinting
import NetworkTypes

/// A score as text.
struct ScoreReport {
    /// What is wanted: a wrong name costs more than none, and a wrong model sends people after wrong vulnerabilities.
    private static let leastPrecision = 0.97
    private static let leastClassCoverage = 0.80
    private static let leastVendorCoverage = 0.85

    private let score: CaptureScore

    init(_ score: CaptureScore) { self.score = score }

    /// Each bound, and whether it holds.
    private var bounds: [(text: String, holds: Bool)] {
        [
            ("class precision ≥ 0.97", score.classes.precision >= Self.leastPrecision),
            ("class coverage ≥ 0.80", score.classes.coverage >= Self.leastClassCoverage),
            ("vendor precision ≥ 0.97", score.vendors.precision >= Self.leastPrecision),
            ("vendor coverage ≥ 0.85", score.vendors.coverage >= Self.leastVendorCoverage),
            ("no wrong model", score.models.wrong == 0),
        ]
    }

    var holds: Bool { bounds.allSatisfy(\.holds) }

    func print() {
        for row in score.rows { Swift.print(Self.line(row)) }
        for label in score.labelsWithoutDevice { Swift.print("\(label.path): the label names no device: not judged") }
        Swift.print(
            """

            class   \(score.classes)
            vendor  \(score.vendors)
            model   \(score.models)

            confidence    said  right  share  mean confidence
            """
        )
        for bin in score.calibration.bins where bin.said > 0 {
            let range = "\(threeDigits(Double(bin.from) / 1000))-\(threeDigits(Double(min(bin.to, 1000)) / 1000))"
            Swift.print(
                Self.padded(range, 13),
                Self.padded(String(bin.said), 5),
                Self.padded(String(bin.right), 6),
                Self.padded(threeDigits(bin.share), 6),
                threeDigits(bin.meanConfidence)
            )
        }
        Swift.print("Brier score \(threeDigits(score.calibration.brierScore))\n")
        for bound in bounds { Swift.print(bound.holds ? "holds    " : "DOES NOT HOLD", bound.text) }
    }

    private static func line(_ row: CaptureScore.Row) -> String {
        let identity = row.identity
        let named = [
            part(identity.deviceClass.name, identity.classConfidence, row.deviceClass),
            part(identity.vendor, identity.vendorConfidence, row.vendor),
            part(identity.model, identity.modelConfidence, row.model),
        ]
        let labelled = (row.label.macs + row.label.addresses).joined(separator: " ")
        let device = row.device?.description ?? labelled + " not seen"
        return "\(row.label.path) \(device)\n    " + named.joined(separator: "; ")
    }

    private static func part(_ name: ByteString?, _ confidence: ConfidencePerMille, _ verdict: Verdict) -> String {
        guard let name, confidence > 0 else { return verdict == .notJudged ? "-" : verdict.rawValue }
        let word = verdict == .wrong ? "WRONG" : verdict.rawValue
        return "\(name.text) \(threeDigits(Double(confidence) / 1000)) \(word)"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
