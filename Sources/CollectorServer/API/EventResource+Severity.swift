internal import CollectorAPI
internal import WireProtocol

extension EventResource {
    /// `informational`, `notice`, `warning`, `critical`
    static func word(for severity: Report.Severity) -> String {
        switch severity {
        case .informational: return "informational"
        case .notice: return "notice"
        case .warning: return "warning"
        case .critical: return "critical"
        }
    }

    /// The severity of a word; nil for another word.
    static func severity(for word: String) -> Report.Severity? {
        Report.Severity.allCases.first { EventResource.word(for: $0) == word }
    }
}
