import Captures
import Fingerprinting
import Foundation
import KnowledgeBuilder
import NetworkTypes

/// `gatehouse-score`: names every labelled device of `GATEHOUSE_DATA` with the rules of this repository, and says how
/// often that is right. Ends with 1 where the wanted bounds do not hold.
@main
enum Score {
    static let usage = "usage: gatehouse-score [--rules DIR] [--ieee-data DIR]"

    static func main() {
        do {
            exit(try run(Array(CommandLine.arguments.dropFirst())) ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("gatehouse-score: \(error)\n".utf8))
            exit(1)
        }
    }

    /// False where a bound does not hold.
    private static func run(_ arguments: [String]) throws -> Bool {
        var rules = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../agent-config/knowledge").standardizedFileURL.path
        var register = KnowledgeBuilder.defaultIEEEDataDirectory
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch (word, rest.popFirst()) {
            case ("--rules", let path?): rules = path
            case ("--ieee-data", let path?): register = path
            default:
                FileHandle.standardError.write(Data("\(usage)\n".utf8))
                exit(64)
            }
        }
        guard CaptureData.isPresent else {
            print("skipped: no captures in \(CaptureData.root.path); set GATEHOUSE_DATA to the folder that holds them")
            return true
        }
        guard FileManager.default.fileExists(atPath: register + "/oui.csv") else {
            print("skipped: no IEEE registers in \(register); install Debian's ieee-data")
            return true
        }
        let bytes = try KnowledgeBuilder.build(ruleDirectory: rules, ieeeDataDirectory: register)
        let knowledge = try KnowledgeBase(opening: ArrayByteStore(bytes))
        print("knowledge: \(knowledge.count(of: .rules)) rules, \(bytes.count) bytes\n")
        let score = try CaptureScore(knowledge: knowledge)
        ScoreReport(score).print()
        return ScoreReport(score).holds
    }
}
