import CollectorAPI
import CollectorCore
import CollectorTestSupport
import Foundation
import Testing

@testable import CollectorServer

/// Who may call what, route by route, asked over the wire.
@Suite struct APIRoleTests {
    /// What each role may not call; the routes not named here need no role.
    private static let matrix: [(operation: String, allowed: Set<UserRole>)] = [
        ("showSession", [.viewer, .operator, .signer, .admin]),
        ("listPeople", [.admin]), ("createPerson", [.admin]), ("listAudit", [.admin]),
        ("listTokens", [.operator, .admin]), ("createToken", [.operator, .admin]),
        ("revokeToken", [.operator, .admin]),
        ("listGateways", [.viewer, .operator, .signer, .admin]),
        ("showGateway", [.viewer, .operator, .signer, .admin]),
        ("banGateway", [.operator, .admin]), ("unbanGateway", [.operator, .admin]),
        ("endGatewayHold", [.operator, .admin]), ("listDevices", [.viewer, .operator, .signer, .admin]),
        ("showDevice", [.viewer, .operator, .signer, .admin]), ("releaseDevice", [.operator, .admin]),
        ("listGatewayFlows", [.operator, .signer, .admin]), ("listDeviceFlows", [.operator, .signer, .admin]),
        ("listEvents", [.viewer, .operator, .signer, .admin]), ("listPolicies", [.viewer, .operator, .signer, .admin]),
        ("listKnowledge", [.viewer, .operator, .signer, .admin]), ("pushKnowledge", [.signer, .admin]),
        ("listBlocklists", [.viewer, .operator, .signer, .admin]), ("pushBlocklists", [.signer, .admin]),
        ("getBlocklistStatus", [.viewer, .operator, .signer, .admin]),
        ("getBlocklistCandidate", [.viewer, .operator, .signer, .admin]),
        ("getBlocklistTarget", [.viewer, .operator, .signer, .admin]), ("acceptBlocklistSource", [.operator, .admin]),
        ("pushPolicy", [.signer, .admin]), ("showPolicy", [.viewer, .operator, .signer, .admin]),
        ("showEnvelope", [.viewer, .operator, .signer, .admin]),
        ("showPolicyStatus", [.viewer, .operator, .signer, .admin]),
        ("listPolicyStatus", [.viewer, .operator, .signer, .admin]),
        ("showPosture", [.viewer, .operator, .signer, .admin]),
        ("showSitePosture", [.viewer, .operator, .signer, .admin]),
        ("showGatewayPosture", [.viewer, .operator, .signer, .admin]),
        // The last: the token is gone after it.
        ("logout", [.viewer, .operator, .signer, .admin]),
    ]

    private static let open: Set<String> = ["login", "showOpenAPI", "showMetrics", "showHealth", "showReadiness"]

    @Test func everyRouteIsInTheMatrix() {
        let known = Set(APIRoleTests.matrix.map(\.operation)).union(APIRoleTests.open).union(["streamChanges"])
        #expect(Set(APIRouter.routes.map(\.operation)) == known)
        for route in APIRouter.routes {
            #expect((route.access == .anyone) == APIRoleTests.open.contains(route.operation), "\(route.operation)")
        }
    }

    @Test(arguments: [nil, UserRole.viewer, .operator, .signer, .admin])
    func rolesAreEnforced(_ role: UserRole?) async throws {
        let store = MemoryStore()
        try SampleFleet.addPeople(store)
        let gateway = SampleFleet.addGateway(store, "g-1", name: "one", site: "s")
        SampleFleet.addCamera(store, gateway)
        try await LiveCollector.run(store) { collector in
            var client = APIClient(collector)
            if let role { client = try await APIClient.loggedIn(collector, as: role.rawValue) }
            for (operation, allowed) in APIRoleTests.matrix {
                let route = try #require(APIRouter.routes.first { $0.operation == operation })
                let path = route.path.replacing("{gateway}", with: "g-1").replacing("{device}", with: "mac:none")
                    .replacing("{policy}", with: "00").replacing("{token}", with: "00").replacing("{site}", with: "s")
                let answer = try await client.send(route.verb, path)
                guard let role else {
                    #expect(answer.status == 401, "\(operation)")
                    continue
                }
                #expect((answer.status == 403) == !allowed.contains(role), "\(operation) as \(role): \(answer.status)")
                #expect(answer.status != 401, "\(operation) as \(role)")
                #expect(answer.status < 500, "\(operation) as \(role): \(answer.text)")
            }
        }
    }
}
