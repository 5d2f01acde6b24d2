extension OpenAPIDocument {
    /// Shapes of people, tokens, gateways, posture.
    static let firstSchemas = #"""
        "Problem": {"description": "RFC 9457.", "type": "object", "required": ["type", "title", "status", "detail"],
          "properties": {"type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
          "detail": {"type": "string"}, "remedy": {"type": "string", "description": "What to do about it."},
          "instance": {"type": "string"}, "errors": {"type": "array", "items": {"type": "string"}}}},
        "LoginRequest": {"type": "object", "required": ["user", "password"], "properties": {"user": {"type":
          "string"}, "password": {"type": "string", "format": "password"}, "newPassword": {"type": "string", "format":
          "password", "minLength": 12}}},
        "LoginResponse": {"type": "object", "required": ["token", "expires", "user", "role"], "properties": {"token":
          {"type": "string"}, "expires": {"type": "string", "format": "date-time"}, "user": {"type": "string"},
          "role": {"type": "string", "enum": ["viewer", "operator", "signer", "admin"]}}},
        "Session": {"type": "object", "required": ["user", "role", "expires"], "properties": {"user": {"type":
          "string"}, "role": {"type": "string", "enum": ["viewer", "operator", "signer", "admin"]}, "expires":
          {"type": "string", "format": "date-time"}}},
        "Person": {"type": "object", "required": ["user", "role", "created", "mustChangePassword", "isDisabled"],
          "properties": {"user": {"type": "string"}, "role": {"type": "string", "enum": ["viewer", "operator",
          "signer", "admin"]}, "created": {"type": "string", "format": "date-time"}, "mustChangePassword": {"type":
          "boolean"}, "isDisabled": {"type": "boolean"}, "oneTimePassword": {"type": "string"}}},
        "PersonRequest": {"type": "object", "required": ["user", "role"], "properties": {"user": {"type": "string",
          "pattern": "^[a-z0-9._@-]{1,64}$"}, "role": {"type": "string", "enum": ["viewer", "operator", "signer",
          "admin"]}}},
        "ReasonRequest": {"type": "object", "required": [], "properties": {"reason": {"type": "string"}}},
        "AuditLine": {"type": "object", "required": ["sequence", "time", "actor", "action", "subject", "detail"],
          "properties": {"sequence": {"type": "integer", "minimum": 0}, "time": {"type": "string", "format":
          "date-time"}, "actor": {"type": "string"}, "action": {"type": "string"}, "subject": {"type": "string"},
          "detail": {"type": "string"}}},
        "EnrolmentTokenRequest": {"type": "object", "required": ["site"], "properties": {"site": {"type": "string",
          "minLength": 1, "maxLength": 64}, "label": {"type": "string", "maxLength": 64}, "labels": {"type": "object",
          "additionalProperties": {"type": "string", "maxLength": 64}}, "expiresInSeconds": {"type": "integer",
          "minimum": 1, "maximum": 2592000, "default": 3600}}},
        "EnrolmentToken": {"type": "object", "required": ["id", "site", "label", "state", "createdBy", "created",
          "expires"], "properties": {"id": {"type": "string"}, "site": {"type": "string"}, "label": {"type":
          "string"}, "state": {"type": "string", "enum": ["open", "used", "expired", "revoked"]}, "createdBy":
          {"type": "string"}, "created": {"type": "string", "format": "date-time"}, "expires": {"type": "string",
          "format": "date-time"}, "used": {"type": "string", "format": "date-time"}, "gateway": {"type": "string"},
          "secret": {"type": "string"}, "caSHA256": {"type": "string"}, "agentAddress": {"type": "string"},
          "enrolAddress": {"type": "string"}}},
        "Deduction": {"type": "object", "required": ["points", "reason", "gateways"], "properties": {"points":
          {"type": "integer", "minimum": 0}, "reason": {"type": "string"}, "gateways": {"type": "integer", "minimum":
          0}}},
        "Posture": {"type": "object", "required": ["scope", "gateways", "connectedGateways", "provedGateways",
          "provedShare", "devices", "identifiedDevices", "quarantinedDevices", "recentIncidents", "deductions"],
          "properties": {"scope": {"type": "string", "enum": ["fleet", "site", "gateway"]}, "gateways": {"type":
          "integer", "minimum": 0}, "connectedGateways": {"type": "integer", "minimum": 0}, "provedGateways": {"type":
          "integer", "minimum": 0}, "provedShare": {"type": "number", "minimum": 0, "maximum": 1}, "devices": {"type":
          "integer", "minimum": 0}, "identifiedDevices": {"type": "integer", "minimum": 0}, "quarantinedDevices":
          {"type": "integer", "minimum": 0}, "recentIncidents": {"type": "integer", "minimum": 0}, "deductions":
          {"type": "array", "items": {"$ref": "#/components/schemas/Deduction"}}, "name": {"type": "string"}, "score":
          {"type": "integer", "minimum": 0, "maximum": 100}}},
        "Gateway": {"type": "object", "required": ["id", "name", "hostname", "site", "labels", "state",
          "agentVersion", "architecture", "kernelRelease", "enrolled", "deviceCount", "quarantinedCount", "policy",
          "residentKiB"], "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "hostname": {"type":
          "string"}, "site": {"type": "string"}, "labels": {"type": "object", "additionalProperties": {"type":
          "string"}}, "state": {"type": "string", "enum": ["connected", "disconnected", "silent", "never-connected",
          "held", "banned"]}, "agentVersion": {"type": "string"}, "architecture": {"type": "string"}, "kernelRelease":
          {"type": "string"}, "enrolled": {"type": "string", "format": "date-time"}, "deviceCount": {"type":
          "integer", "minimum": 0}, "quarantinedCount": {"type": "integer", "minimum": 0}, "policy": {"$ref":
          "#/components/schemas/PolicyStatus"}, "residentKiB": {"type": "integer", "minimum": 0}, "stateReason":
          {"type": "string"}, "lastSeen": {"type": "string", "format": "date-time"}, "certificateExpires": {"type":
          "string", "format": "date-time"}, "score": {"type": "integer", "minimum": 0, "maximum": 100}, "deductions":
          {"type": "array", "items": {"$ref": "#/components/schemas/Deduction"}}, "knowledgeVersion": {"type":
          "integer", "minimum": 0}, "knowledgeHash": {"type": "string"}, "reportsFlows":
          {"type": "boolean"}, "forgottenFlows": {"type": "integer", "minimum": 0}, "blocklistVersion": {"type": "integer",
          "minimum": 0}, "blocklistHash": {"type": "string"}, "counters": {"type": "object",
          "additionalProperties": {"type": "integer", "minimum": 0}}}}
        """#
}
