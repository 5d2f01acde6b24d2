"""A CoAP server by aiocoap that describes itself at /.well-known/core (RFC 6690), and the client that reads that.

    coap.py serve ADDRESS PATH [RESOURCE-TYPE]
    coap.py ask ADDRESS
"""
import asyncio
import sys

import aiocoap
from aiocoap import resource


class Reading(resource.Resource):
    def __init__(self, kind):
        super().__init__()
        self.rt = kind

    async def render_get(self, request):
        return aiocoap.Message(payload=b"21.5")


async def serve(address, path, kind=None):
    site = resource.Site()
    site.add_resource([".well-known", "core"], resource.WKCResource(site.get_resources_as_linkheader))
    site.add_resource(path.strip("/").split("/"), Reading(kind))
    await aiocoap.Context.create_server_context(site, bind=(address, 5683))
    print("serving", flush=True)
    await asyncio.Event().wait()


async def ask(address):
    client = await aiocoap.Context.create_client_context()
    request = aiocoap.Message(code=aiocoap.GET, uri=f"coap://{address}/.well-known/core")
    print((await client.request(request).response).payload.decode())
    await client.shutdown()


asyncio.run({"serve": serve, "ask": ask}[sys.argv[1]](*sys.argv[2:]))
