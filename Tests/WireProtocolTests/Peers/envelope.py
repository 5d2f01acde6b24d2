"""Policy envelopes with pycose.

  envelope.py sign SEED PAYLOAD           prints the envelope and the bytes that were signed
  envelope.py verify PUBLIC-KEY ENVELOPE  prints the payload, or fails

All in hexadecimal; SEED and PUBLIC-KEY are raw Ed25519 (RFC 8032)."""
import hashlib
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pycose.algorithms import EdDSA
from pycose.headers import KID, Algorithm, ContentType
from pycose.keys import OKPKey
from pycose.keys.curves import Ed25519
from pycose.messages import CoseMessage, Sign1Message

verb, first, second = sys.argv[1], bytes.fromhex(sys.argv[2]), bytes.fromhex(sys.argv[3])
if verb == "sign":
    public = Ed25519PrivateKey.from_private_bytes(first).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    header = {
        Algorithm: EdDSA,
        ContentType: "application/gatehouse-policy+cbor",
        KID: hashlib.sha256(public).digest()[:8],
    }
    message = Sign1Message(phdr=header, payload=second)
    message.key = OKPKey(crv=Ed25519, d=first, x=public)
    print(message.encode(tag=True).hex())
    print(message._create_sig_structure().hex())
else:
    message = CoseMessage.decode(second)
    assert isinstance(message, Sign1Message)
    assert message.phdr[KID] == hashlib.sha256(first).digest()[:8]
    assert message.phdr[ContentType] == "application/gatehouse-policy+cbor"
    assert not message.uhdr
    message.key = OKPKey(crv=Ed25519, x=first)
    if not message.verify_signature():
        sys.exit("the signature does not hold")
    print(message.payload.hex())
