import Foundation

/// Says which input it was when a decoder traps or does not come back, and keeps it in a file.
enum Watch {
    /// Longer than any input may take, and than the machine may be busy with something else.
    private static let seconds: UInt32 = 30
    private static let capacity = 1 << 16

    nonisolated(unsafe) private static let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    nonisolated(unsafe) private static let line = UnsafeMutablePointer<CChar>.allocate(capacity: 512)
    nonisolated(unsafe) private static let path = UnsafeMutablePointer<CChar>.allocate(capacity: 256)
    nonisolated(unsafe) private static var count = 0
    nonisolated(unsafe) private static var name = ""

    /// What follows is for the decoder `name`.
    static func begin(_ name: String) {
        self.name = name
        for number in [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGALRM] { signal(number, Watch.tell) }
    }

    /// The input that is decoded next.
    static func next(_ round: Int, _ input: [UInt8]) {
        if round % 1024 == 0 { alarm(seconds) }
        count = min(input.count, capacity)
        input.withUnsafeBufferPointer { buffer in
            if let start = buffer.baseAddress { bytes.update(from: start, count: count) }
        }
        self.round = round
    }

    nonisolated(unsafe) private static var round = 0

    /// Only what a signal handler may call, but for the making of the text: the process ends here in any case.
    private static let tell: @convention(c) (CInt) -> Void = { number in
        signal(number, SIG_DFL)
        let file = ".build-crash-\(name)-\(round)"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        if descriptor >= 0 {
            _ = write(descriptor, bytes, count)
            close(descriptor)
        }
        let what = number == SIGALRM ? "does not come back" : "trapped (signal \(number))"
        let text = "\n\(name): \(what) in round \(round); its \(count) bytes are in \(file)\n"
        _ = text.withCString { write(2, $0, strlen($0)) }
        _exit(1)
    }
}
