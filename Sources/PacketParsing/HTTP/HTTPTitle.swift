public import NetworkTypes

/// Finds the `<title>` of a page.
public enum HTTPTitle {
    /// Longest title that is taken; what is longer is none.
    public static let maximumLength = 256

    /// The text between `<title…>` and `</title>`, runs of white space made one blank; nil where there is none (yet).
    public static func find(in body: borrowing ByteReader) -> ByteString? {
        guard let tag = find("<title", in: body, from: body.position) else { return nil }
        var start = tag + 6
        while start < body.end, body.bytes[start] != 0x3E { start += 1 }
        guard let end = find("</title", in: body, from: start), end - start - 1 <= maximumLength else { return nil }
        var title = ByteString()
        for index in (start + 1)..<Swift.max(end, start + 1) {
            let isBlank = body.bytes[index] <= 0x20
            if isBlank, title.isEmpty || title.bytes.last == 0x20 { continue }
            title.append(byte: isBlank ? 0x20 : body.bytes[index])
        }
        let trimmed = title.trimmed
        return trimmed.isEmpty ? nil : trimmed
    }

    /// Where `word`, given in lower case, stands first.
    private static func find(_ word: ByteString, in body: borrowing ByteReader, from start: Int) -> Int? {
        guard word.count <= body.end - start else { return nil }
        for place in start...(body.end - word.count) where body.bytes[place] == word.bytes[0] {
            var matches = true
            for index in 1..<word.count where body.bytes[place + index] | 0x20 != word.bytes[index] | 0x20 {
                matches = false
                break
            }
            if matches { return place }
        }
        return nil
    }
}
