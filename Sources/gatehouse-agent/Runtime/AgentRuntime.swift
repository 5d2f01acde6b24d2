enum AgentRuntime { static let logGroup: UInt16 = 77 }
enum RunCommand { static func run(_ arguments: Arguments) throws(Failure) -> ExitCode { .done } }
