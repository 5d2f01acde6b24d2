/// One run of a program to its end, and what it took.
struct TimedRun {
    /// Exit code, or 128 and the signal.
    let status: Int32
    /// User and system time.
    let cpuSeconds: Double
    /// Most memory that was resident.
    let residentKiB: Int

    /// `output` nil is this program's own; else a file that is written anew.
    init(_ command: [String], output: String?) throws {
        (status, cpuSeconds, residentKiB) = try StartedProgram(command, output: output).wait()
    }
}
