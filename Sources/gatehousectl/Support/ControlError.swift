import CollectorAPI

/// How the program ends (DESIGN §11; the numbers from 64 on are those of sysexits.h).
enum ExitStatus: Int32 {
    /// It did not work.
    case failed = 1
    /// Partly done, or "no" to a question.
    case partly = 2
    /// The data are wrong.
    case badData = 65
    /// The collector cannot be reached.
    case unreachable = 69
    /// Not allowed, or not logged in.
    case notAllowed = 77
    /// The profile is wrong or missing.
    case badConfiguration = 78
}

/// Why a command did not do what it was asked; ends the program.
struct ControlError: Error {
    /// How the program ends.
    let status: ExitStatus
    /// For stderr, one problem a line; may be empty where everything was said.
    let lines: [String]
    /// The collector's word for the problem; nil where it did not come from there.
    var problem: String?

    init(_ status: ExitStatus, _ line: String) {
        self.status = status
        lines = [line]
    }

    init(_ status: ExitStatus, lines: [String]) {
        self.status = status
        self.lines = lines
    }

    /// What the collector answered.
    init(_ problem: Problem) {
        switch problem.status {
        case 401, 403: status = .notAllowed
        case 400, 413, 415, 422: status = .badData
        case 503: status = .unreachable
        default: status = .failed
        }
        let remedy = problem.remedy.map { "; \($0)" } ?? ""
        self.problem = problem.word
        lines = (problem.errors ?? []) + ["\(problem.detail)\(remedy)"]
    }
}
