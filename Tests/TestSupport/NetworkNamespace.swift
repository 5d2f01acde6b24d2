import Foundation
import Glibc

/// Runs test code itself on a thread that has a network namespace of its own, so that what it opens there (netlink,
/// packet and other sockets) never touches the host's network.
public enum NetworkNamespace {
    /// Why a body did not run to its end.
    public struct Failure: Error, CustomStringConvertible {
        /// What went wrong.
        public let description: String
    }

    /// Whether this process may make network namespaces: root, or CAP_SYS_ADMIN. A process with several threads cannot
    /// make a user namespace to get there, so tests need it beforehand.
    public static let isPermitted: Bool = {
        do {
            try run {}
            return true
        } catch {
            return false
        }
    }()

    /// For `.enabled(if:)`.
    public static let requirement = "needs CAP_SYS_ADMIN for a network namespace"

    /// Carries the body and its outcome over to the thread and back; the semaphore orders the two sides.
    private final class Carrier<Outcome>: @unchecked Sendable {
        let body: () throws -> Outcome
        var outcome: Result<Outcome, any Error>?

        init(_ body: @escaping () throws -> Outcome) { self.body = body }
    }

    /// Runs `body` in a fresh namespace whose loopback is up, and returns what it returns.
    public static func run<Outcome>(_ body: @escaping () throws -> Outcome) throws -> Outcome {
        let carrier = Carrier(body)
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            carrier.outcome = Result {
                guard unshareNetwork() == 0 else {
                    throw Failure(description: "no network namespace: \(String(cString: strerror(errno)))")
                }
                try shell("ip link set lo up")
                return try carrier.body()
            }
            done.signal()
        }
        thread.stackSize = 4 << 20
        thread.start()
        done.wait()
        guard let outcome = carrier.outcome else { throw Failure(description: "the thread ended early") }
        return try outcome.get()
    }

    /// unshare(CLONE_NEWNET) of sched.h, which the Glibc module does not show.
    private static func unshareNetwork() -> Int32 {
        guard let function = dlsym(nil, "unshare") else { return -1 }
        typealias Unshare = @convention(c) (Int32) -> Int32
        return unsafeBitCast(function, to: Unshare.self)(0x4000_0000)
    }

    /// Runs a shell script in the namespace of the calling thread; throws where it does not end with 0.
    public static func shell(_ script: String) throws {
        let status = system("exec 2>/dev/null; set -e; " + script)
        guard status == 0 else { throw Failure(description: "status \(status) of: \(script)") }
    }
}
