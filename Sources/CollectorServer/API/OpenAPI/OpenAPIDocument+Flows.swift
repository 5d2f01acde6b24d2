extension OpenAPIDocument {
    /// Where devices' connections led.
    static let flowPaths = #"""
        "/api/v1/gateways/{gateway}/flows": {"get": {"operationId": "listGatewayFlows", "summary":
          "List where connections of the devices behind a gateway led", "tags": ["fleet"], "description":
          "Only gateways whose configuration says so report it. By device, direction and destination. Needs the role operator or signer.",
          "parameters": [{"$ref": "#/components/parameters/gateway"}, {"$ref": "#/components/parameters/limit"},
          {"$ref": "#/components/parameters/cursor"}], "responses": {"200": {"description": "Done.", "content":
          {"application/json": {"schema": {"type": "object", "required": ["items"], "properties": {"items": {"type":
          "array", "items": {"$ref": "#/components/schemas/Flow"}}, "next": {"type": "string", "description":
          "Give this as cursor to get the page after; missing on the last one."}}}}}}, "400": {"$ref":
          "#/components/responses/Problem"}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}, "404": {"$ref": "#/components/responses/Problem"}}}},
        "/api/v1/gateways/{gateway}/devices/{device}/flows": {"get": {"operationId": "listDeviceFlows", "summary":
          "List where a device's connections led", "tags": ["fleet"], "description":
          "Only gateways whose configuration says so report it. By direction and destination. Needs the role operator or signer.",
          "parameters": [{"$ref": "#/components/parameters/gateway"}, {"$ref": "#/components/parameters/device"},
          {"$ref": "#/components/parameters/limit"}, {"$ref": "#/components/parameters/cursor"}], "responses": {"200":
          {"description": "Done.", "content": {"application/json": {"schema": {"type": "object", "required": ["items"],
          "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Flow"}}, "next": {"type":
          "string", "description": "Give this as cursor to get the page after; missing on the last one."}}}}}}, "400":
          {"$ref": "#/components/responses/Problem"}, "401": {"$ref": "#/components/responses/Problem"}, "403": {"$ref":
          "#/components/responses/Problem"}, "404": {"$ref": "#/components/responses/Problem"}}}}
        """#

    /// Their shape.
    static let flowSchemas = #"""
        "Flow": {"description": "The shape of a line of gatehouse-agent flows -o json.", "type": "object", "required":
          ["device", "class", "confidence", "direction", "destination", "address", "transport", "port", "count", "first",
          "last"], "properties": {"device": {"type": "string"}, "site": {"type": "string"}, "class": {"type": "string"},
          "vendor": {"type": "string"}, "model": {"type": "string"}, "confidence": {"$ref":
          "#/components/schemas/Confidence"}, "direction": {"type": "string", "enum": ["internet", "gateway", "device"]},
          "destination": {"type": "string", "description":
          "The name the device had asked for, the address where no name is known, or gateway."}, "address": {"type":
          "string"}, "transport": {"type": "string"}, "port": {"type": "integer", "minimum": 0, "maximum": 65535},
          "count": {"type": "integer", "minimum": 0}, "first": {"type": "integer", "minimum": 0, "description":
          "Milliseconds since 1970, by the gateway's clock."}, "last": {"type": "integer", "minimum": 0}}}
        """#
}
