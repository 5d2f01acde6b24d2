import Foundation
import Recog
import TestSupport
import Testing

@Suite struct RecogMatchTests {
    @Test func valuesNameOthersInAnyOrder() throws {
        let inner = """
            <param pos="0" name="os.product" value="{hw.product} Firmware"/>
            <param pos="0" name="hw.product" value="{hw.family} {_tmp.n}"/>
            <param pos="0" name="hw.family" value="Trio"/>
            <param pos="1" name="_tmp.n"/>
            <param pos="0" name="x" value="{not a name} {} {{hw.family}"/>
            """
        #expect(
            try recogValues(#"^T(\d+)$"#, "T88", inner) == [
                "os.product": "Trio 88 Firmware", "hw.product": "Trio 88", "hw.family": "Trio",
                "x": "{not a name} {} {Trio",
            ]
        )
    }

    /// A bomb of values: each names the next twice. The work stays small, and the length too.
    @Test(arguments: ["x", ""])
    func valuesThatGrowAreCut(_ seed: String) throws {
        var inner = "<param pos='1' name='n99'/>"
        for level in 0..<99 { inner += "<param pos='0' name='n\(level)' value='{n\(level + 1)}{n\(level + 1)}'/>" }
        let values = try recogValues("^(.?)", seed, inner)
        if seed.isEmpty { #expect(values == [:]) } else { #expect(values == nil) }
        #expect(
            recogProblems(recogFile(recogFingerprint("a", inner + "<param pos='0' name='m' value='v'/>"))).count == 1
        )
    }

    @Test func theLaterOfTwoOfOneNameHolds() throws {
        let inner = #"<param pos="1" name="n"/><param pos="2" name="n"/>"#
        #expect(try recogValues("(a)(b)", "ab", inner) == ["n": "b"])
    }

    @Test(arguments: [
        ("1.2.3-r4_b", "cpe:/a:v:p:1.2.3-r4_b"), ("1.2 (Beta)", "cpe:/a:v:p:1.2_%28beta%29"),
        ("1:2/3", "cpe:/a:v:p:1%3a2%2f3"),
        ("*", "cpe:/a:v:p:%2a"),
    ])
    func cpeURIsAreEscaped(_ version: String, _ cpe: String) throws {
        let inner = #"<param pos="1" name="v.version"/><param pos="0" name="v.cpe23" value="cpe:/a:v:p:{v.version}"/>"#
        #expect(try recogValues("^(.*)$", version, inner)?["v.cpe23"] == cpe)
    }

    @Test func cpeFormattedStringsAreEscaped() throws {
        let inner =
            #"<param pos="1" name="v.version"/><param pos="0" name="v.cpe23" value="cpe:2.3:a:v:p:{v.version}:*"/>"#
        #expect(try recogValues("^(.*)$", "1.2:3 (R)", inner)?["v.cpe23"] == #"cpe:2.3:a:v:p:1.2\:3_\(r\):*"#)
        // No such letters in a CPE name: none is made, the rest stays.
        #expect(try recogValues("^(.*)$", "é", inner) == ["v.version": "é"])
    }

    @Test func aVersionThatIsNotThereIsNotApplicable() throws {
        let inner = #"<param pos="1" name="s.version"/><param pos="0" name="s.cpe23" value="cpe:/a:v:p:{s.version}"/>"#
        #expect(try recogValues("^x(1)?$", "x", inner) == ["s.cpe23": "cpe:/a:v:p:-"])
        #expect(try recogValues("^x(1?)$", "x", inner) == ["s.cpe23": "cpe:/a:v:p:-"])
        #expect(try recogValues("^x(1)?$", "x1", inner) == ["s.cpe23": "cpe:/a:v:p:1", "s.version": "1"])
    }

    @Test func otherValuesThatAreNotThereSpoilTheMatch() throws {
        let inner = #"<param pos="1" name="hw.model"/><param pos="0" name="hw.product" value="X {hw.model}"/>"#
        #expect(try recogValues("^x(1)?$", "x", inner) == nil)
        #expect(try recogValues("^x(1)?$", "x1", inner) == ["hw.model": "1", "hw.product": "X 1"])
    }

    @Test func theFirstThatMatchesCounts() throws {
        let database = try recogDatabase(
            recogFile(
                recogFingerprint("b", "<param pos='0' name='n' value='first'/>") + "\n"
                    + recogFingerprint(
                        "a|b",
                        "<example>ab</example><example>a</example><param pos='0' name='n' value='second'/>"
                    )
            )
        )
        #expect(database.search(Array("a".utf8)).match?.values == ["n": "second", "service.protocol": "test"])
        #expect(database.search(Array("ab".utf8)).match?.line == 3)
        #expect(database.search(Array("c".utf8)).match == nil)
        let verification = RecogVerification(of: database)
        #expect(verification.held == 2)
        #expect(verification.takenEarlier == 1)
        #expect(verification.withoutExample == 1)
    }

    @Test func examplesThatDoNotHoldAreTold() throws {
        let inner = """
            <example n="1">a1</example>
            <example n="2">a1</example>
            <example m="1">a1</example>
            <example>b</example>
            <example service.protocol="test">a1</example>
            <example _encoding="base64" n="1">YTE=</example>
            <param pos="1" name="n"/>
            """
        let verification = RecogVerification(of: try recogDatabase(recogFile(recogFingerprint("^a(.)$", inner))))
        #expect(verification.examples == 6)
        #expect(verification.held == 3)
        #expect(
            verification.failures.map(\.description) == [
                "test.xml:4: n should be \"2\", the pattern at line 3 finds \"1\"",
                "test.xml:5: m should be \"1\", the pattern at line 3 finds nothing",
                "test.xml:6: the pattern at line 3 does not match it",
            ]
        )
    }

    /// Patterns whose time doubles with each letter are cut by the limit of steps, whatever drives them: repetition
    /// within repetition, a back-reference, recursion.
    @Test(
        arguments: [
            #"^(a+)+$"#, #"^(?:a|a)*$"#, #"^(?:(a+)\1?)*[!?]$"#, #"^((a*)*)*[b-d]$"#, #"^(?<r>a|b\g<r>c|a\g<r>)*[!?]$"#,
        ],
        [false, true]
    )
    func patternsThatRunAwayAreCut(_ pattern: String, isInterpreted: Bool) throws {
        let database = try recogDatabase(
            recogFile(
                recogFingerprint(pattern) + "\n" + recogFingerprint("x$", "<param pos='0' name='n' value='sane'/>")
            ),
            isInterpreted: isInterpreted
        )
        let banner = Array((String(repeating: "a", count: 4_000) + "x").utf8)
        let search = database.search(banner, time: .seconds(60))
        #expect(search.cutLines == [3])
        // The others still have their say.
        #expect(search.match?.values["n"] == "sane")
        #expect(database.search(Array("aaaax".utf8)).cutLines == [])
    }

    @Test func anExampleThatRunsAwayIsTold() throws {
        let text = String(repeating: "a", count: 4_000) + "x"
        let database = try recogDatabase(recogFile(recogFingerprint("^(a+)+$", "<example>\(text)</example>")))
        #expect(
            RecogVerification(of: database).failures.map(\.description) == [
                "test.xml:3: the pattern at line 3 ran into the limit of steps"
            ]
        )
    }

    @Test func theTimeForABannerEnds() throws {
        let database = try recogDatabase(recogFile(recogFingerprint("a") + recogFingerprint("b")))
        let search = database.search(Array("b".utf8), time: .zero)
        #expect(search.isOutOfTime)
        #expect(search.match == nil)
        #expect(!database.search(Array("b".utf8)).isOutOfTime)
    }

    @Test func ofAVeryLongBannerTheStartIsTried() throws {
        let database = try recogDatabase(recogFile(recogFingerprint("a") + recogFingerprint("^b")))
        let banner = [UInt8](repeating: UInt8(ascii: "b"), count: RecogLimits.maximumBannerBytes) + [UInt8(ascii: "a")]
        #expect(database.search(banner).match?.line == 3)
        let lines = database.fingerprints.map(\.line)
        #expect(lines == [3, 3])
        #expect(try recogDatabase(recogFile(recogFingerprint("a"))).search(banner).match == nil)
    }

    /// Bytes that are no UTF-8 match nothing, and are no error.
    @Test func bytesThatAreNoTextAreTried() throws {
        let database = try recogDatabase(
            recogFile(recogFingerprint("^login: $", "<param pos='0' name='n' value='v'/>"))
        )
        #expect(database.search([0xFF, 0xFD, 0x01, 0x0A] + Array("login: ".utf8)).match != nil)
        #expect(try recogDatabase(recogFile(recogFingerprint("^.$"))).search([0xFF]).match == nil)
    }

    @Test func statementsSayOfWhat() throws {
        let database = try recogDatabase(
            recogFile(
                "<fingerprint pattern='^x$' certainty='0.5'><description>An x</description>"
                    + "<param pos='0' name='hw.vendor' value='Axis'/><param pos='0' name='hw.certainty' value='0.9'/>"
                    + "<param pos='0' name='service.family' value='Boa'/><param pos='0' name='service.version' value='1'/>"
                    + "<param pos='0' name='service.cpe23' value='cpe:/a:boa:boa:{service.version}'/></fingerprint>"
            )
        )
        let match = try #require(database.search(Array("x".utf8)).match)
        #expect(match.summary == "An x")
        #expect(match.certainty == 0.5)
        let statements = match.statements
        #expect(statements.map(\.subject) == [.hardware, .service])
        #expect(statements.map(\.vendor) == ["Axis", nil])
        #expect(statements.map(\.product) == [nil, "Boa"])
        #expect(statements.map(\.version) == [nil, "1"])
        #expect(statements.map(\.cpe) == [nil, "cpe:/a:boa:boa:1"])
        #expect(statements.map(\.certainty) == [0.9, 0.5])
    }

    @Test func aDirectoryLeavesDamagedFilesOut() async throws {
        try await TemporaryDirectory.with { directory in
            #expect(throws: RecogProblem.self) { try RecogLibrary(reading: directory.path) }
            #expect(throws: RecogProblem.self) { try RecogLibrary(reading: directory.path + "/none") }
            try directory.appending(path: "a.xml").write(
                recogFile(recogFingerprint("a"), attributes: "matches='k' preference='.1'")
            )
            try directory.appending(path: "b.xml").write(recogFile(recogFingerprint("("), attributes: "matches='k'"))
            try directory.appending(path: "c.xml").write(
                recogFile(recogFingerprint("c"), attributes: "matches='k' preference='.9'")
            )
            try directory.appending(path: "README").write("not a database")
            let library = try RecogLibrary(reading: directory.path)
            #expect(library.databases.map(\.file) == ["a.xml", "c.xml"])
            #expect(library.databases(for: "k").map(\.file) == ["c.xml", "a.xml"])
            #expect(library.databases(for: "other").isEmpty)
            #expect(library.refusedFiles == 1)
            #expect(library.problems.map(\.line) == [3])
        }
    }
}
