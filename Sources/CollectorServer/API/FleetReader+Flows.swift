internal import CollectorAPI
internal import CollectorCore
internal import NetworkTypes
internal import Storage

extension FleetReader {
    /// Flows of a gateway that is there, each with what its device is held to be. A device that went meanwhile has none.
    func flows(_ query: FlowQuery) async throws -> (records: [DeviceFlowRecord], items: [FlowResource]) {
        guard let gateway = try await store.gateway(query.gateway, nowMilliseconds: nowMilliseconds) else {
            throw Problem.notFound("gateway \(query.gateway.gateway)")
        }
        let records = try await store.flows(query)
        var devices: [String: DeviceResource] = [:]
        for key in Set(records.map(\.key.device) + (query.device.map { [$0] } ?? [])) {
            guard let found = try await store.device(key, of: query.gateway, nowMilliseconds: nowMilliseconds) else {
                continue
            }
            devices[key] = DeviceResource(found, site: gateway.record.site, isWhole: false)
        }
        if let device = query.device, devices[device] == nil {
            throw Problem.notFound("device \(device) behind gateway \(query.gateway.gateway)")
        }
        let items = records.compactMap { record in
            devices[record.key.device].map { FlowResource(record, of: $0) }
        }
        return (records, items)
    }
}

extension FlowResource {
    /// A flow with what its device is held to be.
    init(_ record: DeviceFlowRecord, of device: DeviceResource) {
        self.init(
            of: device,
            direction: record.key.direction.name.description,
            destination: record.key.destination,
            address: record.address,
            transport: record.key.transport.description,
            port: record.key.port,
            count: record.count,
            first: record.firstMilliseconds,
            last: record.lastMilliseconds
        )
    }
}
