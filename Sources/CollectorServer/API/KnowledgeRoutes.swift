internal import CollectorAPI
internal import CollectorCore
internal import Fingerprinting
internal import Hummingbird
internal import NIOCore
internal import NetworkTypes
internal import Policy
internal import Storage

/// Signed knowledge files: taken in, and offered to the gateways.
///
/// The collector checks what it can without trusting anybody: that the file is the one that was signed, and that it opens.
/// It has no keys to trust, on purpose: the agents judge the signature.
enum KnowledgeRoutes {
    static let all: [APIRoute] = [
        APIRoute(.get, "/api/v1/knowledge", "listKnowledge", .role(.viewer), list),
        APIRoute(.post, "/api/v1/knowledge", "pushKnowledge", .role(.signer), push),
    ]

    private static let mediaType = "application/octet-stream"

    private static func list(_ call: APIRequest) async throws -> Response {
        let records = try await call.services.store.knowledge(tenant: try call.caller.tenant)
        let items = records.enumerated().map { resource($1, isTarget: $0 == 0) }
        return try JSONBody.response(Page(items: items))
    }

    private static func push(_ call: APIRequest) async throws -> Response {
        let media = call.request.headers[.contentType]?.split(separator: ";").first.map(String.init) ?? ""
        guard media.lowercased() == mediaType else {
            throw Problem(
                "unsupported-media-type",
                title: "The body has the wrong type",
                status: 415,
                detail: "the body is \(media.isEmpty ? "of no type" : media)",
                remedy: "send a signed knowledge file as Content-Type: \(mediaType)"
            )
        }
        let buffer = try await JSONBody.collect(call.request, limit: SignedKnowledge.maximumBytes)
        let caller = try call.caller
        let record = try open(Array(buffer.readableBytesView), caller: caller, nowMilliseconds: call.now)
        let offered = try await call.services.operations.pushKnowledge(record, actor: caller.user)
        return try JSONBody.response(
            KnowledgePushResponse(knowledge: resource(record, isTarget: true), offered: offered.sorted()),
            status: .accepted
        )
    }

    /// The record of a signed file that passes every check that needs no key.
    private static func open(_ bytes: [UInt8], caller: Caller, nowMilliseconds: UInt64) throws -> KnowledgeRecord {
        do throws(KnowledgeRefusal) {
            let signed = try SignedKnowledge(parsing: bytes.span)
            let manifest = try signed.unverified()
            let file = Array(bytes[signed.envelopeBytes...])
            try manifest.checkFile(bytes: file.count, hash: SHA256.hash(file))
            do throws(KnowledgeError) { _ = try KnowledgeBase(opening: ArrayByteStore(file)) } catch {
                throw KnowledgeRefusal(.unreadable, ByteString(utf8: error.text))
            }
            return KnowledgeRecord(
                tenant: caller.tenant,
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
                "invalid-knowledge",
                title: "The knowledge file cannot be taken",
                status: 422,
                detail: error.detail.text,
                remedy: "build it anew and sign it with gatehousectl knowledge sign"
            )
        }
    }

    private static func resource(_ record: KnowledgeRecord, isTarget: Bool) -> KnowledgeResource {
        KnowledgeResource(
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
