public import NetworkTypes

/// What is wrong with a file that a person wrote, and where.
public struct ConfigurationError: Error, Hashable, Sendable {
    /// The file, as it was named on the command line.
    public let file: ByteString
    /// The line, counted from 1; 0 where the file as a whole is meant.
    public let line: UInt32
    /// What is wrong, and what to do.
    public let message: ByteString

    /// An error.
    public init(file: ByteString, line: UInt32, message: ByteString) {
        self.file = file
        self.line = line
        self.message = message
    }

    /// `agent.yaml:12: unknown key "x"`
    public var byteString: ByteString {
        var text = file
        if line > 0 {
            text.append(":")
            text.append(decimal: line)
        }
        text.append(": ")
        text.append(message)
        return text
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// The same as `byteString`, as text.
    public var description: String { byteString.text }
}
