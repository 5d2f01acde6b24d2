internal import CollectorCore
internal import ConfigurationFiles
internal import Foundation
internal import NetworkTypes
internal import SystemIO

/// What the collector keeps of the sources of blocklists, below its state directory: for each a file of what is known of it,
/// and its copies, named by their SHA-256. The first is written last, so a power cut leaves the state before or after.
struct BlocklistFiles: Sendable {
    /// Most bytes of what is known of a source.
    static let maximumStateBytes = 64 << 10
    /// Most files in the directory that are looked at.
    static let maximumFiles = 10_000

    let directory: ByteString

    init(_ stateDirectory: ByteString) { directory = "\(stateDirectory)/blocklists" }

    /// Makes the directory, and removes what belongs to no source any more.
    func prepare(for sources: [String]) throws(SystemError) {
        try FileSystem.makeDirectory(directory, mode: 0o700)
        let known = Set(sources)
        for file in try FileSystem.list(directory, limit: Self.maximumFiles) {
            let source = file.text.split(separator: ".").first?.split(separator: "-").first.map(String.init) ?? ""
            if source != "key", !known.contains(source) { try FileSystem.remove("\(directory)/\(file)") }
        }
    }

    /// What names a source: the first digits of the SHA-256 of its list's name and address.
    static func identifier(of source: BlocklistSettings.Source) -> String {
        let text: ByteString = "\(source.name) \(source.address.byteString)"
        return String(Hexadecimal.encode(SHA256.hash(text.bytes)).text.prefix(16))
    }

    private func statePath(_ source: String) -> ByteString { "\(directory)/\("\(source).json".byteString)" }

    private func copyPath(_ source: String, _ hash: String) -> ByteString {
        "\(directory)/\("\(source)-\(hash.prefix(16)).list".byteString)"
    }

    /// What is known of a source; what cannot be read is as if nothing were.
    func state(of source: String) -> BlocklistSourceState {
        guard let bytes = try? FileSystem.read(statePath(source), limit: Self.maximumStateBytes),
            var state = try? JSONDecoder().decode(BlocklistSourceState.self, from: Data(bytes))
        else { return BlocklistSourceState() }
        for copy in [state.good, state.held].compactMap({ $0 })
        where !FileSystem.exists(copyPath(source, copy.hash)) {
            state.forgetGood()
        }
        return state
    }

    /// Keeps what is known of a source, and removes copies that it does not name.
    func write(_ state: BlocklistSourceState, of source: String) throws {
        let bytes = Array(try JSONEncoder().encode(state))
        try FileSystem.writeAtomically(bytes, to: statePath(source), mode: 0o600)
        let kept = [state.good, state.held].compactMap { $0.map { copyPath(source, $0.hash) } }
        for file in try FileSystem.list(directory, limit: Self.maximumFiles) {
            let path: ByteString = "\(directory)/\(file)"
            if file.hasPrefix("\(source)-".byteString), !kept.contains(path) { try FileSystem.remove(path) }
        }
    }

    /// Keeps a copy. It counts once the state that names it is written.
    func write(copy bytes: [UInt8], hash: String, of source: String) throws(SystemError) {
        try FileSystem.writeAtomically(bytes, to: copyPath(source, hash), mode: 0o600)
    }

    /// A copy, where it is still what it was.
    func copy(_ hash: String, of source: String) -> [UInt8]? {
        guard let bytes = try? FileSystem.read(copyPath(source, hash), limit: 256 << 20),
            Hexadecimal.encode(SHA256.hash(bytes)).text == hash
        else { return nil }
        return bytes
    }

    /// The key under which the first file is compiled: random, made once.
    func hashKey() throws(SystemError) -> [UInt8] {
        let path: ByteString = "\(directory)/key"
        if let key = try? FileSystem.read(path, limit: 16), key.count == 16 { return key }
        let key = try SystemRandom.bytes(16)
        try FileSystem.writeAtomically(key, to: path, mode: 0o600)
        return key
    }
}
