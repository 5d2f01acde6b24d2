internal import CollectorAPI
internal import CollectorCore
internal import Storage

/// Reads of the store that API and console share.
struct FleetReader: Sendable {
    /// Most gateways that one posture or page adds up; a fleet that is larger is read by site.
    static let maximumGateways = 20_000
    /// How long incidents count as recent.
    static let recentMilliseconds: UInt64 = 24 * 3600 * 1000

    let store: any CollectorStore
    let tenant: String
    let nowMilliseconds: UInt64
    var banners: BannerKnowledge?

    /// All gateways, of one site or of the fleet.
    func gateways(site: String? = nil) async throws(StoreError) -> [GatewayOverview] {
        var all: [GatewayOverview] = []
        var query = GatewayQuery(tenant: tenant, nowMilliseconds: nowMilliseconds)
        query.site = site
        while all.count < FleetReader.maximumGateways {
            let page = try await store.gateways(query)
            all += page
            guard page.count == query.limit, let last = page.last else { break }
            query.after = last.record.key.gateway
        }
        return all
    }

    /// One gateway with what was assigned to it.
    func gateway(_ id: String) async throws -> (GatewayOverview, GatewayResource) {
        let key = GatewayKey(tenant: tenant, gateway: id)
        guard let overview = try await store.gateway(key, nowMilliseconds: nowMilliseconds) else {
            throw Problem.notFound("gateway \(id)")
        }
        let assignments = try await store.assignments(of: key, limit: 20)
        var resource = GatewayResource(overview, assignments: assignments, nowMilliseconds: nowMilliseconds)
        resource.counters = overview.record.health?.counters
        return (overview, resource)
    }

    /// One device with its evidence, what is said of its banners, and its latest violations.
    func device(_ key: String, gateway id: String, violations limit: Int = 50) async throws -> DeviceResource {
        let gateway = GatewayKey(tenant: tenant, gateway: id)
        guard let overview = try await store.device(key, of: gateway, nowMilliseconds: nowMilliseconds) else {
            throw Problem.notFound("device \(key) behind gateway \(id)")
        }
        let site = try await store.gateway(gateway, nowMilliseconds: nowMilliseconds)?.record.site ?? ""
        var resource = DeviceResource(overview, site: site, isWhole: true)
        resource.banners = await banners?.statements(on: overview.record.evidence + overview.record.contradictions)
        var query = EventQuery(tenant: tenant, gateway: id, device: key)
        query.kinds = [.violation]
        query.limit = limit
        resource.violations = try await store.events(query).map { EventResource($0, site: site) }
        return resource
    }

    /// Events with the sites of their gateways.
    func events(_ query: EventQuery) async throws(StoreError) -> [EventResource] {
        var sites: [String: String] = [:]
        var resources: [EventResource] = []
        for record in try await store.events(query) {
            let id = record.gateway.gateway
            if sites[id] == nil {
                let gateway = try await store.gateway(record.gateway, nowMilliseconds: nowMilliseconds)
                sites[id] = gateway?.record.site ?? ""
            }
            resources.append(EventResource(record, site: sites[id] ?? ""))
        }
        return resources
    }

    /// What wants a person's eye, newest first.
    func incidents(gateway: String? = nil, device: String? = nil, limit: Int) async throws(StoreError)
        -> [EventResource]
    {
        var query = EventQuery(tenant: tenant, gateway: gateway, device: device)
        query.kinds = [.incident, .quarantine, .policyRefused, .gap, .silence]
        query.limit = limit
        return try await events(query)
    }

    /// The posture over gateways.
    func posture(
        _ scope: String,
        name: String?,
        of gateways: [GatewayOverview]
    ) async throws(StoreError) -> PostureResource {
        var posture = PostureResource(scope: scope, name: name)
        let counted = gateways.filter { $0.record.ban == nil }
        posture.score = Posture.score(of: gateways, nowMilliseconds: nowMilliseconds).map { Int($0) }
        posture.gateways = gateways.count
        posture.connectedGateways = counted.count { $0.record.connectedSinceMilliseconds != nil }
        posture.provedGateways = counted.count { Posture.isProved($0.record) }
        posture.provedShare = counted.isEmpty ? 0 : Double(posture.provedGateways) / Double(counted.count)
        posture.devices = gateways.reduce(0) { $0 + Int($1.devices.total) }
        posture.identifiedDevices = gateways.reduce(0) { $0 + Int($1.devices.identified) }
        posture.quarantinedDevices = gateways.reduce(0) { $0 + Int($1.devices.quarantined) }
        posture.recentIncidents = try await recentIncidents(scope, of: gateways)
        posture.deductions = deductions(counted)
        return posture
    }

    private func recentIncidents(_ scope: String, of gateways: [GatewayOverview]) async throws(StoreError) -> Int {
        let since = nowMilliseconds - min(nowMilliseconds, FleetReader.recentMilliseconds)
        if scope == "fleet" {
            let counts = try await store.eventCounts(tenant: tenant, sinceMilliseconds: since)
            return Int(clamping: (counts[.incident] ?? 0) + (counts[.quarantine] ?? 0))
        }
        var total = 0
        for gateway in gateways.prefix(StoreLimits.maximumPageSize) {
            var query = EventQuery(tenant: tenant, gateway: gateway.record.key.gateway)
            query.kinds = [.incident, .quarantine]
            query.sinceMilliseconds = since
            query.limit = StoreLimits.maximumPageSize
            total += try await store.events(query).count
        }
        return total
    }

    /// What gateways lost, by reason; numbers in a reason are left out, so that those of many gateways add up.
    private func deductions(_ gateways: [GatewayOverview]) -> [PostureResource.Deduction] {
        var sums: [String: (points: UInt64, count: Int)] = [:]
        for gateway in gateways {
            for deduction in Posture.score(gateway, nowMilliseconds: nowMilliseconds)?.deductions ?? [] {
                let reason =
                    gateways.count > 1 && deduction.reason.hasPrefix("its devices have")
                    ? "its devices have less than 100 of 100" : deduction.reason
                let sum = sums[reason] ?? (0, 0)
                sums[reason] = (sum.points + deduction.points, sum.count + 1)
            }
        }
        let count = UInt64(max(gateways.count, 1))
        return sums.map {
            PostureResource.Deduction(
                points: Int(max(1, $0.value.points / count)),
                reason: $0.key,
                gateways: $0.value.count
            )
        }
        .sorted { ($0.points, $0.gateways, $1.reason) > ($1.points, $1.gateways, $0.reason) }
    }
}
