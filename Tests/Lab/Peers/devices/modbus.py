"""A Modbus/TCP device by pymodbus, and the client that reads who it is.

    modbus.py serve VENDOR PRODUCT REVISION
    modbus.py ask ADDRESS        (Modbus Application Protocol 1.1b3, section 6.21: function 43, MEI type 14)
"""
import sys

from pymodbus import ModbusDeviceIdentification
from pymodbus.client import ModbusTcpClient
from pymodbus.server import StartTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

if sys.argv[1] == "serve":
    vendor, product, revision = sys.argv[2:5]
    identity = ModbusDeviceIdentification(
        info_name={"VendorName": vendor, "ProductCode": product, "MajorMinorRevision": revision}
    )
    print("serving", flush=True)
    StartTcpServer(
        SimDevice(0, simdata=[SimData(0, count=16, values=7, datatype=DataType.REGISTERS)]),
        identity=identity,
        address=("", 502),
    )
else:
    with ModbusTcpClient(sys.argv[2]) as client:
        client.connect()
        answer = client.read_device_information(read_code=1, object_id=0)
        registers = client.read_holding_registers(0, count=2)
    print(*[value.decode() for value in answer.information.values()], registers.registers)
