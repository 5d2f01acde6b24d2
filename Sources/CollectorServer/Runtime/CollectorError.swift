/// Why the collector's program ends.
public enum CollectorError: Error, CustomStringConvertible {
    /// `init` where there is a collector already.
    case alreadyInitialised(String)
    /// `serve` where there is none.
    case notInitialised(String)
    /// Something about its files.
    case files(String)

    /// One line for people.
    public var description: String {
        switch self {
        case .alreadyInitialised(let path):
            return "\(path) holds a collector already; to begin anew, move it away first"
        case .notInitialised(let path):
            return "\(path) holds no collector yet; run gatehouse-collector init first"
        case .files(let what): return what
        }
    }
}
