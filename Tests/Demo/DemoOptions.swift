import Foundation

/// What the command line says.
struct DemoOptions {
    /// Assert the story once and end.
    var isCheck = false
    /// The console's port on this computer; 0 for any.
    var consolePort = 8443
    /// Where the three programs are.
    var programs: URL
    /// The compiled knowledge; nil to build it.
    var knowledge: String?
    /// The agent built in Embedded mode, where `cross/build amd64` has made one; it then takes over in a last step.
    var embeddedAgent = DemoOptions.repository.appendingPathComponent(".build-cross/amd64/gatehouse-agent")

    /// Where to write what the gateway's device side saw, as pcap; nil to write it nowhere.
    var capture: String?

    /// Where to write what the programs of `DeviceLab` let be seen, as pcap, and nothing else; nil for the story.
    var devicesCapture: String?

    /// How many seconds to measure the agent in each state, and nothing else; nil for the story.
    var measurementSeconds: Double?

    /// Measure these parts of enforcement, and nothing else; nil for the story.
    var measuredParts: [EnforcementMeasurement.Part]?

    /// Where this source is checked out.
    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL

    /// The command line cannot be understood.
    struct UsageError: Error, CustomStringConvertible {
        let description: String
    }

    init(_ arguments: [String]) throws {
        programs = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch word {
            case "--check":
                isCheck = true
                consolePort = 0
            case "--port":
                guard let text = rest.popFirst(), let port = Int(text), (0...65535).contains(port) else {
                    throw UsageError(description: "--port wants a number")
                }
                consolePort = port
            case "--programs":
                guard let path = rest.popFirst() else { throw UsageError(description: "--programs wants a folder") }
                programs = URL(fileURLWithPath: path)
            case "--knowledge":
                guard let path = rest.popFirst() else { throw UsageError(description: "--knowledge wants a file") }
                knowledge = URL(fileURLWithPath: path).path
            case "--embedded-agent":
                guard let path = rest.popFirst() else { throw UsageError(description: "--embedded-agent wants a file") }
                embeddedAgent = URL(fileURLWithPath: path)
            case "--capture":
                guard let path = rest.popFirst() else { throw UsageError(description: "--capture wants a file") }
                capture = URL(fileURLWithPath: path).path
            case "--record-devices":
                guard let path = rest.popFirst() else { throw UsageError(description: "--record-devices wants a file") }
                devicesCapture = URL(fileURLWithPath: path).path
            case "--measure-agent":
                guard let seconds = rest.popFirst().flatMap(Double.init), (1...3600).contains(seconds) else {
                    throw UsageError(description: "--measure-agent wants seconds")
                }
                measurementSeconds = seconds
                consolePort = 0
            case "--measure-enforcement":
                measuredParts = measuredParts ?? EnforcementMeasurement.Part.allCases
                consolePort = 0
            case "--part":
                guard let part = rest.popFirst().flatMap(EnforcementMeasurement.Part.init(rawValue:)) else {
                    throw UsageError(description: "--part wants one of \(EnforcementMeasurement.Part.words)")
                }
                measuredParts = [part]
                consolePort = 0
            default:
                throw UsageError(
                    description:
                        "usage: gatehouse-demo [--check] [--port N] [--programs DIR] [--knowledge FILE] [--embedded-agent FILE]"
                        + " [--capture FILE]\n"
                        + "       gatehouse-demo --record-devices FILE\n"
                        + "       gatehouse-demo --measure-agent SECONDS [--embedded-agent FILE]\n"
                        + "       gatehouse-demo --measure-enforcement [--part \(EnforcementMeasurement.Part.words)] [--embedded-agent FILE]"
                )
            }
        }
    }
}
