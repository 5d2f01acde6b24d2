extension OpenAPIDocument {
    /// Shapes of devices, events, policies.
    static let secondSchemas = #"""
        "Evidence": {"type": "object", "required": ["signal", "value", "says", "weight"], "properties": {"signal":
          {"type": "string"}, "value": {"type": "string"}, "says": {"type": "object", "additionalProperties": {"type":
          "string"}}, "weight": {"type": "number", "minimum": 0, "maximum": 1}}},
        "Banner": {"description": "What one of Recog's fingerprints says of a banner, beside the agent's identity.",
          "type": "object", "required": ["signal", "banner", "database", "source", "fingerprint", "says"],
          "properties": {"signal": {"type": "string"}, "banner": {"type": "string"}, "database": {"type": "string"},
          "source": {"type": "string", "description": "FILE:LINE of the fingerprint."}, "fingerprint": {"type":
          "string"}, "says": {"type": "array", "items": {"type": "object", "required": ["subject"], "properties":
          {"subject": {"type": "string", "enum": ["hw", "os", "service"]}, "vendor": {"type": "string"}, "product":
          {"type": "string"}, "version": {"type": "string"}, "cpe": {"type": "string"}, "certainty": {"type":
          "number", "minimum": 0, "maximum": 1}}}}}},
        "Confidence": {"type": "object", "required": ["class", "vendor", "model"], "properties": {"class": {"type":
          "number", "minimum": 0, "maximum": 1}, "vendor": {"type": "number", "minimum": 0, "maximum": 1}, "model":
          {"type": "number", "minimum": 0, "maximum": 1}}},
        "Device": {"type": "object", "required": ["key", "gateway", "site", "addresses", "class", "confidence",
          "interface", "isQuarantined", "droppedCount", "wouldDropCount", "score", "firstSeen", "lastSeen"],
          "properties": {"key": {"type": "string"}, "gateway": {"type": "string"}, "site": {"type": "string"},
          "addresses": {"type": "array", "items": {"type": "string"}}, "class": {"type": "string"}, "confidence":
          {"$ref": "#/components/schemas/Confidence"}, "interface": {"type": "string"}, "isQuarantined": {"type":
          "boolean"}, "droppedCount": {"type": "integer", "minimum": 0}, "wouldDropCount": {"type": "integer",
          "minimum": 0}, "score": {"type": "integer", "minimum": 0, "maximum": 100}, "firstSeen": {"type": "string",
          "format": "date-time"}, "lastSeen": {"type": "string", "format": "date-time"}, "vendor": {"type": "string"},
          "model": {"type": "string"}, "firmware": {"type": "string"}, "os": {"type": "string"}, "hostname": {"type":
          "string"}, "mudURL": {"type": "string", "format": "uri"}, "policy": {"type": "string"}, "quarantineReason": {"type": "string"}, "evidence": {"type":
          "array", "items": {"$ref": "#/components/schemas/Evidence"}}, "contradictions": {"type": "array", "items":
          {"$ref": "#/components/schemas/Evidence"}}, "history": {"type": "array", "items": {"$ref":
          "#/components/schemas/IdentityChange"}}, "banners": {"type": "array", "items": {"$ref":
          "#/components/schemas/Banner"}}, "violations": {"type": "array", "items": {"$ref":
          "#/components/schemas/Event"}}, "deductions": {"type": "array", "items": {"$ref":
          "#/components/schemas/Deduction"}}}},
        "Violation": {"type": "object", "required": ["destination", "transport", "port", "policy", "reason",
          "wasDropped", "count"], "properties": {"destination": {"type": "string"}, "transport": {"type": "string"},
          "port": {"type": "integer", "minimum": 0}, "policy": {"type": "string"}, "reason": {"type": "string"},
          "wasDropped": {"type": "boolean"}, "count": {"type": "integer", "minimum": 0}, "destinationName": {"type":
          "string"}}},
        "Event": {"type": "object", "required": ["id", "gateway", "site", "kind", "severity", "time", "received",
          "summary", "fields", "bootEpoch", "sequence"], "properties": {"id": {"type": "integer", "minimum": 0},
          "gateway": {"type": "string"}, "site": {"type": "string"}, "kind": {"enum": ["device-appeared",
          "device-changed", "violation", "quarantine", "incident", "proof", "policy-refused", "gap", "connection",
          "lifecycle", "silence"]}, "severity": {"enum": ["informational", "notice", "warning", "critical"]}, "time":
          {"type": "string", "format": "date-time"}, "received": {"type": "string", "format": "date-time"}, "summary":
          {"type": "string"}, "fields": {"type": "object", "additionalProperties": {"type": "string"}}, "bootEpoch":
          {"type": "integer", "minimum": 0}, "sequence": {"type": "integer", "minimum": 0}, "device": {"type":
          "string"}, "violation": {"$ref": "#/components/schemas/Violation"}}},
        "Policy": {"type": "object", "required": ["hash", "generation", "keyID", "issued", "expires", "pushed",
          "pushedBy", "targetGateways", "targetSites", "allowlists", "bytes"], "properties": {"hash": {"type":
          "string"}, "generation": {"type": "integer", "minimum": 0}, "keyID": {"type": "string"}, "issued": {"type":
          "string", "format": "date-time"}, "expires": {"type": "string", "format": "date-time"}, "pushed": {"type":
          "string", "format": "date-time"}, "pushedBy": {"type": "string"}, "targetGateways": {"type": "array",
          "items": {"type": "string"}}, "targetSites": {"type": "array", "items": {"type": "string"}}, "allowlists":
          {"type": "array", "items": {"type": "string"}}, "bytes": {"type": "integer", "minimum": 0}}},
        "PolicyStatus": {"type": "object", "required": ["state", "gateway", "pushedGeneration", "pushedHash",
          "generation", "policyHash", "desiredHash", "appliedHash", "kernelHash"], "properties": {"state": {"type":
          "string", "enum": ["none", "waiting", "pushed", "applied", "proved", "refused", "superseded"]}, "gateway":
          {"type": "string"}, "pushedGeneration": {"type": "integer", "minimum": 0}, "pushedHash": {"type": "string"},
          "generation": {"type": "integer", "minimum": 0}, "policyHash": {"type": "string"}, "desiredHash": {"type":
          "string"}, "appliedHash": {"type": "string"}, "kernelHash": {"type": "string"}, "pushed": {"type": "string",
          "format": "date-time"}, "applied": {"type": "string", "format": "date-time"}, "proved": {"type": "string",
          "format": "date-time"}, "checked": {"type": "string", "format": "date-time"}, "pushToProofMilliseconds":
          {"type": "integer", "minimum": 0}, "reason": {"type": "string"}, "detail": {"type": "string"}}},
        "PolicyPush": {"type": "object", "required": ["policy", "delivered", "waiting", "skipped"], "properties":
          {"policy": {"$ref": "#/components/schemas/Policy"}, "delivered": {"type": "array", "items": {"type":
          "string"}}, "waiting": {"type": "array", "items": {"type": "string"}}, "skipped": {"type": "object",
          "additionalProperties": {"type": "string"}}}},
        "Change": {"type": "object", "required": ["what"], "properties": {"what": {"type": "string", "enum":
          ["gateway", "device", "events", "policy", "token", "everything"]}, "gateway": {"type": "string"}, "device":
          {"type": "string"}, "event": {"type": "integer", "minimum": 0}, "policy": {"type": "string"}, "token":
          {"type": "string"}}}
        """#
}
