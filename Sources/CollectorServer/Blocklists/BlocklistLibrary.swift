internal import BlocklistBuilder
internal import CollectorCore
internal import ConfigurationFiles
internal import Foundation
internal import Logging
internal import NetworkTypes
internal import ServiceLifecycle
internal import SystemIO
internal import TLS

/// The sources of blocklists: downloaded by the clock, kept on the disk, compiled into the file that an operator may sign.
///
/// The collector makes no file that a gateway would take: it has no key. What it compiles is a candidate.
public actor BlocklistLibrary {
    /// How often it looks whether a source is due.
    static let interval = Duration.seconds(1)

    /// A source and what is known of it.
    struct Entry: Sendable {
        let id: String
        let source: BlocklistSettings.Source
        var state: BlocklistSourceState
    }

    private let settings: BlocklistSettings
    private let files: BlocklistFiles
    private let clock: WallClock
    private let log: Logger
    private let stop = BlocklistDownload.Stop()
    private(set) var entries: [Entry]
    /// The last one compiled, or being compiled.
    private var compiling: (ingredients: BlocklistCandidate.Ingredients, task: Task<BlocklistCandidate, any Error>)?

    /// The sources of a configuration, with what the disk says of them.
    init(
        _ settings: BlocklistSettings,
        stateDirectory: ByteString,
        clock: WallClock,
        log: Logger
    ) throws(CollectorError) {
        self.settings = settings
        self.clock = clock
        self.log = log
        let files = BlocklistFiles(stateDirectory)
        let ids = settings.sources.map { BlocklistFiles.identifier(of: $0) }
        try CollectorError.translating { () throws(SystemError) in try files.prepare(for: ids) }
        self.files = files
        entries = zip(ids, settings.sources).map { Entry(id: $0, source: $1, state: files.state(of: $0)) }
    }

    /// Downloads what is due, one source after the other.
    func update() async {
        for index in entries.indices {
            let entry = entries[index]
            let now = clock.nowMilliseconds
            guard !stop.isStopping,
                entry.state.isDue(everyMilliseconds: settings.everySeconds * 1000, nowMilliseconds: now)
            else { continue }
            let outcome = await Self.download(entry, settings, stop, nowMilliseconds: now)
            // An operator may have accepted something meanwhile: the state of now counts, not that of before.
            entries[index].state = settle(outcome, entries[index])
            do {
                try files.write(entries[index].state, of: entry.id)
            } catch {
                log.error("cannot keep what is known of \(entry.source.address.byteString.text): \(error)")
            }
        }
    }

    private typealias Result = Swift.Result<
        (outcome: BlocklistDownload.Outcome, copy: BlocklistSourceState.Copy?), BlocklistDownload.Problem
    >

    private static func download(
        _ entry: Entry,
        _ settings: BlocklistSettings,
        _ stop: BlocklistDownload.Stop,
        nowMilliseconds: UInt64
    ) async -> Result {
        let (source, state) = (entry.source, entry.state)
        // Without a good copy there is nothing that could be unchanged.
        let hasCopy = state.good != nil || state.held != nil
        return await onThread {
            let download = BlocklistDownload(settings, version: Collector.version, stop: stop)
            do throws(BlocklistDownload.Problem) {
                let outcome = try download.run(
                    source,
                    entityTag: hasCopy ? state.entityTag : nil,
                    lastModified: hasCopy ? state.lastModified : nil
                )
                guard case .file(let bytes, _, _) = outcome else { return .success((outcome, nil)) }
                return .success((outcome, copy(of: bytes, source, nowMilliseconds)))
            } catch {
                return .failure(error)
            }
        }
    }

    /// What is to be known of a file. To read a million names takes seconds.
    private static func copy(
        of bytes: [UInt8],
        _ source: BlocklistSettings.Source,
        _ nowMilliseconds: UInt64
    ) -> BlocklistSourceState.Copy {
        let parsed = BlocklistSource(parsing: bytes, format: format(of: source))
        return BlocklistSourceState.Copy(
            hash: Hexadecimal.encode(Cryptography.sha256(bytes)).text,
            byteCount: bytes.count,
            nameCount: parsed.blocked.count,
            exceptionCount: parsed.excepted.count,
            skippedCount: parsed.skippedCount,
            fetchedMilliseconds: nowMilliseconds
        )
    }

    private func settle(_ outcome: Result, _ entry: Entry) -> BlocklistSourceState {
        var state = entry.state
        let now = clock.nowMilliseconds
        let name = "blocklist \(entry.source.name.text), \(entry.source.address.byteString.text)"
        switch outcome {
        case .failure(let problem):
            // The same trouble every ten minutes would bury everything else.
            if state.problem != problem.text { log.warning("\(name): \(problem.text)") }
            state.fail(problem.text, nowMilliseconds: now)
        case .success((let outcome, let copy)):
            guard case .file(let bytes, let entityTag, let lastModified) = outcome, let copy else {
                state.confirm(nowMilliseconds: now)
                return state
            }
            do throws(SystemError) { try files.write(copy: bytes, hash: copy.hash, of: entry.id) } catch {
                state.fail("\(error)", nowMilliseconds: now)
                log.error("\(name): \(error)")
                return state
            }
            let before = state.good?.nameCount ?? 0
            switch state.take(copy, entityTag: entityTag, lastModified: lastModified, nowMilliseconds: now) {
            case .used: log.info("\(name): \(copy.nameCount) names")
            case .held:
                log.warning(
                    """
                    \(name): \(copy.nameCount) names, but \(before) before: held back until an operator accepts it \
                    (gatehousectl blocklist accept \(entry.id))
                    """
                )
            case .refused: log.warning("\(name): \(state.problem ?? "")")
            }
        }
        return state
    }

    static func format(of source: BlocklistSettings.Source) -> BlocklistSource.Format {
        switch source.format {
        case .any: return .any
        case .hosts: return .hosts
        case .names: return .names
        case .rules: return .rules
        }
    }

    /// Takes what is held back of a source; returns it, nil where nothing is. Throws `noSource` for one that there is not.
    func accept(_ id: String) throws -> BlocklistSourceState.Copy? {
        guard let index = entries.firstIndex(where: { $0.id == id }) else { throw NoSource() }
        guard entries[index].state.accept() else { return nil }
        try files.write(entries[index].state, of: id)
        return entries[index].state.good
    }

    /// No source has that name.
    struct NoSource: Error {}

    /// The compiled file of all good copies, under the key of the file in force, so that the two can be compared; nil where
    /// no source has a good copy.
    func candidate(inForce file: [UInt8]?) async throws -> BlocklistCandidate? {
        let parts = entries.compactMap { entry in
            entry.state.good.map {
                BlocklistCandidate.Ingredients.Part(
                    source: entry.id,
                    list: entry.source.name.text,
                    format: Self.format(of: entry.source).rawValue,
                    hash: $0.hash
                )
            }
        }
        guard !parts.isEmpty else { return nil }
        let ingredients = BlocklistCandidate.Ingredients(parts: parts, key: try key(of: file))
        if compiling?.ingredients != ingredients {
            let files = files
            let task = Task {
                try await Self.onThread {
                    Swift.Result { () throws(BlocklistCandidate.Problem) in
                        try BlocklistCandidate(ingredients) { files.copy($0.hash, of: $0.source) }
                    }
                }.get()
            }
            compiling = (ingredients, task)
        }
        guard let task = compiling?.task else { return nil }
        do { return try await task.value } catch {
            // A copy that the disk damaged comes anew.
            for index in entries.indices {
                guard let good = entries[index].state.good, files.copy(good.hash, of: entries[index].id) == nil else {
                    continue
                }
                compiling = nil
                entries[index].state.forgetGood()
                try files.write(entries[index].state, of: entries[index].id)
            }
            throw error
        }
    }

    private func key(of file: [UInt8]?) throws -> [UInt8] {
        guard let file, let key = try? BlocklistDifference.key(of: file) else { return try files.hashKey() }
        return [key.0, key.1].flatMap { half in (0..<8).reversed().map { UInt8(truncatingIfNeeded: half >> (8 * $0)) } }
    }

    /// Ends downloads.
    nonisolated func end() { stop.stop() }

    /// Work that waits or takes long, on a thread of its own.
    private static func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: work()) }
        }
    }
}

/// Keeps the sources up to date until the program is to stop.
struct BlocklistWatch: Service {
    let library: BlocklistLibrary

    func run() async throws {
        // What waits for a server must not keep the program from stopping.
        let updates = Task { [library] in
            while !Task.isCancelled {
                await library.update()
                try? await Task.sleep(for: BlocklistLibrary.interval)
            }
        }
        try? await gracefulShutdown()
        library.end()
        updates.cancel()
    }
}
