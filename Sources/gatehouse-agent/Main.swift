import AgentProgram

/// The executable is one file on purpose: the compiler then sees the agent as one unit (Package.swift says why).
@main
struct Main {
    static func main() { GatehouseAgent.main() }
}
