import ConfigurationFiles
import NIOCore
import NetworkTypes
import ServiceLifecycle

/// A service that listens, and says which one it is where it cannot.
struct Listening<Base: Service>: Service {
    private let base: Base
    private let name: String
    private let endpoint: Endpoint

    init(_ base: Base, _ name: String, _ endpoint: Endpoint) {
        self.base = base
        self.name = name
        self.endpoint = endpoint
    }

    func run() async throws {
        do {
            try await base.run()
        } catch let error as IOError {
            throw CollectorError(listening: name, at: endpoint.byteString.text, error)
        }
    }
}
