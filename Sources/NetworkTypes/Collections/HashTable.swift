/// A dictionary with little code for each pair of types (`HashIndex` says why); as fast to look up as `Dictionary`.
///
/// In the order in which entries were added; the last entry takes the place of one that is removed.
public struct HashTable<Key: Hashable, Value> {
    private var index = HashIndex()
    /// The keys, in the order of `values`.
    public private(set) var keys: [Key] = []
    /// The values, in the order of `keys`.
    public private(set) var values: [Value] = []

    /// An empty table.
    public init() {}

    /// Entries.
    public var count: Int { keys.count }
    /// Whether there is none.
    public var isEmpty: Bool { keys.isEmpty }

    /// The value for a key; setting nil removes it.
    public subscript(key: Key) -> Value? {
        get {
            let position = position(key)
            return position < 0 ? nil : values[position]
        }
        set {
            if let newValue { updateValue(newValue, forKey: key) } else { removeValue(forKey: key) }
        }
    }

    /// The value for a key, changed in place; one that is missing is added first.
    public subscript(key: Key, default missing: @autoclosure () -> Value) -> Value {
        get { self[key] ?? missing() }
        _modify {
            var position = position(key)
            if position < 0 {
                position = count
                append(key, missing())
            }
            yield &values[position]
        }
    }

    /// Changes the value for a key in place; nil where there is none.
    public mutating func change<Result>(_ key: Key, _ body: (inout Value) -> Result) -> Result? {
        let position = position(key)
        return position < 0 ? nil : body(&values[position])
    }

    /// Whether there is an entry.
    public func contains(_ key: Key) -> Bool { position(key) >= 0 }

    /// Sets a value; the former one comes back.
    @discardableResult
    public mutating func updateValue(_ value: Value, forKey key: Key) -> Value? {
        let position = position(key)
        guard position >= 0 else {
            append(key, value)
            return nil
        }
        let former = values[position]
        values[position] = value
        return former
    }

    /// Removes an entry; its value comes back.
    @discardableResult
    public mutating func removeValue(forKey key: Key) -> Value? {
        let position = position(key)
        guard position >= 0 else { return nil }
        index.swapRemove(position)
        keys.swapAt(position, count - 1)
        values.swapAt(position, values.count - 1)
        keys.removeLast()
        return values.removeLast()
    }

    /// The entries for which `isWanted` says true.
    public func filter(_ isWanted: ((key: Key, value: Value)) -> Bool) -> HashTable {
        var some = HashTable()
        for entry in self where isWanted(entry) { some.append(entry.key, entry.value) }
        return some
    }

    /// Removes all entries.
    public mutating func removeAll() { self = HashTable() }

    @inline(never)
    private func position(_ key: Key) -> Int {
        let hash = HashTable.hash(key)
        var probe: Int?
        while true {
            let position = index.next(hash, &probe)
            if position < 0 || keys[position] == key { return position }
        }
    }

    @inline(never)
    private mutating func append(_ key: Key, _ value: Value) {
        index.append(HashTable.hash(key))
        keys.append(key)
        values.append(value)
    }

    /// Seeded for each process, so that nobody outside can choose keys that collide.
    private static func hash(_ key: Key) -> UInt32 { UInt32(truncatingIfNeeded: key.hashValue) }
}

extension HashTable: Sequence {
    /// Entries in their order.
    public struct Iterator: IteratorProtocol {
        fileprivate let table: HashTable
        fileprivate var position = 0

        /// The next entry.
        public mutating func next() -> (key: Key, value: Value)? {
            guard position < table.count else { return nil }
            defer { position += 1 }
            return (table.keys[position], table.values[position])
        }
    }

    /// Entries in their order.
    public func makeIterator() -> Iterator { Iterator(table: self) }
}

extension HashTable: ExpressibleByDictionaryLiteral {
    /// The last of two equal keys counts.
    public init(dictionaryLiteral elements: (Key, Value)...) {
        self.init()
        for (key, value) in elements { updateValue(value, forKey: key) }
    }
}

extension HashTable: Equatable where Value: Equatable {
    /// Whether both hold the same entries, in whatever order.
    public static func == (left: HashTable, right: HashTable) -> Bool {
        guard left.count == right.count else { return false }
        for (key, value) in left where right[key] != value { return false }
        return true
    }
}

extension HashTable: Sendable where Key: Sendable, Value: Sendable {}
