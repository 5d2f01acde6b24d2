internal import AgentCore
internal import CollectorAPI
internal import CollectorCore
internal import Fingerprinting
internal import Hummingbird
internal import NIOCore
internal import NetworkTypes
internal import Policy
internal import Storage

/// Signed files, knowledge and blocklists: taken in, and offered to the gateways.
///
/// The collector checks what it can without trusting anybody: that the file is the one that was signed, and that it opens.
/// It has no keys to trust, on purpose: the agents judge the signature.
enum SignedFileRoutes {
    static let all: [APIRoute] = [
        APIRoute(.get, "/api/v1/knowledge", "listKnowledge", .role(.viewer)) { try await list(.knowledge, $0) },
        APIRoute(.post, "/api/v1/knowledge", "pushKnowledge", .role(.signer)) { try await push(.knowledge, $0) },
        APIRoute(.get, "/api/v1/blocklists", "listBlocklists", .role(.viewer)) { try await list(.blocklist, $0) },
        APIRoute(.post, "/api/v1/blocklists", "pushBlocklists", .role(.signer)) { try await push(.blocklist, $0) },
    ]

    static let mediaType = "application/octet-stream"

    private static func list(_ kind: FileKind, _ call: APIRequest) async throws -> Response {
        let records = try await call.services.store.files(kind, tenant: try call.caller.tenant)
        let items = records.enumerated().map { resource($1, isTarget: $0 == 0) }
        return try JSONBody.response(Page(items: items))
    }

    private static func push(_ kind: FileKind, _ call: APIRequest) async throws -> Response {
        let media = call.request.headers[.contentType]?.split(separator: ";").first.map(String.init) ?? ""
        guard media.lowercased() == mediaType else {
            throw Problem(
                "unsupported-media-type",
                title: "The body has the wrong type",
                status: 415,
                detail: "the body is \(media.isEmpty ? "of no type" : media)",
                remedy: "send a signed \(kind.name.text) file as Content-Type: \(mediaType)"
            )
        }
        let buffer = try await JSONBody.collect(call.request, limit: SignedFile.maximumBytes(kind))
        let caller = try call.caller
        let record = try open(kind, Array(buffer.readableBytesView), caller: caller, nowMilliseconds: call.now)
        let offered = try await call.services.operations.pushFile(record, actor: caller.user)
        return try JSONBody.response(
            FilePushResponse(
                knowledge: kind == .knowledge ? resource(record, isTarget: true) : nil,
                blocklist: kind == .blocklist ? resource(record, isTarget: true) : nil,
                offered: offered.sorted()
            ),
            status: .accepted
        )
    }

    /// The record of a signed file that passes every check that needs no key.
    private static func open(
        _ kind: FileKind,
        _ bytes: [UInt8],
        caller: Caller,
        nowMilliseconds: UInt64
    ) throws -> SignedFileRecord {
        do throws(FileRefusal) {
            let signed = try SignedFile(kind, parsing: bytes.span)
            let manifest = try signed.unverified()
            let file = Array(bytes[signed.envelopeBytes...])
            try manifest.checkFile(bytes: file.count, hash: SHA256.hash(file))
            try checkContents(kind, file)
            return SignedFileRecord(
                tenant: caller.tenant,
                kind: kind,
                hash: Hexadecimal.encode(manifest.fileHash.bytes).text,
                version: manifest.version,
                issuedAtSeconds: manifest.issuedAtSeconds,
                keyIdentifier: Hexadecimal.encode(signed.envelope.keyID.bytes).text,
                rollbackFrom: manifest.rollbackFrom,
                envelope: signed.envelope.encoded(),
                file: file,
                actor: caller.user,
                storedMilliseconds: nowMilliseconds
            )
        } catch {
            throw Problem(
                "invalid-\(kind.name.text)",
                title: "The \(kind.name.text) file cannot be taken",
                status: 422,
                detail: error.detail.text,
                remedy: "build it anew and sign it with gatehousectl \(kind.name.text) sign"
            )
        }
    }

    /// Whether a file of that kind can be read.
    private static func checkContents(_ kind: FileKind, _ file: [UInt8]) throws(FileRefusal) {
        switch kind {
        case .knowledge:
            do throws(KnowledgeError) { _ = try KnowledgeBase(opening: ArrayByteStore(file)) } catch {
                throw FileRefusal(.unreadable, ByteString(utf8: error.text))
            }
        case .blocklist:
            do throws(Blocklists.Problem) { _ = try Blocklists(opening: ArrayByteStore(file)) } catch {
                throw FileRefusal(.unreadable, error.text)
            }
        }
    }

    static func resource(_ record: SignedFileRecord, isTarget: Bool) -> SignedFileResource {
        SignedFileResource(
            hash: record.hash,
            version: record.version,
            keyID: record.keyIdentifier,
            issued: Timestamp(milliseconds: min(record.issuedAtSeconds, Timestamp.maximumMilliseconds / 1000) * 1000),
            rollbackFrom: record.rollbackFrom,
            bytes: Int(clamping: record.fileBytes),
            pushed: Timestamp(milliseconds: record.storedMilliseconds),
            pushedBy: record.actor,
            isTarget: isTarget
        )
    }
}
