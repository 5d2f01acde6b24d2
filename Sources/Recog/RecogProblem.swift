/// What is wrong with a file of fingerprints, and where.
public struct RecogProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, as it was named.
    public let file: String
    /// The line, counted from 1; 0 where the file as a whole is meant.
    public let line: Int
    /// What is wrong.
    public let message: String

    /// A problem.
    public init(file: String, line: Int, message: String) {
        self.file = file
        self.line = line
        // It quotes the file; what is in there must not forge lines of a log or steer a terminal.
        self.message = String(
            String.UnicodeScalarView(
                message.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
            )
        )
    }

    /// `ssh_banners.xml:12: no pattern`
    public var description: String { line > 0 ? "\(file):\(line): \(message)" : "\(file): \(message)" }
}

/// Everything that is wrong with a file, or with a directory. Never empty.
public struct RecogProblems: Error, Sendable, CustomStringConvertible {
    /// In the order of the files.
    public let problems: [RecogProblem]

    /// Problems.
    public init(_ problems: [RecogProblem]) { self.problems = problems }

    /// One line each.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
