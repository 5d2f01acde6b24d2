internal import CollectorAPI
internal import CollectorCore
public import Logging
internal import NIOPosix
public import Recog
internal import Synchronization

/// Asks Recog's databases about the banners that agents report.
public final class BannerKnowledge: Sendable {
    /// Longest time for all banners of one device; what is left over then is counted, and asked when the device is looked at
    /// again: what was found is remembered.
    static let deviceTime = Duration.milliseconds(500)

    private let library: RecogLibrary
    private let figures: CollectorFigures
    private let log: Logger
    private let state = Mutex(State())

    private struct State {
        var cache = BannerCache()
        /// Fingerprints of which it was said that a limit ended them, `FILE:LINE`; as many as there are, at most.
        var told: Set<String> = []
    }

    /// Databases to ask.
    public init(library: RecogLibrary, figures: CollectorFigures, log: Logger) {
        self.library = library
        self.figures = figures
        self.log = log
        figures.set(.recogFingerprints, UInt64(library.fingerprintCount))
        figures.set(.recogFilesRefused, UInt64(library.refusedFiles))
    }

    /// The databases of a directory. A damaged file is left out, and said; a directory that is none is an error.
    static func load(_ directory: String, figures: CollectorFigures, log: Logger) throws(CollectorError)
        -> BannerKnowledge
    {
        let library: RecogLibrary
        do throws(RecogProblem) {
            library = try RecogLibrary(reading: directory)
        } catch {
            throw .badConfiguration("knowledge.recog: \(error)")
        }
        for problem in library.problems { log.error("knowledge.recog: \(problem)") }
        if library.refusedFiles > 0 {
            log.error("knowledge.recog: \(library.refusedFiles) damaged files are left out; the others serve")
        }
        log.info("knowledge.recog: \(library.fingerprintCount) fingerprints of \(library.databases.count) files")
        return BannerKnowledge(library: library, figures: figures, log: log)
    }

    /// What is said of a device's banners, on a thread that may be kept busy.
    func statements(on evidence: [EvidenceRecord]) async -> [BannerResource] {
        let banners = ReportedBanner.banners(in: evidence)
        guard !banners.isEmpty else { return [] }
        // The pool is closed at the end of the program only.
        return (try? await NIOThreadPool.singleton.runIfActive { self.ask(banners) }) ?? []
    }

    /// Asks all databases about all banners; blocks.
    func ask(_ banners: [ReportedBanner], time: Duration = deviceTime) -> [BannerResource] {
        let end = ContinuousClock.now + time
        return banners.compactMap { banner in
            for key in banner.databases {
                for database in library.databases(for: key) {
                    for form in banner.forms {
                        guard let match = ask(database, form, end),
                            let resource = BannerResource(banner, form, key, match)
                        else { continue }
                        return resource
                    }
                }
            }
            return nil
        }
    }

    private func ask(_ database: RecogDatabase, _ banner: String, _ end: ContinuousClock.Instant) -> RecogMatch? {
        let key = BannerCache.Key(database: database.file, banner: banner)
        if let known = state.withLock({ $0.cache.match(for: key) }) { return known }
        let rest = end - ContinuousClock.now
        guard rest > .zero else {
            figures.add(.recogOutOfTime)
            return nil
        }
        figures.add(.recogSearches)
        let search = database.search(Array(banner.utf8), time: min(rest, RecogLimits.bannerTime))
        figures.add(.recogLimitHits, UInt64(search.cutLines.count))
        if search.isOutOfTime { figures.add(.recogOutOfTime) }
        let fresh = state.withLock { state in
            // One that had the device's last moments only is tried again.
            if !search.isOutOfTime || rest >= RecogLimits.bannerTime { state.cache.keep(search.match, for: key) }
            return search.cutLines.map { "\(database.file):\($0)" }.filter { state.told.insert($0).inserted }
        }
        for place in fresh { log.warning("knowledge.recog: \(place): the pattern ran into the limit of steps") }
        return search.match
    }
}

extension BannerResource {
    /// What a match says; nil where it names nothing.
    init?(_ banner: ReportedBanner, _ form: String, _ database: String, _ match: RecogMatch) {
        let statements = match.statements
        guard !statements.isEmpty else { return nil }
        self.init(
            signal: banner.signal,
            banner: form,
            database: database,
            source: "\(match.file):\(match.line)",
            fingerprint: match.summary,
            says: statements.map {
                Statement(
                    subject: $0.subject.rawValue,
                    vendor: $0.vendor,
                    product: $0.product,
                    version: $0.version,
                    cpe: $0.cpe,
                    certainty: $0.certainty
                )
            }
        )
    }
}
