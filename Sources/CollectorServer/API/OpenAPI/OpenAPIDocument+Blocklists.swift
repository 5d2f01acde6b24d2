extension OpenAPIDocument {
    /// Blocklists: signed files, and what the collector downloads.
    static let blocklistPaths = #"""
        "/api/v1/blocklists": {"get": {"operationId": "listBlocklists", "summary":
          "List the signed files of blocklists that are kept, the last one pushed first", "tags": ["blocklists"],
          "description": "Needs the role viewer.", "responses": {"200": {"description": "Done.", "content":
          {"application/json": {"schema": {"type": "object", "required": ["items"], "properties": {"items": {"type":
          "array", "items": {"$ref": "#/components/schemas/Knowledge"}}}}}}}, "401": {"$ref":
          "#/components/responses/Problem"}, "403": {"$ref": "#/components/responses/Problem"}}}, "post":
          {"operationId": "pushBlocklists", "summary": "Push a signed file of blocklists", "tags": ["blocklists"],
          "description":
          "The body is a COSE_Sign1 (RFC 9052) with Ed25519 around the manifest, then the file. The collector checks that the file is the one that was signed, and that it opens; the agents judge the signature. Needs the role signer.",
          "requestBody": {"required": true, "content": {"application/octet-stream": {"schema": {"type": "string",
          "contentEncoding": "binary"}}}}, "responses": {"202": {"description":
          "Taken; offered to whom is connected, to the others when they connect.", "content": {"application/json":
          {"schema": {"$ref": "#/components/schemas/BlocklistPush"}}}}, "400": {"$ref":
          "#/components/responses/Problem"}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}, "409": {"$ref": "#/components/responses/Problem"}, "413": {"$ref":
          "#/components/responses/Problem"}, "415": {"$ref": "#/components/responses/Problem"}, "422": {"$ref":
          "#/components/responses/Problem"}}}},
        "/api/v1/blocklists/status": {"get": {"operationId": "getBlocklistStatus", "summary":
          "The sources of blocklists, and what a new file would change", "tags": ["blocklists"], "description":
          "Needs the role viewer.", "responses": {"200": {"description": "Done.", "content": {"application/json":
          {"schema": {"$ref": "#/components/schemas/BlocklistStatus"}}}}, "401": {"$ref":
          "#/components/responses/Problem"}, "403": {"$ref": "#/components/responses/Problem"}}}},
        "/api/v1/blocklists/candidate": {"get": {"operationId": "getBlocklistCandidate", "summary":
          "The compiled file of what was downloaded, to be signed", "tags": ["blocklists"], "description":
          "Compiled under the key of the file in force, so that the two can be compared. Needs the role viewer.",
          "responses": {"200": {"description": "The file.", "content": {"application/octet-stream": {"schema": {"type":
          "string", "contentEncoding": "binary"}}}}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}, "409": {"$ref": "#/components/responses/Problem"}}}},
        "/api/v1/blocklists/target": {"get": {"operationId": "getBlocklistTarget", "summary":
          "The signed file that was pushed last", "tags": ["blocklists"], "description": "Needs the role viewer.",
          "responses": {"200": {"description": "The file.", "content": {"application/octet-stream": {"schema": {"type":
          "string", "contentEncoding": "binary"}}}}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}, "404": {"$ref": "#/components/responses/Problem"}}}},
        "/api/v1/blocklists/sources/{source}/accept": {"post": {"operationId": "acceptBlocklistSource", "summary":
          "Take what is held back of a source", "tags": ["blocklists"], "description":
          "What shrank by more than half is held back until then. Needs the role operator.", "parameters": [{"name":
          "source", "in": "path", "required": true, "schema": {"type": "string"}}], "responses": {"200":
          {"description": "Done.", "content": {"application/json": {"schema": {"$ref":
          "#/components/schemas/BlocklistSource"}}}}, "400": {"$ref": "#/components/responses/Problem"}, "401":
          {"$ref": "#/components/responses/Problem"}, "403": {"$ref": "#/components/responses/Problem"}, "404":
          {"$ref": "#/components/responses/Problem"}, "409": {"$ref": "#/components/responses/Problem"}}}}
        """#

    /// Their shapes.
    static let blocklistSchemas = #"""
        "BlocklistPush": {"type": "object", "required": ["blocklist", "offered"], "properties": {"blocklist": {"$ref":
          "#/components/schemas/Knowledge"}, "offered": {"type": "array", "items": {"type": "string"}}}},
        "BlocklistCopy": {"type": "object", "required": ["hash", "names", "exceptions", "skippedLines", "bytes",
          "fetched"], "properties": {"hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"}, "names": {"type":
          "integer", "minimum": 0}, "exceptions": {"type": "integer", "minimum": 0}, "skippedLines": {"type": "integer",
          "minimum": 0}, "bytes": {"type": "integer", "minimum": 0}, "fetched": {"type": "string", "format":
          "date-time"}}},
        "BlocklistSource": {"type": "object", "required": ["id", "list", "url", "format", "state", "failures"],
          "properties": {"id": {"type": "string"}, "list": {"type": "string"}, "url": {"type": "string"}, "format":
          {"enum": ["any", "hosts", "names", "rules"]}, "state": {"enum": ["good", "failing", "held", "waiting"]},
          "good": {"$ref": "#/components/schemas/BlocklistCopy"}, "held": {"$ref":
          "#/components/schemas/BlocklistCopy"}, "checked": {"type": "string", "format": "date-time"}, "error":
          {"type": "string"}, "failures": {"type": "integer", "minimum": 0}}},
        "BlocklistList": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"},
          "candidateNames": {"type": "integer", "minimum": 0}, "namesInForce": {"type": "integer", "minimum": 0},
          "added": {"type": "integer", "minimum": 0}, "removed": {"type": "integer", "minimum": 0}}},
        "BlocklistStatus": {"type": "object", "required": ["sources", "lists"], "properties": {"sources": {"type":
          "array", "items": {"$ref": "#/components/schemas/BlocklistSource"}}, "lists": {"type": "array", "items":
          {"$ref": "#/components/schemas/BlocklistList"}}, "candidateHash": {"type": "string", "pattern":
          "^[0-9a-f]{64}$"}, "candidateBytes": {"type": "integer", "minimum": 0}, "problem": {"type": "string"},
          "inForce": {"$ref": "#/components/schemas/Knowledge"}}}
        """#
}
