/// What the `*` of a glob stand for: places in the value. Held in the struct itself, so that trying hundreds of globs on a
/// value allocates nothing.
struct GlobCaptures {
    private(set) var count = 0
    private var ranges = InlineArray<9, Range<Int>>(repeating: 0..<0)

    subscript(_ index: Int) -> Range<Int> { ranges[index] }

    mutating func removeAll() { count = 0 }

    /// Adds one; beyond `GlobPattern.maximumCaptures` (a pattern that no rule file may have) there is no room.
    mutating func append(_ range: Range<Int>) {
        guard count < GlobPattern.maximumCaptures else { return }
        ranges[count] = range
        count += 1
    }
}
