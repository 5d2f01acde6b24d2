import Foundation
import Recog
import TestSupport
import Testing

/// What a file of fingerprints may hold, and what is refused, each with its line.
@Suite struct RecogFileReaderTests {
    @Test func readsAFile() throws {
        let database = try recogDatabase(
            """
            <fingerprints matches="x.banner" protocol="FTP" database_type="service" preference=".80">
              <!-- a comment -->
              <fingerprint pattern="^a$" flags="REG_ICASE" certainty="0.8">
                <description>  Two
                  words </description>
                <example service.version="1">a</example>
                <example _encoding="base64">
                  YWJj
                  ZA==
                </example>
                <param pos="0" name="service.vendor" value="A &amp; B"/>
              </fingerprint>
            </fingerprints>
            """
        )
        #expect(database.key == "x.banner")
        #expect(database.networkProtocol == "ftp")
        #expect(database.preference == 0.8)
        let fingerprint = try #require(database.fingerprints.first)
        #expect(fingerprint.line == 3)
        #expect(fingerprint.summary == "Two words")
        #expect(fingerprint.certainty == 0.8)
        #expect(fingerprint.parameters == [RecogParameter(name: "service.vendor", group: 0, value: "A & B")])
        #expect(
            fingerprint.examples == [
                RecogExample(line: 6, banner: Array("a".utf8), expected: ["service.version": "1"]),
                RecogExample(line: 7, banner: Array("abcd".utf8), expected: [:]),
            ]
        )
        #expect(try recogDatabase(recogFile(recogFingerprint("a"), attributes: "")).key == "test")
    }

    @Test(arguments: [
        ("", "test.xml:1: not well-formed XML: no element found"),
        ("<fingerprints>", "test.xml:1: not well-formed XML: no element found"),
        (
            "<fingerprints>\n<fingerprint pattern='a'>\n</fingerprints>",
            "test.xml:3: not well-formed XML: mismatched tag"
        ),
        ("<fingerprints>&undefined;</fingerprints>", "test.xml:1: not well-formed XML: undefined entity"),
        ("<fingerprints/>", "test.xml: no fingerprints in it"),
        ("<html/>", "test.xml:1: <html> where <fingerprints> is expected: not a file of Recog's"),
        ("<fingerprints>\n<fingerprints/></fingerprints>", "test.xml:2: <fingerprints> is not expected here"),
        (
            recogFile("<fingerprint pattern='a'><description><b/></description></fingerprint>"),
            "test.xml:3: <b> is not expected here"
        ),
        (
            recogFile("<fingerprint><description>x</description></fingerprint>"),
            "test.xml:3: a fingerprint without a pattern"
        ),
        (recogFile("\n<fingerprint pattern='a'/>"), "test.xml:4: a fingerprint without a description"),
        (recogFile(recogFingerprint("a", flags: "REG_ODD")), "test.xml:3: unknown flag \"REG_ODD\""),
        (
            recogFile("<fingerprint pattern='a' certainty='2'><description/></fingerprint>"),
            "test.xml:3: certainty \"2\" is not a number from 0 to 1"
        ),
        (
            recogFile(recogFingerprint("a"), attributes: "preference='high'"),
            "test.xml: preference \"high\" is not a number from 0 to 1"
        ),
        (
            recogFile(recogFingerprint("a", "\n<param pos='x' name='n'/>")),
            "test.xml:4: parameter n: pos \"x\" is not the number of a group"
        ),
        (recogFile(recogFingerprint("a", "<param pos='0' value='v'/>")), "test.xml:3: a parameter without a name"),
        (
            recogFile(recogFingerprint("a", "<param pos='0' name='n'/>")),
            "test.xml:3: parameter n: neither a group nor a value"
        ),
        (
            recogFile(recogFingerprint("(a)", "<param pos='1' name='n' value='v'/>")),
            "test.xml:3: parameter n: both a group (pos 1) and a value (\"v\")"
        ),
        (
            recogFile(recogFingerprint("(a)", "\n<param pos='2' name='n'/>")),
            "test.xml:3: parameter n is group 2, but there is 1 group"
        ),
        (
            recogFile(recogFingerprint("a", "<param pos='0' name='n' value='{m}'/>")),
            "test.xml:3: parameter n names m, which is none"
        ),
        (
            recogFile(recogFingerprint("a", "<param pos='0' name='n' value='{n}'/>")),
            "test.xml:3: parameter n names itself"
        ),
        (
            recogFile(recogFingerprint("a", "\n<example _encoding='base64'>YQ</example>")),
            "test.xml:4: an example is not base64"
        ),
        (
            recogFile(recogFingerprint("a", "<example _encoding='rot13'>a</example>")),
            "test.xml:3: an example's _encoding \"rot13\" is unknown"
        ),
        (
            recogFile(recogFingerprint("a", "<example _filename='none'/>")),
            "test.xml:3: the file \"none\" of an example cannot be read"
        ),
        (
            recogFile(recogFingerprint(String(repeating: "a", count: 16_385))),
            "test.xml:3: pattern, byte 0: the pattern has more than 16384 bytes"
        ),
    ])
    func refused(_ text: String, _ problem: String) {
        #expect(recogProblems(text) == [problem])
    }

    @Test func problemsStayOnTheirLine() {
        let problems = recogProblems(
            recogFile(recogFingerprint("a", "<param name='n&#10;forged: line' pos='0'/>"))
        )
        #expect(problems.count == 1)
        #expect(problems.first?.contains("n\u{FFFD}forged") == true)
        #expect(problems.first?.contains(where: \.isNewline) == false)
    }

    @Test func tellsAllThatIsWrong() {
        let problems = recogProblems(
            recogFile(recogFingerprint("(") + "\n" + recogFingerprint("b") + "\n" + recogFingerprint("["))
        )
        #expect(problems.map { String($0.prefix(11)) } == ["test.xml:3:", "test.xml:5:"])
    }

    @Test func endsAfterManyProblems() {
        let problems = recogProblems(recogFile(String(repeating: recogFingerprint("("), count: 1_000)))
        #expect(problems.count == RecogLimits.maximumProblems)
    }

    @Test func twoThatNameEachOtherAreRefused() {
        let inner = "<param pos='0' name='a' value='{b}'/><param pos='0' name='b' value='x {a}'/>"
        #expect(
            recogProblems(recogFile(recogFingerprint("a", inner))) == [
                "test.xml:3: parameter a names itself", "test.xml:3: parameter b names itself",
            ]
        )
    }

    /// Entities that grow, and those that read a file: the document type is refused before either is looked at.
    @Test func refusesDocumentTypes() async throws {
        try await TemporaryDirectory.with { directory in
            let secret = directory.appending(path: "secret")
            try secret.write("the secret")
            var bomb = "<?xml version='1.0'?>\n<!DOCTYPE b [\n<!ENTITY e0 'ha'>\n"
            for level in 1...30 { bomb += "<!ENTITY e\(level) '&e\(level - 1);&e\(level - 1);'>\n" }
            let external = "<!DOCTYPE b [ <!ENTITY x SYSTEM 'file://\(secret.path)'> ]>\n"
            for (head, line) in [
                (bomb + "]>\n", 2), (external, 1), ("<!DOCTYPE b SYSTEM 'http://192.0.2.1/x.dtd'>\n", 1),
            ] {
                let body =
                    "<fingerprints><fingerprint pattern='a'><description>&x;&e30;</description></fingerprint></fingerprints>"
                #expect(recogProblems(head + body) == ["test.xml:\(line): a document type (<!DOCTYPE) is not allowed"])
            }
        }
    }

    @Test func hugeFilesAreNotRead() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.appending(path: "huge.xml").path
            #expect(FileManager.default.createFile(atPath: path, contents: nil))
            let handle = try #require(FileHandle(forWritingAtPath: path))
            // A hole: 1 TB that takes no room.
            try handle.truncate(atOffset: 1 << 40)
            try handle.close()
            let problem = #expect(throws: RecogProblems.self) {
                try RecogLibrary.database("huge.xml", in: directory.path)
            }
            #expect(problem?.description.contains("huge.xml") == true)
            let long = Array(String(repeating: " ", count: RecogLimits.maximumFileBytes + 1).utf8)
            #expect(throws: RecogProblems.self) { try RecogLibrary.database(of: long, file: "a.xml", path: "a.xml") }
        }
    }

    /// No prefix of a file is taken for the whole, and none traps.
    @Test func noPrefixIsAFile() throws {
        let text = Array(
            recogFile(recogFingerprint("(a)[b]\\d{1,2}", "<example n='1'>x</example><param pos='1' name='n'/>")).utf8
        )
        #expect(throws: Never.self) { try RecogLibrary.database(of: text, file: "a.xml", path: "a.xml") }
        // The line feed at the end may be missing.
        for count in 0..<(text.count - 1) {
            #expect(throws: RecogProblems.self) {
                try RecogLibrary.database(of: Array(text.prefix(count)), file: "a.xml", path: "a.xml")
            }
        }
    }

    /// Whatever the bytes, there is a database or a problem.
    @Test func mutationsDoNotTrap() {
        let text = Array(
            recogFile(
                recogFingerprint(
                    "(?i)^(?<n>a|\\h)[^]x-z]{,3}(?m)b\\u0041$",
                    "<example n='1'>x</example><param pos='1' name='n'/>"
                )
            ).utf8
        )
        for seed in UInt64(1)...2_000 {
            var generator = SeededGenerator(seed: seed)
            var bytes = text
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[index] =
                    Bool.random(using: &generator)
                    ? UInt8.random(in: 0...255, using: &generator)
                    : bytes.randomElement(using: &generator) ?? 0
            }
            do throws(RecogProblems) {
                let database = try RecogLibrary.database(of: bytes, file: "a.xml", path: "a.xml")
                _ = RecogVerification(of: database)
            } catch {
                #expect(!error.problems.isEmpty, "seed \(seed)")
            }
        }
    }

    @Test func examplesInFilesStayInTheirFolder() async throws {
        try await TemporaryDirectory.with { directory in
            let folder = directory.appending(path: "a")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try folder.appending(path: "one").write("from a file")
            try directory.appending(path: "outside").write("from outside")
            let file = directory.appending(path: "a.xml")
            try file.write(recogFile(recogFingerprint("^from a file$", "<example _filename='one'/>")))
            let database = try RecogLibrary.database("a.xml", in: directory.path)
            #expect(RecogVerification(of: database).held == 1)
            for name in ["../outside", "/etc/passwd", "x/../../outside", ""] {
                try file.write(recogFile(recogFingerprint("a", "<example _filename='\(name)'/>")))
                #expect(throws: RecogProblems.self) { try RecogLibrary.database("a.xml", in: directory.path) }
            }
        }
    }
}
