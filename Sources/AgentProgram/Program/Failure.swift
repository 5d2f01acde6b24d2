import ConfigurationFiles
import NetworkTypes
import SystemIO
import TLS

/// Why a command ends early: what it ends with, and one line for people.
struct Failure: Error {
    let exitCode: ExitCode
    let message: ByteString

    init(_ exitCode: ExitCode, _ message: ByteString) {
        self.exitCode = exitCode
        self.message = message
    }

    init(_ error: SystemError, _ exitCode: ExitCode = .failed) {
        self.init(error.isNotPermitted ? .notAllowed : exitCode, error.byteString)
    }

    init(_ error: TLSError, _ exitCode: ExitCode = .failed) { self.init(exitCode, error.what) }

    init(_ error: ConfigurationError) { self.init(.badConfiguration, error.byteString) }
}
