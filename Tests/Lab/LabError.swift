/// Why the lab could not do what it was asked.
public struct LabError: Error, CustomStringConvertible {
    /// For people: what, where, and what was seen instead.
    public let description: String

    /// Makes an error with its words.
    public init(_ description: String) { self.description = description }
}
