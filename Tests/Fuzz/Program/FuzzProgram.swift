import Decoders
import Foundation

/// `gatehouse-decoders`: damages what every decoder reads, the same way in every run, and says what came of it. The
/// checks of a release build trap as those of a debug build do, and it is fast enough for 100,000 inputs a decoder.
@main
enum FuzzProgram {
    static let usage = """
        usage: gatehouse-decoders list                                     their names
               gatehouse-decoders seeds DIRECTORY                          a folder of well-formed inputs for each
               gatehouse-decoders mutate [--count N] [--seed S] [DECODER]  N (100,000) damaged inputs for each
               gatehouse-decoders replay DECODER FILE                      one input
               gatehouse-decoders prefixes                                 every prefix of every capture and frame
        """

    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        var limit = rlimit(rlim_cur: 2 << 30, rlim_max: 2 << 30)
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        switch words.first {
        case "list": for decoder in DecoderTable.all { print(decoder) }
        case "seeds" where words.count == 2: writeSeeds(words[1])
        case "mutate": mutate(Array(words.dropFirst()))
        case "replay" where words.count == 3: replay(words[1], words[2])
        case "prefixes": Prefixes.run()
        default: fail(64, usage)
        }
    }

    static func fail(_ status: Int32, _ text: String) -> Never {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
        exit(status)
    }

    private static func find(_ name: String) -> Decoder {
        guard let decoder = DecoderTable[name] else { fail(64, "no decoder '\(name)'; see gatehouse-decoders list") }
        return decoder
    }

    private static func writeSeeds(_ path: String) {
        let directory = URL(fileURLWithPath: path)
        do {
            for decoder in DecoderTable.all {
                let folder = directory.appending(path: decoder.name)
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                for (index, seed) in decoder.seeds.enumerated() {
                    try Data(seed).write(to: folder.appending(path: "seed-\(index)"))
                }
            }
        } catch {
            fail(1, "\(error)")
        }
    }

    private static func replay(_ name: String, _ path: String) {
        let decoder = find(name)
        guard let data = FileManager.default.contents(atPath: path) else { fail(65, "cannot read \(path)") }
        Watch.begin(name)
        let input = [UInt8](data)
        Watch.next(0, input)
        print(decoder.decode(input) ? "well-formed" : "refused")
    }

    private static func mutate(_ arguments: [String]) {
        var words = arguments
        func option(_ name: String, _ standard: Int) -> Int {
            guard let index = words.firstIndex(of: name), index + 1 < words.count else { return standard }
            guard let value = Int(words[index + 1]), value >= 0 else { fail(64, "\(name) wants a number") }
            words.removeSubrange(index...(index + 1))
            return value
        }
        let count = option("--count", 100_000)
        let seed = UInt64(option("--seed", 20_261_126))
        let decoders = words.isEmpty ? DecoderTable.all : words.map { find($0) }
        print("\(count) damaged inputs for each of \(decoders.count) decoders, seed \(seed)")
        let start = ContinuousClock.now
        for decoder in decoders {
            let seeds = decoder.seeds
            guard !seeds.isEmpty else { fail(1, "\(decoder): nothing to damage") }
            Watch.begin(decoder.name)
            var wellFormed = 0
            let begun = ContinuousClock.now
            for round in 0..<count {
                let input = Mutation.bytes(
                    of: seeds,
                    seed: seed,
                    round: round,
                    maximumLength: decoder.maximumLength
                )
                Watch.next(round, input)
                if decoder.decode(input) { wellFormed += 1 }
            }
            let milliseconds = (ContinuousClock.now - begun) / .milliseconds(1)
            print("  \(decoder): \(seeds.count) seeds, \(wellFormed) still well-formed, \(Int(milliseconds)) ms")
        }
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        print("no trap and no hang in \(Int(seconds)) s; at most \(usage.ru_maxrss / 1024) MiB of memory")
    }
}
