import Foundation

/// Captures that others made, outside the repository: `GATEHOUSE_DATA`, or `../shared/data` beside the package.
public enum CaptureData {
    /// The folder, whether or not it is there.
    public static let root: URL = {
        if let path = ProcessInfo.processInfo.environment["GATEHOUSE_DATA"] { return URL(fileURLWithPath: path) }
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let beside = package.deletingLastPathComponent().appendingPathComponent("shared/data")
        if FileManager.default.fileExists(atPath: beside.path) { return beside }
        // A worktree lies one folder deeper.
        return package.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/data")
    }()

    /// Whether the captures are there.
    public static let isPresent = FileManager.default.fileExists(atPath: root.appendingPathComponent("captures").path)

    /// Paths of all captures below `captures`, in order.
    public static let captures: [String] = {
        let folder = root.appendingPathComponent("captures")
        let paths = (FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String]) ?? []
        return paths.filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") || $0.hasSuffix(".trace") }.sorted()
    }()

    /// The bytes of a capture.
    public static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: root.appendingPathComponent("captures").appendingPathComponent(path)))
    }
}
