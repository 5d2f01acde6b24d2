import Foundation
import TestSupport
import Testing

/// `knowledge import-recog`, with files of the test's own.
@Suite struct RecogCommandTests {
    private static let ssh = """
        <fingerprints matches="ssh.banner" protocol="ssh">
          <fingerprint pattern="^dropbear_([\\d.]+)$">
            <description>Dropbear</description>
            <example service.version="2019.78">dropbear_2019.78</example>
            <param pos="0" name="service.product" value="Dropbear"/>
            <param pos="1" name="service.version"/>
          </fingerprint>
        </fingerprints>

        """
    private static let wrong = """
        <fingerprints matches="ftp.banner">
          <fingerprint pattern="^a$">
            <description>A</description>
            <example>a</example>
            <example>b</example>
          </fingerprint>
        </fingerprints>

        """

    private func withFiles(
        _ files: [String: String],
        _ body: (URL, ([String]) async throws -> Programs.Outcome) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            try FileManager.default.createDirectory(
                at: directory.appending(path: "xml"),
                withIntermediateDirectories: true
            )
            for (name, text) in files { try directory.appending(path: "xml/\(name)").write(text) }
            try await body(directory) { arguments in
                try await Programs.run(
                    Programs.path("gatehousectl"),
                    ["knowledge", "import-recog"] + arguments,
                    in: directory
                )
            }
        }
    }

    private func names(_ directory: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    }

    @Test func checksAndWrites() async throws {
        try await withFiles(["ssh.xml": Self.ssh, "README": "not one of them"]) { directory, importRecog in
            let checked = try await importRecog(["xml"])
            #expect(checked.status == 0)
            #expect(checked.output.contains("1 files, 1 fingerprints, 1 examples"))
            #expect(try names(directory) == ["xml"])

            let written = try await importRecog(["xml/", "--verify", "-o", "recog"])
            #expect(written.status == 0, "\(written.errors)")
            #expect(written.output.contains("1 of 1 examples hold (100.00 %)"))
            #expect(try names(directory) == ["recog", "xml"])
            #expect(try names(directory.appending(path: "recog")) == ["ssh.xml"])
            #expect(try directory.appending(path: "recog/ssh.xml").text() == Self.ssh)

            // Once more, with another file: the folder is exchanged as a whole.
            try FileManager.default.removeItem(at: directory.appending(path: "xml/ssh.xml"))
            try directory.appending(path: "xml/ssh2.xml").write(Self.ssh)
            #expect(try await importRecog(["xml", "-o", "recog/"]).status == 0)
            #expect(try names(directory) == ["recog", "xml"])
            #expect(try names(directory.appending(path: "recog")) == ["ssh2.xml"])
        }
    }

    @Test func tellsWhichExamplesDoNotHold() async throws {
        try await withFiles(["ssh.xml": Self.ssh, "wrong.xml": Self.wrong]) { _, importRecog in
            let outcome = try await importRecog(["xml", "--verify"])
            #expect(outcome.status == 2)
            #expect(outcome.output.contains("2 of 3 examples hold (66.66 %)"))
            #expect(outcome.output.contains("xml/wrong.xml:5: the pattern at line 2 does not match it\n"))
        }
    }

    @Test func writesNothingWhereAFileIsDamaged() async throws {
        let files = ["a.xml": "<fingerprints", "b.xml": Self.ssh, "c.xml": Self.ssh.replacing("([", with: "[[")]
        try await withFiles(files) { directory, importRecog in
            let outcome = try await importRecog(["xml", "-o", "recog"])
            #expect(outcome.status == 65)
            #expect(
                outcome.errors == """
                    gatehousectl: xml/a.xml:1: not well-formed XML: unclosed token
                    gatehousectl: xml/c.xml:2: pattern, byte 11: a set within a set is not supported

                    """
            )
            #expect(try names(directory) == ["xml"])
            #expect(try await importRecog(["none"]).status == 65)
        }
    }

    @Test func replacesNoFolderOfAnotherKind() async throws {
        try await withFiles(["ssh.xml": Self.ssh]) { directory, importRecog in
            let precious = directory.appending(path: "precious")
            try FileManager.default.createDirectory(at: precious, withIntermediateDirectories: true)
            try precious.appending(path: "diary.txt").write("dear diary")
            try FileManager.default.createSymbolicLink(
                atPath: directory.appending(path: "link").path,
                withDestinationPath: "xml"
            )
            #expect(try await importRecog(["xml", "-o", "link"]).status == 65)
            try FileManager.default.removeItem(at: directory.appending(path: "link"))
            #expect(try names(directory.appending(path: "xml")) == ["ssh.xml"])
            let outcome = try await importRecog(["xml", "-o", "precious"])
            #expect(outcome.status == 65)
            #expect(outcome.errors.contains("diary.txt"))
            #expect(try names(precious) == ["diary.txt"])
            #expect(try names(directory) == ["precious", "xml"])
        }
    }
}
