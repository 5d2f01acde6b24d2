"""Reads lines of hexadecimal CBOR, decodes each with cbor2, and writes for each a line of JSON: what was decoded, and
whether cbor2's own canonical encoding of it is the same bytes. Byte strings become {"bytes": hexadecimal}."""
import json
import sys

import cbor2


def plain(value):
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": value.hex()}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


for line in sys.stdin:
    encoded = bytes.fromhex(line.strip())
    decoded = cbor2.loads(encoded)
    print(json.dumps({"value": plain(decoded), "canonical": cbor2.dumps(decoded, canonical=True) == encoded}))
