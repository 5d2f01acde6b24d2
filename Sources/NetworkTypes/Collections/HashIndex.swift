/// Where the entries of a `HashTable` are: buckets with linear probing that hold positions in the table's arrays.
///
/// It knows hashes and positions only, so it is compiled once, where `Dictionary` is compiled again for each pair of types:
/// of the agent's 750 KB of code that was 95.
struct HashIndex: Sendable {
    /// A bucket without an entry.
    private static let empty = Int32(-1)
    /// Buckets of the smallest index.
    private static let minimumBuckets = 8

    /// Positions; as many as a power of two, or none. At most three of four are taken.
    private var buckets: [Int32] = []
    /// Hash of the entry at each position.
    private var hashes: [UInt32] = []

    /// Entries.
    var count: Int { hashes.count }

    /// The next position with this hash, or -1. `probe` is nil for the first one, and goes back in for the next.
    @inline(never)
    func next(_ hash: UInt32, _ probe: inout Int?) -> Int {
        guard !buckets.isEmpty else { return -1 }
        let mask = buckets.count - 1
        var bucket = probe.map { $0 &+ 1 } ?? Int(truncatingIfNeeded: hash)
        while true {
            bucket &= mask
            let position = Int(buckets[bucket])
            if position < 0 { return -1 }
            if hashes[position] == hash {
                probe = bucket
                return position
            }
            bucket &+= 1
        }
    }

    /// Adds the entry whose position is the former `count`.
    @inline(never)
    mutating func append(_ hash: UInt32) {
        if (hashes.count + 1) * 4 > buckets.count * 3 { grow(Swift.max(buckets.count * 2, HashIndex.minimumBuckets)) }
        place(hash, Int32(truncatingIfNeeded: hashes.count))
        hashes.append(hash)
    }

    /// Removes the entry at `position`; the last entry then has that position.
    @inline(never)
    mutating func swapRemove(_ position: Int) {
        close(bucket(of: position))
        let last = hashes.count - 1
        if position != last {
            buckets[bucket(of: last)] = Int32(truncatingIfNeeded: position)
            hashes[position] = hashes[last]
        }
        hashes.removeLast()
    }

    private func bucket(of position: Int) -> Int {
        let mask = buckets.count - 1
        var bucket = Int(truncatingIfNeeded: hashes[position]) & mask
        while Int(buckets[bucket]) != position { bucket = (bucket &+ 1) & mask }
        return bucket
    }

    private mutating func place(_ hash: UInt32, _ position: Int32) {
        let mask = buckets.count - 1
        var bucket = Int(truncatingIfNeeded: hash) & mask
        while buckets[bucket] != HashIndex.empty { bucket = (bucket &+ 1) & mask }
        buckets[bucket] = position
    }

    private mutating func grow(_ size: Int) {
        buckets = Array(repeating: HashIndex.empty, count: size)
        for position in hashes.indices { place(hashes[position], Int32(truncatingIfNeeded: position)) }
    }

    /// Empties a bucket, and moves up what was probed past it: no tombstones remain.
    private mutating func close(_ start: Int) {
        let mask = buckets.count - 1
        var hole = start
        var bucket = start
        while true {
            bucket = (bucket &+ 1) & mask
            let position = Int(buckets[bucket])
            if position < 0 { break }
            let home = Int(truncatingIfNeeded: hashes[position]) & mask
            // Whether the hole lies on the way from the entry's home to its bucket.
            if (bucket &- home) & mask >= (bucket &- hole) & mask {
                buckets[hole] = buckets[bucket]
                hole = bucket
            }
        }
        buckets[hole] = HashIndex.empty
    }
}
