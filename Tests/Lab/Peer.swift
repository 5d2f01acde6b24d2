import Foundation

/// The programs in Tests/Lab/Peers.
public enum Peer {
    /// The path of a peer's file.
    public static func path(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Peers/\(name)").path
    }

    /// The command that runs a peer with Debian's own Python.
    public static func command(_ name: String, _ arguments: [String] = []) -> [String] {
        ["/usr/bin/python3", "-u", path(name)] + arguments
    }
}
