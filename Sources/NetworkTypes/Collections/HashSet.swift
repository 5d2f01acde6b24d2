/// A set with little code for each type (`HashIndex` says why). In the order in which elements were added.
public struct HashSet<Element: Hashable> {
    private var table = HashTable<Element, Nothing>()

    private struct Nothing: Sendable {}

    /// An empty set.
    public init() {}

    /// The different ones of a list.
    public init(_ list: [Element]) {
        for element in list { insert(element) }
    }

    /// Elements.
    public var count: Int { table.count }
    /// Whether there is none.
    public var isEmpty: Bool { table.isEmpty }
    /// The elements, in the order in which they were added.
    public var elements: [Element] { table.keys }

    /// Whether an element is there.
    public func contains(_ element: Element) -> Bool { table.contains(element) }

    /// Adds an element; false if it was there.
    @discardableResult
    public mutating func insert(_ element: Element) -> Bool {
        table.updateValue(Nothing(), forKey: element) == nil
    }

    /// The elements that are not in the other set.
    public func subtracting(_ other: HashSet) -> HashSet {
        var left = HashSet()
        for element in table.keys where !other.contains(element) { left.insert(element) }
        return left
    }
}

extension HashSet: ExpressibleByArrayLiteral {
    /// The different ones of a list.
    public init(arrayLiteral elements: Element...) { self.init(elements) }
}

extension HashSet: Sendable where Element: Sendable {}
