import Foundation

/// A program that was started; wait for it, or end it.
struct StartedProgram {
    let processNumber: pid_t
    private let name: String

    /// `output` nil is this program's own; else a file that is written anew.
    init(_ command: [String], output: String?) throws {
        name = command[0]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let output {
            posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        let problem = posix_spawnp(&child, command[0], &actions, nil, &arguments, environ)
        guard problem == 0 else { throw BenchError("\(command[0]): \(String(cString: strerror(problem)))") }
        processNumber = child
    }

    /// Its end (wait4(2)): exit code, or 128 and the signal; user and system seconds; most memory resident, KiB.
    ///
    /// `ru_maxrss` begins with what its parent had (fs/exec.c, setmax_mm_hiwater_rss), which is more than these take; so
    /// the high-water mark is read from procfs, every few milliseconds until the end.
    func wait() throws -> (status: Int32, cpuSeconds: Double, residentKiB: Int) {
        var ended: Int32 = 0
        var usage = rusage()
        var resident = 0
        while true {
            let number = wait4(processNumber, &ended, WNOHANG, &usage)
            if number == processNumber { break }
            guard number == 0 || errno == EINTR else { throw BenchError("\(name): it cannot be waited for") }
            resident = max(resident, highWaterKiB)
            usleep(5000)
        }
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
        let status = ended & 0x7F == 0 ? ended >> 8 & 0xFF : 128 + ended & 0x7F
        return (status, seconds(usage.ru_utime) + seconds(usage.ru_stime), resident)
    }

    private var highWaterKiB: Int {
        guard let text = try? String(contentsOfFile: "/proc/\(processNumber)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
        else { return 0 }
        return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).compactMap { Int($0) }.first ?? 0
    }
}
