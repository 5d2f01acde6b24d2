import CollectorAPI
import CollectorCore
import CollectorTestSupport
import Foundation
import Testing

@testable import CollectorServer

/// The OpenAPI document against the routes, and against somebody else's validator.
@Suite struct APIDocumentTests {
    private static func document() throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(OpenAPIDocument.text.utf8))
        return try #require(object as? [String: Any])
    }

    @Test func namesEveryRouteAndNoOther() throws {
        let document = try APIDocumentTests.document()
        #expect(document["openapi"] as? String == "3.1.0")
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        var written: Set<String> = []
        for (path, operations) in paths {
            for (method, operation) in operations {
                let identifier = try #require(operation["operationId"] as? String)
                written.insert("\(method.uppercased()) \(path) \(identifier)")
            }
        }
        let registered = Set(APIRouter.routes.map { "\($0.verb) \($0.path) \($0.operation)" })
        #expect(written == registered)
    }

    @Test func saysWhoMayCallWhat() throws {
        let paths = try #require(try APIDocumentTests.document()["paths"] as? [String: [String: [String: Any]]])
        for route in APIRouter.routes {
            let operation = try #require(paths[route.path]?[route.verb.lowercased()])
            let description = try #require(operation["description"] as? String)
            switch route.access {
            case .anyone:
                #expect((operation["security"] as? [Any])?.isEmpty == true, "\(route.operation)")
            case .role, .oneOf:
                let words = route.access.words
                #expect(operation["security"] == nil, "\(route.operation)")
                #expect(description.hasSuffix("Needs the role \(words)."), "\(route.operation): \(description)")
            }
        }
    }

    @Test func everyReferenceLeadsSomewhere() throws {
        let document = try APIDocumentTests.document()
        let components = try #require(document["components"] as? [String: [String: Any]])
        let pattern = try Regex("\"#/components/([A-Za-z]+)/([A-Za-z]+)\"")
        let matches = OpenAPIDocument.text.matches(of: pattern)
        #expect(matches.count > 50)
        for match in matches {
            let group = String(try #require(match.output[1].substring))
            let name = String(try #require(match.output[2].substring))
            #expect(components[group]?[name] != nil, "\(group)/\(name)")
        }
    }

    /// The Python that has the validator: what `GATEHOUSE_PYTHON` names.
    private static let validator: String? = {
        guard let python = ProcessInfo.processInfo.environment["GATEHOUSE_PYTHON"] else { return nil }
        return (try? run(python, ["-c", "import openapi_spec_validator"])) == 0 ? python : nil
    }()

    private static func run(_ program: String, _ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    @Test(.enabled(if: validator != nil, "GATEHOUSE_PYTHON names no Python with openapi-spec-validator"))
    func openAPISpecValidatorAgrees() async throws {
        let python = try #require(APIDocumentTests.validator)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("openapi-\(UUID().uuidString).json")
        try Data(OpenAPIDocument.text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let code = """
            import json, sys
            from openapi_spec_validator import OpenAPIV31SpecValidator
            errors = list(OpenAPIV31SpecValidator(json.load(open(sys.argv[1]))).iter_errors())
            print(*errors, sep="\\n")
            sys.exit(bool(errors))
            """
        let status = try await LiveCollector.blocking { try APIDocumentTests.run(python, ["-c", code, file.path]) }
        #expect(status == 0)
    }
}
