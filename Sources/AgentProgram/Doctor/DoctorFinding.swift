import NetworkTypes

/// One thing that `doctor` looked at.
struct DoctorFinding: Hashable {
    /// How it is.
    enum Status: UInt8 {
        /// Well.
        case good
        /// Well enough: worth knowing, nothing to do.
        case notice
        /// Something is wanting: it does not work, or will not.
        case wanting
        /// It could not be asked, as without the right to.
        case notAsked

        /// `ok`, `notice`, `wanting`, `not-asked`
        var name: ByteString {
            switch self {
            case .good: return "ok"
            case .notice: return "notice"
            case .wanting: return "wanting"
            case .notAsked: return "not-asked"
            }
        }
    }

    var status: Status
    /// What was looked at: `state-directory`, `kernel:ct-count`.
    var check: ByteString
    /// What was found, and what to do; one line.
    var detail: ByteString
}
