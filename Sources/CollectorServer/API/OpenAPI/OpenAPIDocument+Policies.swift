extension OpenAPIDocument {
    /// Policies, the stream, what monitoring asks.
    static let policyPaths = #"""
        "/api/v1/policies": {"get": {"operationId": "listPolicies", "summary":
          "List policies, highest generation first", "tags": ["policies"], "description": "Needs the role viewer.",
          "parameters": [{"$ref": "#/components/parameters/limit"}], "responses": {"200": {"description": "Done.",
          "content": {"application/json": {"schema": {"type": "object", "required": ["items"], "properties": {"items":
          {"type": "array", "items": {"$ref": "#/components/schemas/Policy"}}, "next": {"type": "string",
          "description": "Give this as cursor to get the page after; missing on the last one."}}}}}}, "400": {"$ref":
          "#/components/responses/Problem"}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}}}, "post": {"operationId": "pushPolicy", "summary":
          "Push a signed policy", "tags": ["policies"], "description":
          "The body is a COSE_Sign1 (RFC 9052) with Ed25519. The collector decodes and validates it; the agents judge the signature. Needs the role signer.",
          "parameters": [{"name": "gateway", "in": "query", "description":
          "Only to this gateway; all it is meant for, where none is named.", "schema": {"type": "array", "items":
          {"type": "string"}}, "explode": true}], "requestBody": {"required": true, "content": {"application/cose":
          {"schema": {"type": "string", "contentMediaType": "application/cose", "contentEncoding": "binary"}},
          "application/octet-stream": {"schema": {"type": "string", "contentEncoding": "binary"}}}}, "responses":
          {"202": {"description": "Taken; delivered to whom is connected.", "content": {"application/json": {"schema":
          {"$ref": "#/components/schemas/PolicyPush"}}}}, "400": {"$ref": "#/components/responses/Problem"}, "401":
          {"$ref": "#/components/responses/Problem"}, "403": {"$ref": "#/components/responses/Problem"}, "404":
          {"$ref": "#/components/responses/Problem"}, "413": {"$ref": "#/components/responses/Problem"}, "415":
          {"$ref": "#/components/responses/Problem"}, "422": {"$ref": "#/components/responses/Problem"}}}},
        "/api/v1/policies/{policy}": {"get": {"operationId": "showPolicy", "summary": "Show a policy", "tags":
          ["policies"], "description": "Needs the role viewer.", "parameters": [{"$ref":
          "#/components/parameters/policy"}], "responses": {"200": {"description": "Done.", "content":
          {"application/json": {"schema": {"$ref": "#/components/schemas/Policy"}}}}, "401": {"$ref":
          "#/components/responses/Problem"}, "403": {"$ref": "#/components/responses/Problem"}, "404": {"$ref":
          "#/components/responses/Problem"}}}},
        "/api/v1/policies/{policy}/envelope": {"get": {"operationId": "showEnvelope", "summary":
          "The envelope as it was pushed", "tags": ["policies"], "description": "Needs the role viewer.",
          "parameters": [{"$ref": "#/components/parameters/policy"}], "responses": {"200": {"description": "Done.",
          "content": {"application/cose": {"schema": {"type": "string", "contentMediaType": "application/cose",
          "contentEncoding": "binary"}}}}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}, "404": {"$ref": "#/components/responses/Problem"}}}},
        "/api/v1/policies/{policy}/status": {"get": {"operationId": "showPolicyStatus", "summary":
          "How far the gateways are with a policy", "tags": ["policies"], "description": "Needs the role viewer.",
          "parameters": [{"$ref": "#/components/parameters/policy"}], "responses": {"200": {"description": "Done.",
          "content": {"application/json": {"schema": {"type": "object", "required": ["items"], "properties": {"items":
          {"type": "array", "items": {"$ref": "#/components/schemas/PolicyStatus"}}, "next": {"type": "string",
          "description": "Give this as cursor to get the page after; missing on the last one."}}}}}}, "401": {"$ref":
          "#/components/responses/Problem"}, "403": {"$ref": "#/components/responses/Problem"}, "404": {"$ref":
          "#/components/responses/Problem"}}}},
        "/api/v1/policy-status": {"get": {"operationId": "listPolicyStatus", "summary":
          "How far each gateway is with its own policy", "tags": ["policies"], "description":
          "Needs the role viewer.", "parameters": [{"name": "site", "in": "query", "description":
          "Only those at this site.", "schema": {"type": "string"}}, {"$ref": "#/components/parameters/limit"},
          {"$ref": "#/components/parameters/cursor"}], "responses": {"200": {"description": "Done.", "content":
          {"application/json": {"schema": {"type": "object", "required": ["items"], "properties": {"items": {"type":
          "array", "items": {"$ref": "#/components/schemas/PolicyStatus"}}, "next": {"type": "string", "description":
          "Give this as cursor to get the page after; missing on the last one."}}}}}}, "400": {"$ref":
          "#/components/responses/Problem"}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}}}},
        "/api/v1/stream": {"get": {"operationId": "streamChanges", "summary": "What changes, as server-sent events",
          "tags": ["service"], "description": "Needs the role viewer.", "responses": {"200": {"description": "Done.",
          "content": {"text/event-stream": {"schema": {"type": "string", "description":
          "Events named change, whose data is a Change."}}}}, "401": {"$ref": "#/components/responses/Problem"},
          "403": {"$ref": "#/components/responses/Problem"}, "503": {"$ref": "#/components/responses/Problem"}}}},
        "/api/v1/openapi.json": {"get": {"operationId": "showOpenAPI", "summary": "This document", "tags":
          ["service"], "description": "Needs no login.", "security": [], "responses": {"200": {"description": "Done.",
          "content": {"application/json": {"schema": {"type": "object"}}}}}}},
        "/metrics": {"get": {"operationId": "showMetrics", "summary": "Figures for Prometheus", "tags": ["service"],
          "description": "They name no gateway, device or person. Needs no login.", "security": [], "responses":
          {"200": {"description": "Done.", "content": {"text/plain": {"schema": {"type": "string"}}}}}}},
        "/healthz": {"get": {"operationId": "showHealth", "summary": "Whether the process lives", "tags": ["service"],
          "description": "Needs no login.", "security": [], "responses": {"200": {"description": "Done.", "content":
          {"text/plain": {"schema": {"type": "string"}}}}}}},
        "/readyz": {"get": {"operationId": "showReadiness", "summary": "Whether the store works", "tags": ["service"],
          "description": "Needs no login.", "security": [], "responses": {"200": {"description": "Done.", "content":
          {"text/plain": {"schema": {"type": "string"}}}}, "503": {"description": "The store does not work.",
          "content": {"text/plain": {"schema": {"type": "string"}}}}}}}
        """#
}
