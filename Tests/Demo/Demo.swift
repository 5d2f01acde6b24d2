import Foundation
import Lab

/// `gatehouse-demo`: tells the story on real programs and a real kernel; with `--check` asserts it once and ends.
@main
enum Demo {
    static func main() {
        do {
            let options = try DemoOptions(Array(CommandLine.arguments.dropFirst()))
            exit(try run(options) ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("gatehouse-demo: \(error)\n".utf8))
            exit(error is DemoOptions.UsageError ? 64 : 1)
        }
    }

    /// False where a step failed.
    private static func run(_ options: DemoOptions) throws -> Bool {
        if let file = options.devicesCapture {
            try DeviceLab.record(to: file)
            return true
        }
        let interruption = Interruption()
        let stage = try Stage(options)
        defer { stage.close() }
        if let seconds = options.measurementSeconds {
            try AgentMeasurement(stage: stage, seconds: seconds).run()
            return true
        }
        if options.measuredParts != nil {
            try EnforcementMeasurement.run(on: stage)
            return true
        }
        let told = Story(stage).tell(interruption)
        if told, !options.isCheck {
            say(
                """

                The lab goes on until Ctrl-C.
                  console   https://localhost:\(stage.consolePort)/   (its certificate is of the demo's own authority)
                  log in    admin / \(Stage.password)
                  files     \(stage.lab.directory.path)
                """
            )
            interruption.wait()
        }
        if !told { stage.printLogs() }
        return told
    }
}
