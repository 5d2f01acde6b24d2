import ArgumentParser
import Recog

extension KnowledgeCommand {
    /// `knowledge import-recog`
    struct ImportRecog: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import-recog",
            abstract: "Check Rapid7's fingerprints of banners, and put them where a collector reads them.",
            discussion: """
                DIR is the folder xml of https://github.com/rapid7/recog, as it is. Every file is read whole: its XML, \
                each regular expression, each parameter. What is wrong is told with file and line, the program ends \
                with 65, and nothing is written.
                With --output the files that were checked take the place of a folder at once; the collector reads it \
                at its start where knowledge.recog in collector.yaml names it.
                With --verify every example is tried on its fingerprint; the program ends with 2 where one does not hold.
                """
        )

        @Argument(help: "The folder with Recog's .xml files.")
        var directory: String

        @Flag(help: "Try every example of every fingerprint, and say how many hold.")
        var verify = false

        @Option(name: [.customShort("o"), .customLong("output")], help: "The folder to write.")
        var output: String?

        func run() throws {
            let files = try read()
            var table = Table("FILE", "BANNER", "FINGERPRINTS", "EXAMPLES", "HOLD", "TAKEN EARLIER")
            var failures: [RecogProblem] = []
            var (fingerprints, examples, held) = (0, 0, 0)
            for file in files {
                let database = file.database
                fingerprints += database.fingerprints.count
                let count = database.fingerprints.reduce(0) { $0 + $1.examples.count }
                examples += count
                var cells = ("-", "-")
                if verify {
                    let verification = RecogVerification(of: database, path: file.path)
                    held += verification.held
                    failures += verification.failures
                    cells = (String(verification.held), String(verification.takenEarlier))
                }
                table.add(
                    database.file,
                    database.key,
                    String(database.fingerprints.count),
                    String(count),
                    cells.0,
                    cells.1
                )
            }
            table.show(otherwise: "no files")
            for failure in failures { Output.line(Table.clean("\(failure)")) }
            Output.line(
                "\(files.count) files, \(fingerprints) fingerprints, "
                    + (verify ? "\(held) of \(examples) examples hold\(share(held, examples))" : "\(examples) examples")
            )
            if let output {
                try FolderSwap.write(files.map { ($0.database.file, $0.bytes) }, to: output)
                Output.line("\(output): \(files.count) files written")
            }
            // "No" to the question whether all hold; they were said line by line.
            if !failures.isEmpty { throw ControlError(.partly, lines: []) }
        }

        /// A file that was checked: what is written is what was read.
        private struct Checked {
            var path: String
            var bytes: [UInt8]
            var database: RecogDatabase
        }

        private func read() throws(ControlError) -> [Checked] {
            let folder = directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
            var files: [Checked] = []
            var problems: [RecogProblem] = []
            do throws(RecogProblem) {
                for name in try RecogLibrary.names(of: folder) {
                    let path = "\(folder)/\(name)"
                    do throws(RecogProblems) {
                        let bytes = try RecogLibrary.bytes(of: path)
                        let database = try RecogLibrary.database(of: bytes, file: name, path: path)
                        files.append(Checked(path: path, bytes: bytes, database: database))
                    } catch {
                        problems += error.problems
                    }
                }
            } catch {
                problems.append(error)
            }
            guard problems.isEmpty else {
                throw ControlError(.badData, lines: problems.map { Table.clean($0.description) })
            }
            guard !files.isEmpty else {
                throw ControlError(.badData, "\(folder): no .xml files in it; Recog's are in its folder xml")
            }
            return files
        }

        /// ` (99.96 %)`, rounded down: only all are 100 %.
        private func share(_ part: Int, _ whole: Int) -> String {
            guard whole > 0 else { return "" }
            let hundredths = part * 10_000 / whole
            let rest = hundredths % 100
            return " (\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) %)"
        }
    }
}
