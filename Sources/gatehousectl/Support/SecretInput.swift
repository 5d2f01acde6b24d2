import Glibc

/// Passwords: from a file, from the terminal without echo, or from standard input. Never from the command line, where
/// every user of the host could read them.
enum SecretInput {
    /// Most bytes of a password.
    static let maximumBytes = 1024

    /// A password from `file`, else from the file that the environment names, else from the terminal or standard input.
    static func password(_ prompt: String, file: String?, environment: String) throws(ControlError) -> String {
        if let path = file ?? Profile.environment(environment) {
            let text = try Files.line(path)
            guard !text.isEmpty else { throw ControlError(.badData, "\(path): its first line is empty") }
            return text
        }
        return try read(prompt)
    }

    /// Whether somebody sits at a terminal.
    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 }

    /// One line of standard input, without echo on a terminal.
    static func read(_ prompt: String) throws(ControlError) -> String {
        guard isInteractive else { return try line() }
        Output.prompt("\(prompt): ")
        var before = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &before) == 0 else { return try line() }
        var quiet = before
        quiet.c_lflag &= ~tcflag_t(ECHO)
        _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet)
        defer {
            _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            Output.prompt("\n")
        }
        return try line()
    }

    private static func line() throws(ControlError) -> String {
        guard let text = readLine(strippingNewline: true), !text.isEmpty else {
            throw ControlError(.badData, "no password on standard input; give one, or name a file that holds it")
        }
        guard text.utf8.count <= maximumBytes else { throw ControlError(.badData, "the password is too long") }
        return text
    }
}

extension Output {
    /// Words before somebody types; on standard error, so that standard output stays clean.
    static func prompt(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
