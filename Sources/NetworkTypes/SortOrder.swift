/// One sort for every element type of the agent.
///
/// The standard library's is specialised for each type it sorts, about 2 KB of code a type on arm64, and the agent sorts
/// twenty. This one sorts indices, so that only the comparison and the gathering are made for each type. Stable.
public enum SortOrder {
    /// Holds the comparison where the compiler does not look into it: it would make one sort for each.
    private final class Comparison {
        let isBefore: (Int, Int) -> Bool
        init(_ isBefore: @escaping (Int, Int) -> Bool) { self.isBefore = isBefore }
    }

    /// The indices `0..<count` in order, by a merge sort from the bottom up: at most count · log₂ count comparisons.
    public static func indices(count: Int, isBefore: (Int, Int) -> Bool) -> [Int] {
        withoutActuallyEscaping(isBefore) { merge(count, Comparison($0)) }
    }

    @inline(never)
    private static func merge(_ count: Int, _ comparison: Comparison) -> [Int] {
        var order = [Int](0..<count)
        var merged = order
        var width = 1
        while width < count {
            var start = 0
            while start < count {
                let middle = Swift.min(start + width, count)
                let end = Swift.min(start + 2 * width, count)
                var left = start
                var right = middle
                for place in start..<end {
                    let takesRight = right < end && (left >= middle || comparison.isBefore(order[right], order[left]))
                    merged[place] = order[takesRight ? right : left]
                    if takesRight { right += 1 } else { left += 1 }
                }
                start = end
            }
            swap(&order, &merged)
            width *= 2
        }
        return order
    }
}

extension Array {
    /// The elements in order; equal ones stay as they were.
    public func ordered(by isBefore: (Element, Element) -> Bool) -> [Element] {
        guard count > 1 else { return self }
        var result: [Element] = []
        result.reserveCapacity(count)
        for index in SortOrder.indices(count: count, isBefore: { isBefore(self[$0], self[$1]) }) {
            result.append(self[index])
        }
        return result
    }
}

extension Array where Element: Comparable {
    /// The elements in ascending order.
    public func ordered() -> [Element] { ordered { $0 < $1 } }
}

extension Sequence where Element: Comparable {
    /// The elements in ascending order.
    public func ordered() -> [Element] { Array(self).ordered() }
}
