internal import NIOCore
internal import NetworkTypes
internal import Storage
internal import SystemIO
internal import TLS

/// Why the collector's program ends.
public enum CollectorError: Error, CustomStringConvertible {
    /// `init` or `restore` where there is a collector already.
    case alreadyInitialised(String)
    /// `serve` or `backup` where there is none.
    case notInitialised(String)
    /// A file is not what it should be.
    case badData(String)
    /// The configuration names what is not there.
    case badConfiguration(String)
    /// This user may not do it.
    case notAllowed(String)
    /// Anything else.
    case failed(String)

    /// One line for people.
    public var description: String {
        switch self {
        case .alreadyInitialised(let path):
            return "\(path) holds a collector already; to begin anew, move it away first"
        case .notInitialised(let path):
            return "\(path) holds no collector yet; run gatehouse-collector init first"
        case .badData(let what), .badConfiguration(let what), .notAllowed(let what), .failed(let what): return what
        }
    }

    /// The exit code (DESIGN §11).
    public var exitCode: Int32 {
        switch self {
        case .alreadyInitialised, .failed: return 1
        case .badData: return 65
        case .notAllowed: return 77
        case .notInitialised, .badConfiguration: return 78
        }
    }

    /// Any error of this program as one of these.
    public init(_ error: any Error) {
        switch error {
        case let error as CollectorError: self = error
        case let error as SystemError: self = CollectorError(error)
        case let error as StoreError:
            switch error {
            case .damaged: self = .badData("\(error); put a backup in its place: gatehouse-collector restore FILE")
            case .notAllowed: self = .notAllowed("\(error); is this the collector's user?")
            default: self = .failed("\(error)")
            }
        default: self = .failed("\(error)")
        }
    }

    private init(_ error: SystemError) {
        if error.isNotPermitted {
            self = .notAllowed("\(error); is this the collector's user?")
        } else {
            self = .failed("\(error)")
        }
    }

    /// Runs what makes system calls.
    static func translating<Value>(_ work: () throws(SystemError) -> Value) throws(CollectorError) -> Value {
        do throws(SystemError) { return try work() } catch { throw CollectorError(error) }
    }

    /// A listener that could not begin to listen.
    init(listening name: String, at address: String, _ error: IOError) {
        let words = SystemError.reason(error.errnoCode).text
        let what = "\(name): cannot listen on \(address): \(words)"
        let notPermitted = SystemError(code: error.errnoCode, operation: "bind", subject: "").isNotPermitted
        self =
            notPermitted
            ? .notAllowed("\(what); ports below 1024 need CAP_NET_BIND_SERVICE")
            : .failed("\(what); is another program there, or the address not this host's?")
    }
}
