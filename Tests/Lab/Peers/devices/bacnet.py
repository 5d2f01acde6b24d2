"""A BACnet/IP device by bacpypes3, and the client that looks for it and reads its properties (ASHRAE 135).

    bacnet.py serve ADDRESS/LENGTH VENDOR-ID VENDOR MODEL FIRMWARE
    bacnet.py ask ADDRESS/LENGTH DEVICE-ADDRESS
"""
import asyncio
import sys

from bacpypes3.app import Application
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.networkport import NetworkPortObject
from bacpypes3.pdu import Address
from bacpypes3.primitivedata import ObjectIdentifier

INSTANCE = 1001


def application(address, instance, **properties):
    device = DeviceObject(objectIdentifier=("device", instance), objectName=f"device-{instance}", **properties)
    port = NetworkPortObject(address, objectIdentifier=("network-port", 1), objectName="port")
    return Application.from_object_list([device, port])


async def serve(address, number, vendor, model, firmware):
    application(address, INSTANCE, vendorIdentifier=int(number), vendorName=vendor, modelName=model,
                firmwareRevision=firmware, description="a device of the lab")
    print("serving", flush=True)
    await asyncio.Event().wait()


async def ask(address, device):
    client = application(address, 4_194_000)
    found = await client.who_is(INSTANCE, INSTANCE)
    print(*[answer.pduSource for answer in found])
    for name in ("vendor-name", "vendor-identifier", "model-name", "firmware-revision"):
        print(name, await client.read_property(Address(device), ObjectIdentifier(f"device,{INSTANCE}"), name))


asyncio.run({"serve": serve, "ask": ask}[sys.argv[1]](*sys.argv[2:]))
