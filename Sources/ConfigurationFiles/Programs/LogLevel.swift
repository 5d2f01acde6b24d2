public import NetworkTypes

/// How much a program logs.
public enum LogLevel: UInt8, CaseIterable, Hashable, Sendable, Comparable {
    /// What needs somebody to act.
    case error = 0
    /// What somebody should look at.
    case warning = 1
    /// What happens in the ordinary course.
    case info = 2
    /// Everything.
    case debug = 3

    /// `warning`
    public var name: ByteString {
        switch self {
        case .error: return "error"
        case .warning: return "warning"
        case .info: return "info"
        case .debug: return "debug"
        }
    }

    /// By how much is logged.
    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}

extension ConfigurationValue {
    func logLevel() throws(ConfigurationError) -> LogLevel {
        let text = try text()
        for level in LogLevel.allCases where level.name == text { return level }
        throw mismatch(text, "error, warning, info or debug")
    }
}
