internal import CollectorAPI
internal import CollectorCore
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NetworkTypes
internal import Policy
internal import Storage
internal import TLS
internal import WireProtocol

/// Signed policies: taken in, handed out, followed through the fleet.
///
/// The collector checks what it can without trusting anybody: that the envelope is one, that the policy inside decodes
/// and passes the validator. It has no keys to trust, on purpose: the agents judge the signature.
enum PolicyRoutes {
    static let all: [APIRoute] = [
        APIRoute(.get, "/api/v1/policies", "listPolicies", .role(.viewer), list),
        APIRoute(.post, "/api/v1/policies", "pushPolicy", .role(.signer), push),
        APIRoute(.get, "/api/v1/policies/{policy}", "showPolicy", .role(.viewer), show),
        APIRoute(.get, "/api/v1/policies/{policy}/envelope", "showEnvelope", .role(.viewer), showEnvelope),
        APIRoute(.get, "/api/v1/policies/{policy}/status", "showPolicyStatus", .role(.viewer), showStatus),
        APIRoute(.get, "/api/v1/policy-status", "listPolicyStatus", .role(.viewer), listStatus),
    ]

    /// Media types an envelope may come with (RFC 9052 §2 names the first).
    private static let mediaTypes: Set<String> = ["application/cose", "application/octet-stream"]

    private static func list(_ call: APIRequest) async throws -> Response {
        let policies = try await call.services.store.policies(tenant: try call.caller.tenant, limit: try call.limit())
        return try JSONBody.response(Page(items: policies.map { resource($0) }))
    }

    private static func record(_ call: APIRequest) async throws -> PolicyRecord {
        let hash = try call.parameter("policy")
        guard let record = try await call.services.store.policy(hash, tenant: try call.caller.tenant) else {
            throw Problem.notFound("policy \(hash)")
        }
        return record
    }

    private static func show(_ call: APIRequest) async throws -> Response {
        try JSONBody.response(resource(try await record(call)))
    }

    private static func showEnvelope(_ call: APIRequest) async throws -> Response {
        let buffer = ByteBuffer(bytes: try await record(call).envelope)
        var headers = HTTPFields()
        headers[.contentType] = "application/cose; cose-type=\"cose-sign1\""
        headers[.contentLength] = String(buffer.readableBytes)
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: buffer))
    }

    private static func showStatus(_ call: APIRequest) async throws -> Response {
        let record = try await record(call)
        var items: [PolicyStatusResource] = []
        for assignment in try await call.services.store.assignments(policy: record.hash, tenant: record.tenant) {
            let gateway = try await call.services.store.gateway(assignment.gateway, nowMilliseconds: call.now)
            items.append(PolicyStatusResource(assignment, record: gateway?.record))
        }
        return try JSONBody.response(Page(items: items))
    }

    /// Where every gateway stands with its own target.
    private static func listStatus(_ call: APIRequest) async throws -> Response {
        var query = GatewayQuery(tenant: try call.caller.tenant, nowMilliseconds: call.now)
        query.site = try call.query("site")
        query.after = try call.query("cursor")
        query.limit = try call.limit()
        let gateways = try await call.services.store.gateways(query)
        var items: [PolicyStatusResource] = []
        for gateway in gateways {
            let assignments = try await call.services.store.assignments(of: gateway.record.key, limit: 10)
            items.append(PolicyStatusResource(gateway.record, assignments: assignments))
        }
        let next = gateways.count == query.limit ? gateways.last?.record.key.gateway : nil
        return try JSONBody.response(Page(items: items, next: next))
    }

    private static func push(_ call: APIRequest) async throws -> Response {
        let media = call.request.headers[.contentType]?.split(separator: ";").first.map(String.init) ?? ""
        guard mediaTypes.contains(media.lowercased()) else {
            throw Problem(
                "unsupported-media-type",
                title: "The body has the wrong type",
                status: 415,
                detail: "the body is \(media.isEmpty ? "of no type" : media)",
                remedy: "send a signed policy as Content-Type: application/cose"
            )
        }
        let buffer = try await JSONBody.collect(call.request, limit: MessageLimits.envelopeBytes)
        let caller = try call.caller
        let record = try open(Array(buffer.readableBytesView), caller: caller, nowMilliseconds: call.now)
        let gateways = call.queries("gateway")
        for id in gateways {
            let key = GatewayKey(tenant: caller.tenant, gateway: id)
            guard try await call.services.store.gateway(key, nowMilliseconds: call.now) != nil else {
                throw Problem.notFound("gateway \(id)")
            }
        }
        let detail = "generation \(record.generation), key \(record.keyIdentifier)"
        try await call.services.store.storePolicy(
            record,
            audit: call.services.accounts.entry(caller.tenant, caller.user, "policy.store", record.hash, detail)
        )
        let outcome = try await call.services.operations.pushPolicy(
            record.hash,
            tenant: caller.tenant,
            gateways: gateways.isEmpty ? nil : gateways,
            actor: caller.user
        )
        let assigned = Set(outcome.assigned)
        var delivered: [String] = []
        var waiting: [String] = []
        for assignment in try await call.services.store.assignments(policy: record.hash, tenant: caller.tenant)
        where assigned.contains(assignment.gateway) {
            if assignment.state == .waiting {
                waiting.append(assignment.gateway.gateway)
            } else {
                delivered.append(assignment.gateway.gateway)
            }
        }
        return try JSONBody.response(
            PolicyPushResponse(
                policy: resource(record),
                delivered: delivered.sorted(),
                waiting: waiting.sorted(),
                skipped: outcome.skipped
            ),
            status: .accepted
        )
    }

    /// The record of an envelope that passes every check that needs no key.
    private static func open(_ bytes: [UInt8], caller: Caller, nowMilliseconds: UInt64) throws -> PolicyRecord {
        let envelope: PolicyEnvelope
        let bundle: PolicyBundle
        do throws(DecodeError) {
            envelope = try PolicyEnvelope(decoding: bytes)
        } catch {
            throw invalid("it is not a signed policy envelope (byte \(error.offset))")
        }
        do throws(DecodeError) {
            bundle = try PolicyBundle(decoding: envelope.payload)
        } catch {
            throw invalid("the policy inside cannot be decoded (byte \(error.offset) of it)")
        }
        let errors = PolicyValidator.validate(bundle).filter { $0.severity == .error }
        guard errors.isEmpty else {
            throw invalid("the policy has \(errors.count) error(s)", errors: errors.map(\.description))
        }
        guard nowMilliseconds / 1000 <= bundle.notAfterSeconds else {
            let end = Timestamp(milliseconds: min(bundle.notAfterSeconds, Timestamp.maximumMilliseconds / 1000) * 1000)
            throw invalid("it expired at \(end)")
        }
        return PolicyRecord(
            tenant: caller.tenant,
            hash: Hexadecimal.encode(Cryptography.sha256(bytes)).text,
            generation: bundle.generation,
            issuedAtSeconds: bundle.issuedAtSeconds,
            notAfterSeconds: bundle.notAfterSeconds,
            keyIdentifier: Hexadecimal.encode(envelope.keyID.bytes).text,
            targetGateways: bundle.target.gateways.map(\.text),
            targetSites: bundle.target.sites.map(\.text),
            allowlists: bundle.allowlists.map(\.name.text),
            envelope: bytes,
            actor: caller.user,
            storedMilliseconds: nowMilliseconds
        )
    }

    private static func invalid(_ detail: String, errors: [String]? = nil) -> Problem {
        Problem(
            "invalid-policy",
            title: "The policy cannot be taken",
            status: 422,
            detail: detail,
            remedy: "check it with gatehousectl policy validate, and sign it again",
            errors: errors
        )
    }

    /// A policy for people and programs.
    static func resource(_ record: PolicyRecord) -> PolicyResource {
        func time(_ seconds: UInt64) -> Timestamp {
            Timestamp(milliseconds: min(seconds, Timestamp.maximumMilliseconds / 1000) * 1000)
        }
        return PolicyResource(
            hash: record.hash,
            generation: record.generation,
            keyID: record.keyIdentifier,
            issued: time(record.issuedAtSeconds),
            expires: time(record.notAfterSeconds),
            pushed: Timestamp(milliseconds: record.storedMilliseconds),
            pushedBy: record.actor,
            targetGateways: record.targetGateways,
            targetSites: record.targetSites,
            allowlists: record.allowlists,
            bytes: record.envelope.count
        )
    }
}
