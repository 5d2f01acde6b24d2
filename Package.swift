// swift-tools-version: 6.2
import PackageDescription

// GATEHOUSE_BUILD chooses what is in the graph:
//   (unset)   everything: agent, collector, gatehousectl, lab and all tests
//   agent     the pure modules, the agent and their tests; no package is fetched
//   embedded  the agent alone, for a Swift SDK of cross/ in Embedded mode
//   fuzz      as agent, and the libFuzzer target
let build = Context.environment["GATEHOUSE_BUILD"] ?? "all"
let isEmbedded = build == "embedded"
let hasCollector = build == "all"

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableExperimentalFeature("Lifetimes"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

// Test code calls macros whose expansions are not written for strict memory safety.
let strictTests: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
]

// In Embedded mode the `link` lines of the module maps are not followed, so the libraries are named here.
let agentLibraries: [LinkerSetting] = ["ssl", "crypto", "nftables", "yaml", "m"].map { .linkedLibrary($0) }

// The agent is compiled whole: an Embedded module's bodies are in its .swiftmodule, so the libraries leave their objects
// empty and the executable alone generates code, for what it reaches and once (1.52 MB becomes 0.49 MB on arm64). The
// executable has one source file: the compiler makes one unit of code per file, and shares functions within a unit only.
let library: [SwiftSetting] = isEmbedded ? strict + [.unsafeFlags(["-Xfrontend", "-emit-empty-object-file"])] : strict

func module(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: library)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestSupport"], exclude: exclude, swiftSettings: strictTests)
}

var targets: [Target] = [
    // Pure: no I/O, no clock, no randomness, no Glibc, no Foundation.
    module("NetworkTypes"),
    module("PacketParsing", ["NetworkTypes"]),
    module("Fingerprinting", ["NetworkTypes", "PacketParsing"]),
    module("WireProtocol", ["NetworkTypes"], exclude: ["PROTOCOL.md"]),
    module("Policy", ["NetworkTypes", "WireProtocol"]),
    module("AgentCore", ["NetworkTypes", "PacketParsing", "Fingerprinting", "WireProtocol", "Policy"]),

    // Edges: system calls and libraries.
    .target(name: "CLinux"),
    .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CNFTables", providers: [.apt(["libnftables-dev"])]),
    .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
    module("SystemIO", ["CLinux", "NetworkTypes"]),
    module("TLS", ["COpenSSL", "NetworkTypes"]),
    module("NFTables", ["CNFTables", "CLinux", "SystemIO", "NetworkTypes"]),
    module("ConfigurationFiles", ["CYAML", "NetworkTypes", "Policy"]),

    module("AgentProgram", ["AgentCore", "SystemIO", "TLS", "NFTables", "ConfigurationFiles", "CLinux"]),
    .executableTarget(
        name: "gatehouse-agent",
        dependencies: ["AgentProgram"],
        swiftSettings: strict,
        linkerSettings: agentLibraries
    ),
]

if !isEmbedded {
    targets += [
        // Compiles the knowledge file; runs on the operator's and the build machine only.
        module("KnowledgeBuilder", ["Fingerprinting", "ConfigurationFiles", "NetworkTypes"]),
        // Compiles blocklists; runs on the collector and the operator's machine.
        module("BlocklistBuilder", ["AgentCore", "NetworkTypes"]),
        // Manufacturer Usage Descriptions (RFC 8520); runs on the operator's machine only.
        module("MUD", ["Policy", "NetworkTypes"]),
        // Policies learned from flows, and replayed against them; runs on the operator's machine only.
        module("FlowPlanning", ["AgentCore", "ConfigurationFiles", "Policy", "NetworkTypes"]),
        .target(
            name: "Captures",
            dependencies: ["Fingerprinting", "PacketParsing", "NetworkTypes", "TLS"],
            path: "Tests/Captures",
            swiftSettings: strictTests
        ),
        .executableTarget(
            name: "gatehouse-score",
            dependencies: ["Captures", "KnowledgeBuilder", "Fingerprinting", "NetworkTypes"],
            path: "Tests/Score",
            swiftSettings: strictTests
        ),
        .target(
            name: "TestSupport",
            dependencies: ["NetworkTypes", "Captures"],
            path: "Tests/TestSupport",
            swiftSettings: strictTests
        ),
        .executableTarget(
            name: "gatehouse-bench",
            dependencies: ["Captures", "KnowledgeBuilder", "PacketParsing"],
            path: "Tests/Bench",
            swiftSettings: strictTests
        ),
        // Messages and policies with every field set.
        .target(
            name: "Samples",
            dependencies: ["NetworkTypes", "Policy", "WireProtocol"],
            path: "Tests/Samples",
            swiftSettings: strictTests
        ),
        // Everything that reads hostile bytes, for the tests that damage them and for libFuzzer.
        .target(
            name: "Decoders",
            dependencies: [
                "AgentCore", "BlocklistBuilder", "Captures", "ConfigurationFiles", "Fingerprinting", "FlowPlanning",
                "KnowledgeBuilder", "MUD",
                "NetworkTypes", "PacketParsing", "Policy", "Samples", "SystemIO", "WireProtocol",
            ],
            path: "Tests/Fuzz/Decoders",
            swiftSettings: strictTests
        ),
        .executableTarget(
            name: "gatehouse-decoders",
            dependencies: ["Captures", "Decoders", "Fingerprinting", "NetworkTypes", "PacketParsing", "TLS"],
            path: "Tests/Fuzz/Program",
            swiftSettings: strictTests
        ),
        tests("DecoderTests", ["Decoders", "Fingerprinting", "NetworkTypes", "PacketParsing"]),
        tests("NetworkTypesTests", ["NetworkTypes"]),
        tests("PacketParsingTests", ["PacketParsing", "TLS"]),
        tests(
            "FingerprintingTests",
            ["Captures", "Fingerprinting", "KnowledgeBuilder", "PacketParsing", "NetworkTypes", "TLS"]
        ),
        tests("WireProtocolTests", ["Samples", "WireProtocol", "Policy", "NetworkTypes"], exclude: ["Peers"]),
        tests("PolicyTests", ["Policy", "Samples"]),
        tests("MUDTests", ["MUD", "Captures", "Policy", "NetworkTypes"]),
        tests("FlowPlanningTests", ["FlowPlanning", "AgentCore", "ConfigurationFiles", "Policy", "NetworkTypes"]),
        tests(
            "AgentCoreTests",
            ["AgentCore", "BlocklistBuilder", "Captures", "Fingerprinting", "KnowledgeBuilder", "NetworkTypes", "TLS"]
        ),
        tests("SystemIOTests", ["SystemIO"]),
        tests("TLSTests", ["TLS"]),
        tests("NFTablesTests", ["NFTables", "AgentCore", "SystemIO"]),
        tests("ConfigurationFilesTests", ["ConfigurationFiles", "NetworkTypes", "Policy"]),
        tests(
            "AgentTests",
            [
                "AgentProgram", "gatehouse-agent", "AgentCore", "BlocklistBuilder", "KnowledgeBuilder", "Policy", "TLS",
                "NetworkTypes",
            ]
        ),
        .target(
            name: "Lab",
            dependencies: ["NetworkTypes", "TLS"],
            path: "Tests/Lab",
            exclude: ["Peers"],
            swiftSettings: strictTests
        ),
        .executableTarget(
            name: "gatehouse-demo",
            dependencies: ["Lab"],
            path: "Tests/Demo",
            swiftSettings: strictTests
        ),
        tests(
            "LabTests",
            ["Lab", "AgentCore", "KnowledgeBuilder", "NetworkTypes", "Policy", "TLS", "WireProtocol"],
            exclude: ["README.md"]
        ),
    ]
}

// Its `main` is libFuzzer's: Tests/Fuzz/fuzz builds it with `-sanitize=fuzzer`.
if build == "fuzz" {
    targets.append(
        .executableTarget(
            name: "gatehouse-libfuzzer",
            dependencies: ["Decoders"],
            path: "Tests/Fuzz/LibFuzzer",
            swiftSettings: strictTests + [.unsafeFlags(["-parse-as-library"])]
        )
    )
}

var packages: [Package.Dependency] = []

if hasCollector {
    packages += [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird.git",
            from: "2.28.0",
            traits: ["FullFoundation"]
        ),
        .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
    ]
    let log = Target.Dependency.product(name: "Logging", package: "swift-log")
    let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
    targets += [
        // Rapid7's fingerprints of banners: for collector and operator, never for the agent.
        .systemLibrary(name: "CPCRE2", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(name: "CExpat", providers: [.apt(["libexpat1-dev"])]),
        module("Recog", ["CPCRE2", "CExpat", "SystemIO", "WireProtocol", "NetworkTypes"]),
        tests("RecogTests", ["Recog", "Captures"]),
        module("CollectorAPI"),
        module("CollectorCore", ["NetworkTypes", "Fingerprinting", "WireProtocol", "Policy"]),
        module(
            "Storage",
            ["CollectorCore", "NetworkTypes", "Policy", "WireProtocol", .product(name: "GRDB", package: "GRDB.swift")]
        ),
        module(
            "CollectorServer",
            [
                "CollectorAPI", "CollectorCore", "Storage", "SystemIO", "TLS", "ConfigurationFiles", "NetworkTypes",
                "Recog", "WireProtocol", "Policy", "Fingerprinting", "BlocklistBuilder", "AgentCore", log,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(
            name: "gatehouse-collector",
            dependencies: ["CollectorServer", "ConfigurationFiles", "Storage", "TLS", argumentParser, log],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "gatehousectl",
            dependencies: [
                "CollectorAPI", "Policy", "ConfigurationFiles", "TLS", "WireProtocol", "NetworkTypes", "Fingerprinting",
                "KnowledgeBuilder", "Recog", "SystemIO", "MUD", "BlocklistBuilder", "FlowPlanning", "AgentCore",
                argumentParser,
            ],
            swiftSettings: strict
        ),
        tests("CollectorCoreTests", ["CollectorCore", "NetworkTypes", "Policy", "WireProtocol"]),
        tests(
            "StorageTests",
            [
                "Storage", "CollectorCore", "CollectorTestSupport", "NetworkTypes", "Policy", "WireProtocol",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .target(
            name: "CollectorTestSupport",
            dependencies: [
                "CollectorServer", "CollectorAPI", "CollectorCore", "Storage", "TLS", "NetworkTypes", "Policy",
                "WireProtocol", "TestSupport", log,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/CollectorTestSupport",
            swiftSettings: strictTests
        ),
        tests(
            "CollectorServerTests",
            [
                "CollectorServer", "CollectorAPI", "CollectorCore", "CollectorTestSupport", "Recog", "Storage", "TLS",
                "NetworkTypes", "WireProtocol", "Policy", "Fingerprinting", "KnowledgeBuilder", "BlocklistBuilder",
                "ConfigurationFiles", "gatehousectl", "gatehouse-collector", log,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: ["Peers"]
        ),
        tests(
            "ControlTests",
            [
                "gatehousectl", "gatehouse-collector", "CollectorCore", "CollectorTestSupport", "NetworkTypes",
                "Policy",
                "Storage", "WireProtocol",
            ]
        ),
    ]
}

let package = Package(
    name: "gatehouse",
    products: [.executable(name: "gatehouse-agent", targets: ["gatehouse-agent"])],
    dependencies: packages,
    targets: targets
)
