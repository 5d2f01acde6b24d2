import CollectorAPI

/// Columns for people, as wide as what is in them.
struct Table {
    private let headings: [String]
    private var rows: [[String]] = []

    init(_ headings: String...) { self.headings = headings }

    mutating func add(_ cells: String...) { rows.append(cells.map(Table.clean)) }

    /// Writes it, or `otherwise` where there is no row.
    func show(otherwise: String) {
        guard !rows.isEmpty else {
            Output.line(otherwise)
            return
        }
        let widths = headings.indices.map { column in
            (rows + [headings]).map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        for row in [headings] + rows {
            var text = ""
            for (column, cell) in row.enumerated() {
                text += cell
                guard column + 1 < row.count else { break }
                text += String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            Output.line(text)
        }
    }

    /// Devices name themselves: what they put into a name must not move the cursor of a terminal.
    static func clean(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                    let isDirection =
                        (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
                    return isControl || isDirection ? "\u{FFFD}" : scalar
                }
            )
        )
    }

    /// The same for a text of several lines.
    static func lines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { clean(String($0)) }.joined(separator: "\n")
    }

    /// Labels with their values.
    static func facts(_ facts: [(String, String)]) {
        let width = facts.map(\.0.count).max() ?? 0
        for (label, value) in facts {
            Output.line("\(label):\(String(repeating: " ", count: width - label.count + 2))\(clean(value))")
        }
    }

    /// A moment to the second, or `never`.
    static func time(_ time: Timestamp?) -> String {
        guard let time else { return "never" }
        return time.description.prefix(19).replacing("T", with: " ") + "Z"
    }

    /// The first digits of a hash.
    static func short(_ hash: String) -> String { hash.isEmpty ? "-" : String(hash.prefix(12)) }
}
