import Foundation

/// A port on this computer's 127.0.0.1 that leads to a server inside the lab.
public final class LabRelay: @unchecked Sendable {
    /// The port outside.
    public let port: Int
    private let outside = Process()
    private let life = Pipe()
    private let inside: LabProcess

    /// Leads 127.0.0.1:`port` (0: any that is free) to `address`:`targetPort` as `host` sees it.
    public init(from port: Int, to host: LabHost, address: String, targetPort: Int) throws {
        let path = host.directory.appendingPathComponent("relay-\(targetPort).sock").path
        inside = try host.start(Peer.command("relay.py", ["unix", path, address, String(targetPort)]), label: "relay")
        try Lab.wait(within: 5, for: "the relay's socket") { FileManager.default.fileExists(atPath: path) }
        outside.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        outside.arguments = ["-u", Peer.path("relay.py"), "tcp", String(port), path]
        let output = Pipe()
        outside.standardInput = life
        outside.standardOutput = output
        try outside.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let served = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw LabError("the relay cannot serve 127.0.0.1:\(port)")
        }
        self.port = served
    }

    deinit { close() }

    /// Ends the relay.
    public func close() {
        try? life.fileHandleForWriting.close()
        if outside.isRunning { outside.waitUntilExit() }
        try? inside.stop()
    }
}
