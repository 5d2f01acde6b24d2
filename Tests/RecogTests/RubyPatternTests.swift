import Recog
import Testing

/// Ruby's regular expressions, where PCRE2's differ. What is expected is what Ruby 3.1 answers to `pattern =~ text`.
@Suite struct RubyPatternTests {
    struct Case: Sendable, CustomStringConvertible {
        var pattern: String
        var flags = ""
        var text: String
        var matches: Bool

        init(_ pattern: String, _ text: String, _ matches: Bool, flags: String = "") {
            self.pattern = pattern
            self.flags = flags
            self.text = text
            self.matches = matches
        }

        var description: String { "/\(pattern)/ \(flags) =~ \(text.debugDescription)" }
    }

    @Test(arguments: [
        // ^ and $ are about lines at all times; only a line feed ends one.
        Case("^b$", "a\nb\nc", true), Case("^b$", "a\rb\rc", false), Case("a$", "a\r\n", false),
        Case(#"\Ab"#, "a\nb", false), Case(#"b\Z"#, "b\n", true), Case(#"b\z"#, "b\n", false),
        Case("^$", "a\n", false),
        // (?m) is about the dot; so are all flags but those about case.
        Case("a.b", "a\nb", false), Case("(?m)a.b", "a\nb", true), Case("(?m:a.)b.c", "a\nb\nc", false),
        Case("(?m-i)a.b", "A\nb", false), Case("(?-m)a.b", "a\nb", false, flags: "REG_MULTILINE"),
        Case("a.b", "a\nb", true, flags: "REG_MULTILINE"), Case("a.b", "a\nb", true, flags: "REG_DOT_NEWLINE"),
        Case("a.b", "a\nb", true, flags: "REG_LINE_ANY_CRLF"),
        Case("a.b", "A\nB", true, flags: "REG_ICASE,REG_MULTILINE"),
        Case("abc", "ABC", true, flags: "REG_ICASE"), Case("abc", "ABC", false),
        // An option in the middle holds to the end of its group, and takes the bars with it.
        Case("^a(?i)b|c$", "c", false), Case("^a(?i)b|c$", "aC", true), Case("^a(?i)b|c$", "AB", false),
        Case("^(?:a(?i)b|c)d$", "aCd", true), Case("^(?:a(?i)b|c)d$", "aCD", false), Case("(?i)a|B", "b", true),
        // Letters that mean something else.
        Case(#"^\h+$"#, "09afAF", true), Case(#"^\h$"#, " ", false), Case(#"^[\h:]+$"#, "00:1a:FF", true),
        Case(#"^\H$"#, " ", true), Case(#"^\H$"#, "e", false), Case(#"^[\H]+$"#, "é g", true),
        Case(#"^[\H]$"#, "e", false),
        Case(#"^\v$"#, "\u{0B}", true), Case(#"^\v$"#, "\u{0C}", false), Case(#"^\N$"#, "N", true),
        Case(#"^\Qa.\E$"#, "Qa.E", true), Case(#"^\Qa.\E$"#, "a.", false), Case(#"^\y$"#, "y", true),
        Case(#"^\u00e9\u{41 42}$"#, "éAB", true), Case(#"^[\u00e9]$"#, "é", true),
        Case(#"^\e\a\f\t$"#, "\u{1B}\u{07}\u{0C}\t", true),
        // Repetition.
        Case("^a{,2}$", "aa", true), Case("^a{,2}$", "aaa", false), Case("^a{,2}$", "", true),
        Case("^a{1,2}+$", "aaaaa", true), Case("^(?:ab){2}?$", "", true), Case("^(?:ab){2}?$", "abab", true),
        Case("^[ab]{2}?c$", "c", true), Case("^é{2}?$", "", true), Case("^a{x}$", "a{x}", true), Case("^{$", "{", true),
        Case("^a{1,3}?$", "aaa", true), Case("^a++b$", "aab", true), Case("^a*+a$", "aa", false),
        // Sets.
        Case("^[]a]+$", "]a", true), Case("^[^]]$", "a", true), Case("^[[:digit:]x]+$", "1x", true),
        Case("^[&]$", "&", true),
        // Characters, not bytes; \w, \d, \s are ASCII.
        Case("^.$", "é", true), Case(#"^\w$"#, "é", false), Case(#"^\d$"#, "٣", false), Case(#"^\s$"#, "\u{A0}", false),
        Case("^É$", "é", true, flags: "REG_ICASE"),
        // Free spacing.
        Case("(?x) ^ a b # a ( in a comment\n c $", "abc", true), Case("a(?#not [ (this)b", "ab", true),
        // Look-around and references.
        Case(#"^(a)\1$"#, "aa", true), Case(#"^(?<x>a)\k<x>$"#, "aa", true), Case("^(?=ab)a", "ab", true),
        Case("(?<!a)b", "ab", false),
        Case("(?>a+)ab", "aaab", false),
    ])
    func matchesAsRuby(_ test: Case) throws {
        #expect(try (recogValues(test.pattern, flags: test.flags, test.text) != nil) == test.matches)
    }

    @Test func unnamedGroupsDoNotCaptureBesideNamedOnes() throws {
        let parameter = #"<param pos="1" name="x"/>"#
        #expect(try recogValues("(a)(?<n>b)", "ab", parameter) == ["x": "b"])
        #expect(try recogValues("(a)(b)", "ab", parameter) == ["x": "a"])
    }

    @Test(arguments: [
        ("[a[bc]]", "a set within a set"), ("[a&&b]", "intersection"), (#"\C-a"#, "not supported"),
        (#"\M-a"#, "not supported"),
        ("(?~a)", "absence"), ("(*LIMIT_MATCH=1)a", "(*"), ("(*UTF)a", "(*"), ("(a", "not closed"), ("a)", "not open"),
        ("[a", "not closed"), ("(?i", "not closed"), ("(?i-x-m)", "two hyphens"), ("(?iz)a", "unknown option"),
        (#"a\"#, "backslash"),
        (#"\u12"#, "four"), (#"\u{d800}"#, "of a character"), (#"\u{41"#, "not closed"), ("(?#a", "not closed"),
        ("*a", "quantifier"),
        (#"\p{Nothing}"#, "unknown property"), (#"(?<=a+)b"#, "lookbehind"), ("(?<a>b)(?<a>c)", "two named"),
    ])
    func refused(_ pattern: String, _ reason: String) {
        let problems = recogProblems(recogFile("\n" + recogFingerprint(pattern)))
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("test.xml:4: pattern, byte ") == true, "\(problems)")
        #expect(problems.first?.contains(reason) == true, "\(problems)")
    }
}
