extension OpenAPIDocument {
    /// Parameters that several operations share.
    static let parameters = #"""
        "gateway": {"name": "gateway", "in": "path", "required": true, "description": "A gateway's identifier.",
          "schema": {"type": "string"}},
        "device": {"name": "device", "in": "path", "required": true, "description":
          "A device's key, percent-encoded.", "schema": {"type": "string"}},
        "policy": {"name": "policy", "in": "path", "required": true, "description":
          "SHA-256 of the envelope, hexadecimal.", "schema": {"type": "string"}},
        "token": {"name": "token", "in": "path", "required": true, "description": "A token's identifier.", "schema":
          {"type": "string"}},
        "site": {"name": "site", "in": "path", "required": true, "description": "A site's name, percent-encoded.",
          "schema": {"type": "string"}},
        "limit": {"name": "limit", "in": "query", "description": "Rows of a page.", "schema": {"type": "integer",
          "minimum": 1, "maximum": 500, "default": 100}},
        "cursor": {"name": "cursor", "in": "query", "description": "The next of the page before.", "schema": {"type":
          "string"}}
        """#
}
