internal import BlocklistBuilder
internal import NetworkTypes
internal import Policy
internal import TLS

/// The compiled file that the collector offers for signing.
struct BlocklistCandidate: Sendable {
    /// What it was made from: one of the same ingredients is the same file.
    struct Ingredients: Hashable, Sendable {
        struct Part: Hashable, Sendable {
            let source: String
            let list: String
            let format: UInt8
            let hash: String
        }

        let parts: [Part]
        let key: [UInt8]
    }

    /// Why there is none.
    struct Problem: Error {
        let text: String
    }

    let ingredients: Ingredients
    let bytes: [UInt8]
    /// SHA-256, hexadecimal.
    let hash: String

    /// Compiles the copies. It takes seconds for a million names, so it runs on a thread of its own.
    init(_ ingredients: Ingredients, copy: (Ingredients.Part) -> [UInt8]?) throws(Problem) {
        var compiler = BlocklistCompiler()
        for part in ingredients.parts {
            guard let bytes = copy(part) else {
                throw Problem(text: "the copy of a source of \(part.list) is damaged on the disk; it is fetched anew")
            }
            let format = BlocklistSource.Format(rawValue: part.format) ?? .any
            compiler.add(BlocklistSource(parsing: bytes, format: format), to: part.list.byteString)
        }
        let halves = [ingredients.key[..<8], ingredients.key[8...]].map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
        do throws(BlocklistCompiler.Problem) { bytes = try compiler.compile(key: (halves[0], halves[1])) } catch {
            throw Problem(text: "\(error)")
        }
        guard bytes.count <= FileKind.blocklist.maximumFileBytes else {
            throw Problem(text: "\(bytes.count) bytes, but \(FileKind.blocklist.maximumFileBytes) can be pushed")
        }
        hash = Hexadecimal.encode(Cryptography.sha256(bytes)).text
        self.ingredients = ingredients
    }
}
