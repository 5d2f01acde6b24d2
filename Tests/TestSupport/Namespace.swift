import Foundation

/// Runs shell scripts in a network namespace of their own, so that no test touches the host's network.
public enum Namespace {
    /// Whether this process may make network namespaces with nftables in them.
    public static let isAvailable: Bool = run("nft list ruleset").status == 0

    /// Whether this kernel tracks connections between devices of one bridge (nf_conntrack_bridge): Debian's does.
    public static let tracksBridges: Bool =
        isAvailable && run("nft 'table bridge t { chain c { ct state established accept; }; }'").status == 0

    /// Exit code, standard output and standard error of a script.
    public struct Outcome: Sendable {
        public let status: Int32
        public let output: String
        public let errors: String
    }

    /// Runs `script` with `sh -e` in a fresh network namespace; `input` becomes its standard input.
    public static func run(_ script: String, input: String = "", timeoutSeconds: Int = 60) -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let isRoot = getuid() == 0
        var arguments = ["timeout", "-k", "5", "\(timeoutSeconds)", "unshare", "--net", "--mount"]
        if !isRoot { arguments += ["--user", "--map-root-user"] }
        arguments += [
            "sh", "-ec",
            "mount -t tmpfs tmpfs /run 2>/dev/null; mount -t sysfs sysfs /sys 2>/dev/null || true; ip link set lo up; "
                + script,
        ]
        process.arguments = arguments
        let files = (0..<3).map { _ in
            FileManager.default.temporaryDirectory.appendingPathComponent("gatehouse-ns-\(UUID().uuidString)")
        }
        defer { for file in files { try? FileManager.default.removeItem(at: file) } }
        do {
            try Data(input.utf8).write(to: files[0])
            try Data().write(to: files[1])
            try Data().write(to: files[2])
            process.standardInput = try FileHandle(forReadingFrom: files[0])
            process.standardOutput = try FileHandle(forWritingTo: files[1])
            process.standardError = try FileHandle(forWritingTo: files[2])
            try process.run()
            process.waitUntilExit()
            return Outcome(
                status: process.terminationStatus,
                output: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
                errors: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self)
            )
        } catch {
            return Outcome(status: -1, output: "", errors: "\(error)")
        }
    }
}
