internal import BlocklistBuilder
internal import CollectorAPI
internal import CollectorCore
internal import ConfigurationFiles
internal import Hummingbird
internal import NIOCore
internal import NetworkTypes
internal import Policy
internal import Storage

/// The blocklists that the collector downloads: what it has, the file that may be signed, what is in force.
enum BlocklistRoutes {
    static let all: [APIRoute] = [
        APIRoute(.get, "/api/v1/blocklists/status", "getBlocklistStatus", .role(.viewer), status),
        APIRoute(.get, "/api/v1/blocklists/candidate", "getBlocklistCandidate", .role(.viewer), candidate),
        APIRoute(.get, "/api/v1/blocklists/target", "getBlocklistTarget", .role(.viewer), target),
        APIRoute(
            .post,
            "/api/v1/blocklists/sources/{source}/accept",
            "acceptBlocklistSource",
            .role(.operator),
            accept
        ),
    ]

    private static let partBytes = 256 << 10

    private static func status(_ call: APIRequest) async throws -> Response {
        var resource = BlocklistStatusResource()
        let target = try await call.services.store.targetFile(.blocklist, tenant: try call.caller.tenant)
        resource.inForce = target.map { SignedFileRoutes.resource($0, isTarget: true) }
        resource.sources = (await call.services.blocklists?.entries ?? []).map(source)
        var bytes: [UInt8]?
        do {
            if let candidate = try await call.services.blocklists?.candidate(inForce: target?.file) {
                resource.candidateHash = candidate.hash
                resource.candidateBytes = candidate.bytes.count
                bytes = candidate.bytes
            }
        } catch let problem as BlocklistCandidate.Problem {
            resource.problem = problem.text
        }
        do throws(BlocklistDifference.Problem) {
            resource.lists = try lists(candidate: bytes, inForce: target?.file)
        } catch {
            resource.problem = "\(error)"
        }
        return try JSONBody.response(resource)
    }

    /// Every list of the two, with what would change.
    private static func lists(
        candidate: [UInt8]?,
        inForce: [UInt8]?
    ) throws(BlocklistDifference.Problem) -> [BlocklistListResource] {
        let had = try inForce.map { (file) throws(BlocklistDifference.Problem) in
            try BlocklistDifference.counts(of: file)
        }
        let has = try candidate.map { (file) throws(BlocklistDifference.Problem) in
            try BlocklistDifference.counts(of: file)
        }
        var changes: [String: BlocklistDifference.List] = [:]
        if let candidate, let inForce {
            for list in try BlocklistDifference(from: inForce, to: candidate).lists { changes[list.name] = list }
        }
        return Set((had ?? [:]).keys).union((has ?? [:]).keys).sorted().map { name in
            var list = BlocklistListResource(name: name)
            list.candidateNames = has?[name]
            list.namesInForce = had?[name]
            list.added = changes[name]?.added
            list.removed = changes[name]?.removed
            return list
        }
    }

    private static func source(_ entry: BlocklistLibrary.Entry) -> BlocklistSourceResource {
        let state = entry.state
        let word =
            state.problem != nil
            ? "failing" : state.held != nil ? "held" : state.good != nil ? "good" : "waiting"
        var resource = BlocklistSourceResource(
            id: entry.id,
            list: entry.source.name.text,
            url: entry.source.address.byteString.text,
            format: entry.source.format.name.text,
            state: word,
            failures: state.failureCount
        )
        resource.good = state.good.map(copy)
        resource.held = state.held.map(copy)
        if state.checkedMilliseconds > 0 { resource.checked = Timestamp(milliseconds: state.checkedMilliseconds) }
        resource.error = state.problem
        return resource
    }

    private static func copy(_ copy: BlocklistSourceState.Copy) -> BlocklistSourceResource.Copy {
        BlocklistSourceResource.Copy(
            hash: copy.hash,
            names: copy.nameCount,
            exceptions: copy.exceptionCount,
            skippedLines: copy.skippedCount,
            bytes: copy.byteCount,
            fetched: Timestamp(milliseconds: copy.fetchedMilliseconds)
        )
    }

    private static func candidate(_ call: APIRequest) async throws -> Response {
        let target = try await call.services.store.targetFile(.blocklist, tenant: try call.caller.tenant)
        do {
            guard let found = try await call.services.blocklists?.candidate(inForce: target?.file) else {
                throw Problem.conflict(
                    "no source of blocklists has been downloaded yet",
                    remedy: "name some in collector.yaml (blocklists), or see gatehousectl blocklist status"
                )
            }
            return file(found.bytes)
        } catch let problem as BlocklistCandidate.Problem {
            throw Problem.conflict("the blocklists cannot be compiled: \(problem.text)")
        }
    }

    /// The signed file in force: with it an operator sees what a candidate would change, without taking the collector's
    /// word for it.
    private static func target(_ call: APIRequest) async throws -> Response {
        guard let record = try await call.services.store.targetFile(.blocklist, tenant: try call.caller.tenant) else {
            throw Problem.notFound("a file of blocklists that was pushed")
        }
        return file(record.envelope + record.file)
    }

    private static func file(_ bytes: [UInt8]) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: SignedFileRoutes.mediaType, .contentLength: String(bytes.count)],
            body: ResponseBody(contentLength: bytes.count) { writer in
                // In parts: what a connection holds for its socket is bounded.
                for start in stride(from: 0, to: bytes.count, by: partBytes) {
                    let part = bytes[start..<min(bytes.count, start + partBytes)]
                    try await writer.write(ByteBuffer(bytes: part))
                }
                try await writer.finish(nil)
            }
        )
    }

    private static func accept(_ call: APIRequest) async throws -> Response {
        let id = try call.parameter("source")
        guard let library = call.services.blocklists else { throw Problem.notFound("source \(id) of blocklists") }
        do {
            guard let copy = try await library.accept(id) else {
                throw Problem.conflict("nothing of source \(id) is held back")
            }
            let caller = try call.caller
            try await call.services.operations.note(
                tenant: caller.tenant,
                actor: caller.user,
                action: "blocklist.accept",
                subject: id,
                detail: "\(copy.nameCount) names, SHA-256 \(copy.hash)"
            )
        } catch is BlocklistLibrary.NoSource {
            throw Problem.notFound("source \(id) of blocklists")
        }
        guard let entry = await library.entries.first(where: { $0.id == id }) else {
            throw Problem.notFound("source \(id) of blocklists")
        }
        return try JSONBody.response(source(entry))
    }
}
