import NetworkTypes
import TestSupport
import Testing

@Suite("Tables with little code")
struct HashTableTests {
    /// A key of which many have the same hash, so that probing, growing and closing of gaps all meet collisions.
    private struct Key: Hashable {
        let number: UInt16
        func hash(into hasher: inout Hasher) { hasher.combine(number & 7) }
    }

    @Test("it does what a dictionary does", arguments: [UInt64(1), 2, 3, 4])
    func asADictionary(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var table: HashTable<Key, Int> = HashTable()
        var dictionary: [Key: Int] = [:]
        for step in 0..<20_000 {
            // Grows to some hundred entries, and back to none.
            let key = Key(number: UInt16.random(in: 0..<300, using: &random))
            switch Int.random(in: 0..<(step % 4_000 < 2_000 ? 3 : 9), using: &random) {
            case 0: #expect(table.updateValue(step, forKey: key) == dictionary.updateValue(step, forKey: key))
            case 1:
                table[key, default: 0] += 1
                dictionary[key, default: 0] += 1
            case 2: #expect(table[key] == dictionary[key])
            default: #expect(table.removeValue(forKey: key) == dictionary.removeValue(forKey: key))
            }
            #expect(table.count == dictionary.count)
            guard step % 97 == 0 else { continue }
            #expect(Dictionary(uniqueKeysWithValues: table.map { ($0.key, $0.value) }) == dictionary, "step \(step)")
            for number in 0..<300 {
                let key = Key(number: UInt16(number))
                #expect(table[key] == dictionary[key] && table.contains(key) == (dictionary[key] != nil))
            }
        }
    }

    @Test("entries stay in the order in which they came")
    func order() {
        var table: HashTable<ByteString, Int> = HashTable()
        for number in 0..<100 { table["\(number)"] = number }
        #expect(table.values == Array(0..<100))
        #expect(table.keys[42] == "42")
        table["0"] = nil
        #expect(table.keys.first == "99", "the last one takes the place")
        #expect(table.filter { $0.value < 3 }.values == [1, 2])
    }

    @Test("a copy is one of its own")
    func copies() {
        var table: HashTable<Int, Int> = [1: 1, 2: 2]
        let before = table
        for (key, _) in table { table[key] = nil }
        #expect(table.isEmpty && before == [2: 2, 1: 1] && before != table)
        table.removeAll()
        #expect(table[1] == nil && table.removeValue(forKey: 1) == nil)
        #expect([1: 1] != ([1: 2] as HashTable<Int, Int>))
    }

    @Test("a set holds each element once")
    func set() {
        var some: HashSet<ByteString> = ["a", "b", "a"]
        #expect(some.elements == ["a", "b"])
        #expect(some.insert("c") && !some.insert("c") && some.count == 3)
        #expect(some.subtracting(["b"]).elements == ["a", "c"])
        #expect(some.contains("c") && !some.contains("d"))
        #expect(HashSet<ByteString>().isEmpty)
    }
}
