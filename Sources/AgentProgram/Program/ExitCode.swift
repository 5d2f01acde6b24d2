/// What the programs of Gatehouse end with (DESIGN §11).
enum ExitCode: Int32 {
    /// Done.
    case done = 0
    /// Failed.
    case failed = 1
    /// Partly done, or "no" to a question.
    case no = 2
    /// The command line is wrong.
    case usage = 64
    /// Bad input data.
    case badData = 65
    /// The collector cannot be reached.
    case unreachable = 69
    /// Not allowed.
    case notAllowed = 77
    /// The configuration is wrong.
    case badConfiguration = 78
}
