extension OpenAPIDocument {
    /// Logins, people, tokens.
    static let accountPaths = #"""
        "/api/v1/login": {"post": {"operationId": "login", "summary": "Trade a password for a token", "tags":
          ["accounts"], "description":
          "Wrong users and wrong passwords cannot be told apart. A one-time password needs newPassword beside it. Needs no login.",
          "security": [], "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref":
          "#/components/schemas/LoginRequest"}}}}, "responses": {"200": {"description": "The token.", "content":
          {"application/json": {"schema": {"$ref": "#/components/schemas/LoginResponse"}}}}, "400": {"$ref":
          "#/components/responses/Problem"}, "401": {"$ref": "#/components/responses/Problem"}, "422": {"$ref":
          "#/components/responses/Problem"}, "429": {"$ref": "#/components/responses/Problem"}}}},
        "/api/v1/logout": {"post": {"operationId": "logout", "summary":
          "Revoke the token or end the session of this request", "tags": ["accounts"], "description":
          "Needs the role viewer.", "responses": {"204": {"description": "Done."}, "400": {"$ref":
          "#/components/responses/Problem"}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}}}},
        "/api/v1/session": {"get": {"operationId": "showSession", "summary": "Who this token stands for", "tags":
          ["accounts"], "description": "Needs the role viewer.", "responses": {"200": {"description": "Done.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Session"}}}}, "400": {"$ref":
          "#/components/responses/Problem"}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}}}},
        "/api/v1/people": {"get": {"operationId": "listPeople", "summary": "List people", "tags": ["accounts"],
          "description": "Needs the role admin.", "responses": {"200": {"description": "Done.", "content":
          {"application/json": {"schema": {"type": "object", "required": ["items"], "properties": {"items": {"type":
          "array", "items": {"$ref": "#/components/schemas/Person"}}, "next": {"type": "string", "description":
          "Give this as cursor to get the page after; missing on the last one."}}}}}}, "400": {"$ref":
          "#/components/responses/Problem"}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}}}, "post": {"operationId": "createPerson", "summary": "Add somebody",
          "tags": ["accounts"], "description": "Needs the role admin.", "requestBody": {"required": true, "content":
          {"application/json": {"schema": {"$ref": "#/components/schemas/PersonRequest"}}}}, "responses": {"201":
          {"description": "The person, with a one-time password.", "content": {"application/json": {"schema": {"$ref":
          "#/components/schemas/Person"}}}}, "400": {"$ref": "#/components/responses/Problem"}, "401": {"$ref":
          "#/components/responses/Problem"}, "403": {"$ref": "#/components/responses/Problem"}, "409": {"$ref":
          "#/components/responses/Problem"}}}},
        "/api/v1/audit": {"get": {"operationId": "listAudit", "summary": "Who did what, newest first", "tags":
          ["accounts"], "description": "Needs the role admin.", "parameters": [{"$ref":
          "#/components/parameters/limit"}, {"$ref": "#/components/parameters/cursor"}], "responses": {"200":
          {"description": "Done.", "content": {"application/json": {"schema": {"type": "object", "required":
          ["items"], "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/AuditLine"}},
          "next": {"type": "string", "description":
          "Give this as cursor to get the page after; missing on the last one."}}}}}}, "400": {"$ref":
          "#/components/responses/Problem"}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}}}},
        "/api/v1/tokens": {"get": {"operationId": "listTokens", "summary": "List enrolment tokens, newest first",
          "tags": ["enrolment"], "description": "Needs the role operator.", "parameters": [{"$ref":
          "#/components/parameters/limit"}], "responses": {"200": {"description": "Done.", "content":
          {"application/json": {"schema": {"type": "object", "required": ["items"], "properties": {"items": {"type":
          "array", "items": {"$ref": "#/components/schemas/EnrolmentToken"}}, "next": {"type": "string",
          "description": "Give this as cursor to get the page after; missing on the last one."}}}}}}, "400": {"$ref":
          "#/components/responses/Problem"}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}}}, "post": {"operationId": "createToken", "summary":
          "Make an enrolment token", "tags": ["enrolment"], "description": "Needs the role operator.", "requestBody":
          {"required": true, "content": {"application/json": {"schema": {"$ref":
          "#/components/schemas/EnrolmentTokenRequest"}}}}, "responses": {"201": {"description":
          "The token, with its secret, which is shown this once.", "content": {"application/json": {"schema": {"$ref":
          "#/components/schemas/EnrolmentToken"}}}}, "400": {"$ref": "#/components/responses/Problem"}, "401":
          {"$ref": "#/components/responses/Problem"}, "403": {"$ref": "#/components/responses/Problem"}}}},
        "/api/v1/tokens/{token}": {"delete": {"operationId": "revokeToken", "summary":
          "Revoke a token that was not used", "tags": ["enrolment"], "description": "Needs the role operator.",
          "parameters": [{"$ref": "#/components/parameters/token"}], "responses": {"204": {"description": "Done."},
          "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref": "#/components/responses/Problem"}, "404":
          {"$ref": "#/components/responses/Problem"}, "409": {"$ref": "#/components/responses/Problem"}}}}
        """#
}
