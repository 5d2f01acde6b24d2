import Recog

/// A file of one database, from its fingerprints.
func recogFile(_ fingerprints: String, attributes: String = #"matches="test.banner" protocol="Test""#) -> String {
    "<?xml version='1.0' encoding='UTF-8'?>\n<fingerprints \(attributes)>\n\(fingerprints)\n</fingerprints>\n"
}

/// A database of a text; its problems name `test.xml`.
func recogDatabase(_ text: String, isInterpreted: Bool = false) throws(RecogProblems) -> RecogDatabase {
    try RecogLibrary.database(of: Array(text.utf8), file: "test.xml", path: "test.xml", isInterpreted: isInterpreted)
}

/// What is wrong with a text, one line each.
func recogProblems(_ text: String) -> [String] {
    do throws(RecogProblems) {
        _ = try recogDatabase(text)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}

/// A fingerprint in XML; the pattern's `<`, `&` and `"` are escaped.
func recogFingerprint(_ pattern: String, flags: String = "", _ inner: String = "") -> String {
    let escaped = pattern.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
        .replacing("\n", with: "&#10;")
    let attribute = flags.isEmpty ? "" : " flags=\"\(flags)\""
    return "<fingerprint pattern=\"\(escaped)\"\(attribute)><description>Test</description>\(inner)</fingerprint>"
}

/// Whether a pattern matches a banner, and what it finds; nil where it does not.
func recogValues(_ pattern: String, flags: String = "", _ banner: String, _ inner: String = "") throws -> [String:
    String]?
{
    let database = try recogDatabase(recogFile(recogFingerprint(pattern, flags: flags, inner), attributes: ""))
    return database.search(Array(banner.utf8)).match?.values
}
