/// The API's description (OpenAPI 3.1), served at `/api/v1/openapi.json`. Written by hand; a test holds it against the
/// routes that are registered, and against what they answer.
enum OpenAPIDocument {
    /// The document, JSON.
    static let text = """
        {"openapi": "3.1.0",
        "info": {"title": "Gatehouse collector", "version": "1.0.0",
          "description": "\(about)"},
        "servers": [{"url": "/", "description": "The collector's HTTPS listener"}],
        "security": [{"bearer": []}, {"cookie": [], "formToken": []}],
        "tags": [\(tags)],
        "paths": {
        \([accountPaths, fleetPaths, flowPaths, policyPaths, knowledgePaths, blocklistPaths].joined(separator: ",\n"))
        },
        "components": {
        "securitySchemes": {
          "bearer": {"type": "http", "scheme": "bearer", "description": "A token of POST /api/v1/login."},
          "cookie": {"type": "apiKey", "in": "cookie", "name": "\(SessionCookie.name)",
            "description": "A session of the console."},
          "formToken": {"type": "apiKey", "in": "header", "name": "X-Form-Token",
            "description": "Beside the cookie, for everything but GET and HEAD."}},
        "responses": {"Problem": {"description": "It was not done; the problem says why.",
          "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}},
        "parameters": {
        \(parameters)
        },
        "schemas": {
        \(firstSchemas),
        \(secondSchemas),
        \(flowSchemas),
        \(knowledgeSchemas),
        \(blocklistSchemas)
        }}}

        """

    private static let about = """
        Fleet, policies and events of Gatehouse. Times are UTC (RFC 3339); hashes are SHA-256 in hexadecimal; \
        a field that is not known is left out. Errors are problem documents (RFC 9457).
        """

    private static let tags = [
        "accounts", "blocklists", "enrolment", "fleet", "knowledge", "policies", "posture", "service",
    ]
    .map { "{\"name\": \"\($0)\"}" }.joined(separator: ", ")
}
