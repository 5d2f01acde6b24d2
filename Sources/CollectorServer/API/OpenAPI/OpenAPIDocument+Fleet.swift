extension OpenAPIDocument {
    /// Gateways, devices, events, posture.
    static let fleetPaths = #"""
        "/api/v1/gateways": {"get": {"operationId": "listGateways", "summary": "List gateways", "tags": ["fleet"],
          "description": "Needs the role viewer.", "parameters": [{"name": "site", "in": "query", "description":
          "Only those at this site.", "schema": {"type": "string"}}, {"$ref": "#/components/parameters/limit"},
          {"$ref": "#/components/parameters/cursor"}], "responses": {"200": {"description": "Done.", "content":
          {"application/json": {"schema": {"type": "object", "required": ["items"], "properties": {"items": {"type":
          "array", "items": {"$ref": "#/components/schemas/Gateway"}}, "next": {"type": "string", "description":
          "Give this as cursor to get the page after; missing on the last one."}}}}}}, "400": {"$ref":
          "#/components/responses/Problem"}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}}}},
        "/api/v1/gateways/{gateway}": {"get": {"operationId": "showGateway", "summary": "Show a gateway", "tags":
          ["fleet"], "description": "Needs the role viewer.", "parameters": [{"$ref":
          "#/components/parameters/gateway"}], "responses": {"200": {"description": "Done.", "content":
          {"application/json": {"schema": {"$ref": "#/components/schemas/Gateway"}}}}, "401": {"$ref":
          "#/components/responses/Problem"}, "403": {"$ref": "#/components/responses/Problem"}, "404": {"$ref":
          "#/components/responses/Problem"}}}},
        "/api/v1/gateways/{gateway}/ban": {"post": {"operationId": "banGateway", "summary": "Ban a gateway", "tags":
          ["fleet"], "description":
          "Its connection ends at once, and it may not come back. The body may be left out. Needs the role operator.",
          "parameters": [{"$ref": "#/components/parameters/gateway"}], "responses": {"200": {"description": "Done.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Gateway"}}}}, "400": {"$ref":
          "#/components/responses/Problem"}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}, "404": {"$ref": "#/components/responses/Problem"}}, "requestBody":
          {"required": false, "content": {"application/json": {"schema": {"$ref":
          "#/components/schemas/ReasonRequest"}}}}}},
        "/api/v1/gateways/{gateway}/unban": {"post": {"operationId": "unbanGateway", "summary": "Lift a ban", "tags":
          ["fleet"], "description": "Needs the role operator.", "parameters": [{"$ref":
          "#/components/parameters/gateway"}], "responses": {"200": {"description": "Done.", "content":
          {"application/json": {"schema": {"$ref": "#/components/schemas/Gateway"}}}}, "401": {"$ref":
          "#/components/responses/Problem"}, "403": {"$ref": "#/components/responses/Problem"}, "404": {"$ref":
          "#/components/responses/Problem"}}}},
        "/api/v1/gateways/{gateway}/end-hold": {"post": {"operationId": "endGatewayHold", "summary":
          "End the hold of a gateway whose identity two hosts were seen to have", "tags": ["fleet"], "description":
          "Needs the role operator.", "parameters": [{"$ref": "#/components/parameters/gateway"}], "responses":
          {"200": {"description": "Done.", "content": {"application/json": {"schema": {"$ref":
          "#/components/schemas/Gateway"}}}}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}, "404": {"$ref": "#/components/responses/Problem"}}}},
        "/api/v1/devices": {"get": {"operationId": "listDevices", "summary": "List devices", "tags": ["fleet"],
          "description": "Needs the role viewer.", "parameters": [{"name": "gateway", "in": "query", "description":
          "Only those behind this gateway.", "schema": {"type": "string"}}, {"name": "class", "in": "query",
          "description": "Only those of this class.", "schema": {"type": "string"}}, {"name": "quarantined", "in":
          "query", "description": "Only those in quarantine, or not.", "schema": {"type": "boolean"}}, {"$ref":
          "#/components/parameters/limit"}, {"$ref": "#/components/parameters/cursor"}], "responses": {"200":
          {"description": "Done.", "content": {"application/json": {"schema": {"type": "object", "required":
          ["items"], "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Device"}},
          "next": {"type": "string", "description":
          "Give this as cursor to get the page after; missing on the last one."}}}}}}, "400": {"$ref":
          "#/components/responses/Problem"}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}}}},
        "/api/v1/gateways/{gateway}/devices/{device}": {"get": {"operationId": "showDevice", "summary":
          "Show a device with its evidence, contradictions and violations", "tags": ["fleet"], "description":
          "Needs the role viewer.", "parameters": [{"$ref": "#/components/parameters/gateway"}, {"$ref":
          "#/components/parameters/device"}], "responses": {"200": {"description": "Done.", "content":
          {"application/json": {"schema": {"$ref": "#/components/schemas/Device"}}}}, "401": {"$ref":
          "#/components/responses/Problem"}, "403": {"$ref": "#/components/responses/Problem"}, "404": {"$ref":
          "#/components/responses/Problem"}}}},
        "/api/v1/gateways/{gateway}/devices/{device}/release": {"post": {"operationId": "releaseDevice", "summary":
          "Let a device out of quarantine", "tags": ["fleet"], "description": "Needs the role operator.",
          "parameters": [{"$ref": "#/components/parameters/gateway"}, {"$ref": "#/components/parameters/device"}],
          "responses": {"202": {"description": "The gateway was told."}, "401": {"$ref":
          "#/components/responses/Problem"}, "403": {"$ref": "#/components/responses/Problem"}, "404": {"$ref":
          "#/components/responses/Problem"}, "409": {"$ref": "#/components/responses/Problem"}}}},
        "/api/v1/events": {"get": {"operationId": "listEvents", "summary": "List events, newest first", "tags":
          ["fleet"], "description": "Needs the role viewer.", "parameters": [{"name": "gateway", "in": "query",
          "description": "Only those of this gateway.", "schema": {"type": "string"}}, {"name": "device", "in":
          "query", "description": "Only those of this device.", "schema": {"type": "string"}}, {"name": "kind", "in":
          "query", "description": "Only these kinds.", "schema": {"type": "array", "items": {"enum":
          ["device-appeared", "device-changed", "violation", "quarantine", "incident", "proof", "policy-refused",
          "gap", "connection", "lifecycle", "silence"]}}, "explode": true}, {"name": "severity", "in": "query",
          "description": "Only as severe as this, or more.", "schema": {"enum": ["informational", "notice", "warning",
          "critical"]}}, {"name": "since", "in": "query", "description": "Only those received since.", "schema":
          {"type": "string", "format": "date-time"}}, {"$ref": "#/components/parameters/limit"}, {"$ref":
          "#/components/parameters/cursor"}], "responses": {"200": {"description": "Done.", "content":
          {"application/json": {"schema": {"type": "object", "required": ["items"], "properties": {"items": {"type":
          "array", "items": {"$ref": "#/components/schemas/Event"}}, "next": {"type": "string", "description":
          "Give this as cursor to get the page after; missing on the last one."}}}}}}, "400": {"$ref":
          "#/components/responses/Problem"}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}}}},
        "/api/v1/posture": {"get": {"operationId": "showPosture", "summary": "How well the fleet stands", "tags":
          ["posture"], "description": "Needs the role viewer.", "responses": {"200": {"description": "Done.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Posture"}}}}, "400": {"$ref":
          "#/components/responses/Problem"}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}}}},
        "/api/v1/posture/sites/{site}": {"get": {"operationId": "showSitePosture", "summary":
          "How well a site stands", "tags": ["posture"], "description": "Needs the role viewer.", "parameters":
          [{"$ref": "#/components/parameters/site"}], "responses": {"200": {"description": "Done.", "content":
          {"application/json": {"schema": {"$ref": "#/components/schemas/Posture"}}}}, "401": {"$ref":
          "#/components/responses/Problem"}, "403": {"$ref": "#/components/responses/Problem"}, "404": {"$ref":
          "#/components/responses/Problem"}}}},
        "/api/v1/posture/gateways/{gateway}": {"get": {"operationId": "showGatewayPosture", "summary":
          "How well a gateway stands", "tags": ["posture"], "description": "Needs the role viewer.", "parameters":
          [{"$ref": "#/components/parameters/gateway"}], "responses": {"200": {"description": "Done.", "content":
          {"application/json": {"schema": {"$ref": "#/components/schemas/Posture"}}}}, "401": {"$ref":
          "#/components/responses/Problem"}, "403": {"$ref": "#/components/responses/Problem"}, "404": {"$ref":
          "#/components/responses/Problem"}}}}
        """#
}
