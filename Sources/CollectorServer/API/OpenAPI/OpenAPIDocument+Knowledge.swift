extension OpenAPIDocument {
    /// Knowledge files.
    static let knowledgePaths = #"""
        "/api/v1/knowledge": {"get": {"operationId": "listKnowledge", "summary":
          "List the knowledge files that are kept, the last one pushed first", "tags": ["knowledge"], "description":
          "Needs the role viewer.", "responses": {"200": {"description": "Done.", "content": {"application/json":
          {"schema": {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items":
          {"$ref": "#/components/schemas/Knowledge"}}}}}}}, "401": {"$ref": "#/components/responses/Problem"}, "403":
          {"$ref": "#/components/responses/Problem"}}}, "post": {"operationId": "pushKnowledge", "summary":
          "Push a signed knowledge file", "tags": ["knowledge"], "description":
          "The body is a COSE_Sign1 (RFC 9052) with Ed25519 around the manifest, then the file. The collector checks that the file is the one that was signed, and that it opens; the agents judge the signature. Needs the role signer.",
          "requestBody": {"required": true, "content": {"application/octet-stream": {"schema": {"type": "string",
          "contentEncoding": "binary"}}}}, "responses": {"202": {"description":
          "Taken; offered to whom is connected, to the others when they connect.", "content": {"application/json":
          {"schema": {"$ref": "#/components/schemas/KnowledgePush"}}}}, "400": {"$ref":
          "#/components/responses/Problem"}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}, "409": {"$ref": "#/components/responses/Problem"}, "413": {"$ref":
          "#/components/responses/Problem"}, "415": {"$ref": "#/components/responses/Problem"}, "422": {"$ref":
          "#/components/responses/Problem"}}}}
        """#

    /// Their shapes, and those of what they change.
    static let knowledgeSchemas = #"""
        "IdentityNames": {"type": "object", "required": ["class"], "properties": {"class": {"type": "string"}, "vendor":
          {"type": "string"}, "model": {"type": "string"}}},
        "IdentityChange": {"type": "object", "required": ["time", "before", "after", "evidence"], "properties":
          {"time": {"type": "string", "format": "date-time"}, "before": {"$ref":
          "#/components/schemas/IdentityNames"}, "after": {"$ref": "#/components/schemas/IdentityNames"}, "evidence":
          {"$ref": "#/components/schemas/Evidence"}}},
        "Knowledge": {"type": "object", "required": ["hash", "version", "keyID", "issued", "bytes", "pushed",
          "pushedBy", "isTarget"], "properties": {"hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"}, "version":
          {"type": "integer", "minimum": 1}, "keyID": {"type": "string"}, "issued": {"type": "string", "format":
          "date-time"}, "rollbackFrom": {"type": "integer", "minimum": 0}, "bytes": {"type": "integer", "minimum": 0},
          "pushed": {"type": "string", "format": "date-time"}, "pushedBy": {"type": "string"}, "isTarget": {"type":
          "boolean"}}},
        "KnowledgePush": {"type": "object", "required": ["knowledge", "offered"], "properties": {"knowledge": {"$ref":
          "#/components/schemas/Knowledge"}, "offered": {"type": "array", "items": {"type": "string"}}}}
        """#
}
