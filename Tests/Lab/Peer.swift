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

    /// Python with the packages of Tests/WireProtocolTests/Peers/requirements.txt, nil where there is none:
    /// `GATEHOUSE_PEERS_PYTHON`, else `.venv-peers` in the package's root, which `make test` makes.
    public static let packagesPython: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
        let path =
            ProcessInfo.processInfo.environment["GATEHOUSE_PEERS_PYTHON"]
            ?? root.standardizedFileURL.appendingPathComponent(".venv-peers/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    /// The command that runs a peer of Peers/devices with that Python.
    public static func packagesCommand(_ name: String, _ arguments: [String]) -> [String] {
        [packagesPython ?? "python3", "-B", "-u", path("devices/\(name)")] + arguments
    }
}
