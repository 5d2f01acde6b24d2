internal import NetworkTypes

/// Weighs statements about one attribute of a device (its class, say) against each other.
///
/// Each value's support is 1 − Π(1 − w) over the families that speak for it, of which each counts with its heaviest
/// statement. The values then compete by Dempster's rule of combination for simple support functions (Shafer, "A
/// Mathematical Theory of Evidence", 1976, ch. 4), which in odds form is: belief(i) = o(i) / (1 + Σ o(j)) with
/// o = support / (1 − support). So agreement adds up, a contradiction takes from both, and two strong statements that
/// contradict each other leave neither believed. All in integers, and the order of the statements does not matter.
struct Ballot {
    struct Candidate {
        /// Equal for values that count as one.
        let key: ByteString
        /// As the heaviest statement spells it.
        var value: ByteString
        var heaviest: ConfidencePerMille
        /// Heaviest weight of each family, by its raw value.
        var weights: [ConfidencePerMille]
        /// How far it is believed, thousandths; 0 until `decide()`.
        var belief: ConfidencePerMille = 0
    }

    private static let familyCount = SignalFamily.allCases.count
    private static let one: UInt64 = 1_000_000
    /// Nothing is ever certain.
    static let highestBelief: ConfidencePerMille = 999

    private(set) var candidates: [Candidate] = []

    /// Adds a statement for `value`, known to the ballot as `key`.
    mutating func add(_ value: ByteString, key: ByteString, _ family: SignalFamily, _ weight: ConfidencePerMille) {
        guard weight > 0 else { return }
        let slot = Int(family.rawValue)
        if let index = candidates.firstIndex(where: { $0.key == key }) {
            candidates[index].weights[slot] = Swift.max(candidates[index].weights[slot], weight)
            let isHeavier = weight > candidates[index].heaviest
            if isHeavier || (weight == candidates[index].heaviest && value < candidates[index].value) {
                candidates[index].value = value
                candidates[index].heaviest = weight
            }
            return
        }
        var weights = [ConfidencePerMille](repeating: 0, count: Ballot.familyCount)
        weights[slot] = weight
        candidates.append(Candidate(key: key, value: value, heaviest: weight, weights: weights))
    }

    /// Folds each candidate whose key begins with that of a shorter one into one: `HS110(EU)` speaks for `HS110` too.
    mutating func mergePrefixes() {
        candidates = candidates.ordered { $0.key.count != $1.key.count ? $0.key.count > $1.key.count : $0.key < $1.key }
        var merged: [Candidate] = []
        for candidate in candidates {
            guard let index = merged.firstIndex(where: { $0.key.hasPrefix(candidate.key) }) else {
                merged.append(candidate)
                continue
            }
            for slot in candidate.weights.indices {
                merged[index].weights[slot] = Swift.max(merged[index].weights[slot], candidate.weights[slot])
            }
            if candidate.heaviest > merged[index].heaviest {
                merged[index].value = candidate.value
                merged[index].heaviest = candidate.heaviest
            }
        }
        candidates = merged
    }

    /// Works out the beliefs and puts the most believed first; equals stand in the order of their keys.
    mutating func decide() {
        var total = Ballot.one
        var odds: [UInt64] = []
        for candidate in candidates {
            var doubt = Ballot.one
            for weight in candidate.weights.ordered() where weight > 0 { doubt = doubt * UInt64(1000 - weight) / 1000 }
            doubt = Swift.max(doubt, Ballot.one / 1000)
            let ratio = (Ballot.one - doubt) * Ballot.one / doubt
            odds.append(ratio)
            total += ratio
        }
        for index in candidates.indices {
            let belief = (odds[index] * 1000 + total / 2) / total
            candidates[index].belief = Swift.min(ConfidencePerMille(truncatingIfNeeded: belief), Ballot.highestBelief)
        }
        candidates = candidates.ordered { $0.belief != $1.belief ? $0.belief > $1.belief : $0.key < $1.key }
    }
}
