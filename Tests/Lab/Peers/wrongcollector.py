"""A collector that answers a request for a certificate wrongly: made of the packages websockets, cbor2, cryptography.

  wrongcollector.py DIRECTORY ADDRESS PORT ANSWER SECONDS

DIRECTORY holds authority.crt and authority.key, whose gateways may connect, and server.pem, the server's own chain and
key. ANSWER is one of the branches of `answer` below. Its clock is SECONDS ahead of this computer's. Prints a line of JSON for everything that happens."""
import asyncio
import datetime
import json
import ssl
import sys
import time

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.asyncio.server import serve

directory, address, port, wanted = sys.argv[1:5]
ahead = int(sys.argv[5])
with open(f"{directory}/authority.crt", "rb") as file:
    AUTHORITY = x509.load_pem_x509_certificate(file.read())
with open(f"{directory}/authority.key", "rb") as file:
    AUTHORITY_KEY = serialization.load_pem_private_key(file.read(), None)
WELCOME, ACKNOWLEDGE, CERTIFICATE = 1, 2, 5
# Serial numbers of the certificates given out here.
issued = set()
welcomed = []


def digits(serial):
    """Two digits a byte, as the agent prints it: one number in eight begins with a 0."""
    return serial.to_bytes((serial.bit_length() + 7) // 8, "big").hex()


def say(what, **facts):
    print(json.dumps({"what": what, **facts}), flush=True)


def issue(public_key, gateway="gate-1", seconds=3600, issuer=AUTHORITY.subject, key=AUTHORITY_KEY):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=ahead)
    uri = x509.UniformResourceIdentifier(f"spiffe://gatehouse.local/gateway/{gateway}")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, gateway)])).issuer_name(issuer)
        .public_key(public_key).serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(seconds=seconds))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([uri]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    issued.add(certificate.serial_number)
    return certificate


def other_authority():
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder().subject_name(AUTHORITY.subject).issuer_name(AUTHORITY.subject)
        .public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return key, certificate


def answer(request):
    def body(certificate, issuer=AUTHORITY):
        encoding = serialization.Encoding.DER
        return {1: certificate.public_bytes(encoding), 2: issuer.public_bytes(encoding)}

    key = request.public_key()
    if wanted in ("good", "unwelcome", "mute", "mute-alone"):
        return body(issue(key))
    if wanted == "refused":
        return {3: "no certificate today"}
    if wanted == "nonsense":
        return {1: b"a certificate", 2: b"an authority"}
    if wanted == "empty":
        return {}
    if wanted == "other-key":
        return body(issue(ec.generate_private_key(ec.SECP256R1()).public_key()))
    if wanted == "other-gateway":
        return body(issue(key, gateway="gate-2"))
    if wanted == "ended":
        return body(issue(key, seconds=-60))
    other_key, other = other_authority()
    if wanted == "other-authority":
        return body(issue(key, key=other_key), other)
    # Says that it is of the right authority, and is not.
    assert wanted == "forged", wanted
    return body(issue(key, key=other_key))


async def talk(connection):
    peer = connection.transport.get_extra_info("ssl_object").getpeercert()
    serial = int(peer["serialNumber"], 16)
    is_new = serial in issued
    committed = {}

    async def send(kind, body):
        await connection.send(cbor2.dumps({1: kind, 2: body}, canonical=True))

    async for message in connection:
        message = cbor2.loads(message)
        if message[1] == 1:
            say("hello", serial=digits(serial), isNew=is_new)
            if is_new and wanted == "unwelcome":
                await connection.close(1008, "not with this certificate")
                return
            if is_new and wanted == "mute":
                continue
            if is_new and wanted == "mute-alone":
                for other in welcomed:
                    await other.close(1000, "another connection took over")
                continue
            welcomed.append(connection)
            await send(WELCOME, {1: 1, 2: int((time.time() + ahead) * 1000), 3: {}, 4: 100})
            say("welcome", serial=digits(serial), isNew=is_new)
        elif message[1] == 2:
            for report in message[2]:
                committed = {1: report[1], 2: report[2]}
                if report[5] == 4:
                    say("incident", kind=report[6].get(1, ""), summary=report[6].get(3, ""), isNew=is_new)
            await send(ACKNOWLEDGE, {1: committed, 2: 100})
        elif message[1] == 3:
            request = x509.load_der_x509_csr(message[2][1])
            say("renew", valid=request.is_signature_valid, isNew=is_new)
            await send(CERTIFICATE, answer(request))
    say("closed", serial=digits(serial), isNew=is_new)


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=f"{directory}/authority.crt")
    context.verify_mode = ssl.CERT_REQUIRED
    if ahead:
        # OpenSSL holds certificates against this computer's clock: X509_V_FLAG_NO_CHECK_TIME of openssl/x509_vfy.h.
        context.verify_flags |= 0x200000
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(f"{directory}/server.pem")
    async with serve(talk, address, int(port), ssl=context, subprotocols=["gatehouse.v1"], compression=None):
        say("listening")
        await asyncio.get_running_loop().create_future()


asyncio.run(main())
