public import ConfigurationFiles

/// Everything that is wrong with the rule files, each with its file and line.
public struct KnowledgeProblems: Error, CustomStringConvertible, Sendable {
    /// In the order of the files. Never empty.
    public let problems: [ConfigurationError]

    /// Problems.
    public init(_ problems: [ConfigurationError]) { self.problems = problems }

    /// One line each.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
