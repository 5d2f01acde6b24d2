/// A file that is no MUD file, or whose rules cannot be told from it.
public struct MUDError: Error, Hashable, CustomStringConvertible {
    /// Where in the file: `ietf-access-control-list:acls/acl[2]/aces/ace[0]`
    public let place: String
    /// What is wrong there.
    public let message: String

    /// `place: message`
    public var description: String { place.isEmpty ? message : "\(place): \(message)" }
}
