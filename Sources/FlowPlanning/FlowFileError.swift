/// What is wrong with a file of flows.
public struct FlowFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    public let line: Int
    /// What is wrong there.
    public let message: String

    /// `line 3: port is missing`
    public var description: String { "line \(line): \(message)" }
}
