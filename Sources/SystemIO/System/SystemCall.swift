internal import CLinux
internal import NetworkTypes

/// The one way to make a system call: it retries what a signal interrupted and turns -1 into an error.
enum SystemCall {
    /// Calls until the call was not interrupted; throws what errno says where it fails.
    static func retrying<Result: SignedInteger & FixedWidthInteger>(
        _ operation: StaticString,
        _ subject: @autoclosure () -> ByteString,
        _ call: () -> Result
    ) throws(SystemError) -> Result {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = gh_errno()
            if code == EINTR { continue }
            throw SystemError(code: code, operation: operation, subject: subject())
        }
    }

    /// The same, with nil where a non-blocking descriptor has nothing (or no room) at present.
    static func retryingUnlessBlocked<Result: SignedInteger & FixedWidthInteger>(
        _ operation: StaticString,
        _ subject: @autoclosure () -> ByteString,
        _ call: () -> Result
    ) throws(SystemError) -> Result? {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = gh_errno()
            if code == EINTR { continue }
            if code == EAGAIN { return nil }
            throw SystemError(code: code, operation: operation, subject: subject())
        }
    }
}
