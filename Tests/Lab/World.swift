import Foundation

/// The namespaces that all hosts of one lab live in, and the process in them that carries out requests.
///
/// See Peers/world.py for the other side. All requests are answered at once, so they are made one after the other.
final class World: @unchecked Sendable {
    private let process = Process()
    private let requests = Pipe()
    private let answers = Pipe()
    private let lock = NSLock()
    private var unread: [UInt8] = []
    private var isOpen = true

    /// Root makes namespaces as it is; everybody else in a user namespace, where the system allows it.
    init(log: URL) throws {
        let needsUserNamespace = geteuid() != 0
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments =
            (needsUserNamespace ? ["--user", "--map-root-user"] : [])
            + ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
            + ["/usr/bin/python3", "-u", Peer.path("world.py")]
        process.standardInput = requests
        process.standardOutput = answers
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        process.standardError = try FileHandle(forWritingTo: log)
        // A world that died must not take the test runner with it when the next request is written.
        signal(SIGPIPE, SIG_IGN)
        try process.run()
    }

    deinit { close() }

    /// Ends the world: everything that runs in it is killed by the kernel, every interface goes away.
    func close() {
        lock.lock()
        defer { lock.unlock() }
        guard isOpen else { return }
        isOpen = false
        try? requests.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Sends a request and returns its answer.
    func ask(_ request: [String: Any]) throws -> [String: Any] {
        lock.lock()
        defer { lock.unlock() }
        guard isOpen else { throw LabError("the lab has been closed") }
        var line = try JSONSerialization.data(withJSONObject: request)
        line.append(0x0A)
        try requests.fileHandleForWriting.write(contentsOf: line)
        let answer = try JSONSerialization.jsonObject(with: readLine()) as? [String: Any] ?? [:]
        if let words = answer["error"] as? String { throw LabError("\(request["do"] ?? "request"): \(words)") }
        return answer
    }

    private func readLine() throws -> Data {
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                let line = Data(unread[..<end])
                unread.removeSubrange(...end)
                return line
            }
            let part = answers.fileHandleForReading.availableData
            guard !part.isEmpty else {
                throw LabError("the lab's first process ended; are namespaces allowed here? (unshare --net as root)")
            }
            unread.append(contentsOf: part)
        }
    }
}
