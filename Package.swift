// swift-tools-version: 6.2

import PackageDescription

// The manifest is the map of the house: the kernel knows no word of the domain, the slices stand on it, and one
// executable composes them. Arrows point down only; tools/check holds each file to them.

let package = Package(
    name: "martlet",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "martlet", targets: ["martlet"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["JSON", "YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: kernel + slices + composition + tests
)

// MARK: - Kernel

var kernel: [Target] {
    [
        // Pure values: ordered JSON with exact numbers, ids, timestamps, page tokens, regular expressions, the `Problem`
        // error protocol.
        house("Wire", [.collections("OrderedCollections")]),
        // YAML that others wrote, read without the traps that are in it.
        house("YAML", ["Wire", .yams]),
        // Pure numerics: distances, tests, profiles, model metrics.
        house("Statistics", ["Wire"]),
        // One SQL surface over SQLite and PostgreSQL; no other target imports the engines behind it.
        house(
            "Database",
            [
                "Wire", "Natives", .collections("DequeModule"), .package("GRDB", "GRDB.swift"),
                .package("GRDBSQLite", "GRDB.swift"),
            ]),
        // Finds shared libraries and binds their C functions with `dlopen`.
        house(
            "Natives",
            ["Wire", .package("Subprocess", "swift-subprocess"), .package("SystemPackage", "swift-system")]),
        // What the server counts of itself, and Prometheus' text of it.
        house("Telemetry", [.coreMetrics]),
        // The values that DuckDB's C functions take and give.
        .systemLibrary(name: "CDuckDB"),
        // SQL over Parquet and other tables: DuckDB inside the process, bound values in, typed columns out.
        house("Tables", ["Wire", "Natives", "CDuckDB", .nio("NIOPosix")]),
        // Object storage in a folder or in S3: streaming both ways, whole or not at all, ranges, signed links.
        house(
            "Blobs", ["Wire", .httpClient, .crypto, .nio("NIOCore"), .nio("NIOHTTP1"), .nio("NIOPosix")]),
        // The files of the web pages, embedded in the binary.
        .target(name: "CAssets", exclude: ["files"]),
        // The embedded files as Swift values.
        house("Assets", ["CAssets"]),
        // The system's zlib, for bodies that clients compress.
        .systemLibrary(name: "CZlib"),
        // HTTP: server, routes with permissions, errors, the page shell, the `HTML` value that escapes by default.
        house(
            "Web",
            [
                "Wire", "Assets", "CZlib", .hummingbird, .package("HummingbirdCore", "hummingbird"), .httpTypes, .log,
                .nio("NIOCore"), .nio("NIOHTTP1"), .lifecycle, .crypto,
            ]),
        // Messages to hosts that users name: their addresses are looked at first; signatures.
        house(
            "Outbound",
            [
                "Wire", .httpClient, .crypto, .nio("NIOCore"), .nio("NIOHTTP1"), .nio("NIOPosix"),
                .package("NIOSSL", "swift-nio-ssl"),
            ]),
        // Command line: output, exit codes, the precedence of settings, the HTTP client of the verbs.
        house(
            "Console",
            [
                "Wire", .arguments, .httpClient, .configuration, .nio("NIOCore"), .nio("NIOHTTP1"), .nio("NIOPosix"),
                .package("SystemPackage", "swift-system"),
            ]),
        // Durable queue with leases, and the worker that does its jobs.
        house("Jobs", ["Wire", "Database", .lifecycle, .log]),
    ]
}

// MARK: - Slices

var slices: [Target] {
    [
        // The event log: append inside a transaction, hash chain, subscriptions, audit.
        house("Events", ["Wire", "Database", "Web", "Console", .arguments, .crypto]),
        // Manifests: YAML documents with their places, kinds that slices contribute, apply.
        house(
            "Manifests",
            [
                "Wire", "Database", "Web", "Console", "Events", "YAML", .arguments, .crypto, .httpTypes,
                .nio("NIOCore"), .yams,
            ]),
        // Experiments, runs, metrics, params, tags, datasets, logged models; the filter grammar.
        house("Tracking", ["Wire", "Statistics", "Database", "Web", "Console", "Events", .arguments]),
        // Listing, upload and download of artifacts.
        house("Artifacts", ["Wire", "Natives", "Tables", "Blobs", "Web", "Tracking", .httpTypes]),
        // Registered models, versions, aliases, stages, lineage.
        house(
            "Registry",
            ["Wire", "Database", "Web", "Console", "Events", "Tracking", "Artifacts", .arguments]),
        // What traced code did: spans over OpenTelemetry's protocol, trace search, assessments.
        house("Traces", ["Wire", "Database", "Web", "Events", "Tracking", .crypto, .httpTypes, .nio("NIOCore")]),
        // Deleted things of several slices: listed, restored, purged with their files. A slice of its own, because what
        // may go for good is known only above tracking, traces, registry and artifacts together.
        house(
            "Trash",
            [
                "Wire", "Database", "Blobs", "Web", "Console", "Events", "Tracking", "Traces", "Artifacts", "Registry",
                .arguments,
            ]),
        // Who is told of changes to registered models, signed and tried again. A slice of its own, because it listens to
        // the registry, which need not know, and is the one that calls machines elsewhere.
        house(
            "Webhooks",
            [
                "Wire", "Database", "Outbound", "Web", "Jobs", "Events", "Tracking", "Registry", .crypto, .log,
                .lifecycle,
            ]),
        // Import from MLflow and export in open formats. A slice of its own, because it carries what tracking, registry
        // and artifacts keep, and most of it runs in the client: sources, targets, and the transfer between them.
        house(
            "Exchange",
            [
                "Wire", "Database", "Web", "Console", "Tracking", "Traces", "Registry", "Trash", "Webhooks", "YAML",
                .arguments, .crypto, .nio("NIOCore"), .nio("NIOPosix"), .yams,
            ]),
        // Running a model folder: ONNX, XGBoost and LightGBM in process, any other flavour in supervised Python workers; and
        // models that other servers run.
        house(
            "Runtimes",
            [
                "Wire", "Natives", "YAML", .httpClient, .collections("DequeModule"), .collections("OrderedCollections"),
                .yams, .log,
                .package("Subprocess", "swift-subprocess"),
                .package("SystemPackage", "swift-system"), .nio("NIOCore"), .nio("NIOHTTP1"),
                .nio("NIOPosix"),
            ]),
        // The prediction log: what was answered, by which version, for whom, and what turned out to be true.
        house(
            "Predictions",
            [
                "Wire", "Database", "Natives", "Tables", "Blobs", "Web", "Console", "Events", "Runtimes", .arguments,
                .crypto,
                .collections("DequeModule"), .collections("OrderedCollections"), .httpTypes, .log, .lifecycle,
                .nio("NIOCore"), .nio("NIOPosix"),
            ]),
        // Online experiments: who gets which arm, what the arms earned, and what may be concluded from it.
        house(
            "Experiments",
            [
                "Wire", "Statistics", "Database", "Web", "Console", "Events", "Manifests", "Predictions", .arguments,
            ]),
        // Endpoints and prediction protocols.
        house(
            "Serving",
            [
                "Wire", "YAML", "Statistics", "Database", "Blobs", "Web", "Console", "Events", "Manifests", "Registry",
                "Experiments", "Runtimes", "Predictions", "Telemetry", .arguments, .collections("OrderedCollections"),
                .httpTypes, .log,
                .lifecycle,
                .nio("NIOCore"), .nio("NIOPosix"),
            ]),
        // Batches of rows: read, scored and written part by part, beside the user or as a job of the server.
        house(
            "Scoring",
            [
                "Wire", "Database", "Tables", "Blobs", "Web", "Console", "Jobs", "Events", "Tracking", "Artifacts",
                "Registry", "Runtimes", "Natives", .arguments, .collections("OrderedCollections"), .log,
                .nio("NIOCore"), .nio("NIOPosix"),
            ]),
        // What was found, the alerts that come of it, the incidents they belong to, and who is told.
        house(
            "Incidents",
            [
                "Wire", "Statistics", "Database", "Outbound", "Web", "Console", "Jobs", "Events", "Manifests",
                .arguments, .log,
                .lifecycle,
                .package("Subprocess", "swift-subprocess"), .package("SystemPackage", "swift-system"),
            ]),
        // Profiles of files and their comparison, beside the user: read through Tables, reported as table, JSON and HTML.
        house(
            "Profiling",
            [
                "Wire", "Statistics", "Natives", "Tables", "Assets", "Web", "Console", "Incidents", .arguments, .crypto,
                .nio("NIOPosix"),
            ]),
        // References, profiles, windows, drift, monitors, alerts and what they trigger.
        house(
            "Monitoring",
            [
                "Wire", "Statistics", "Database", "Blobs", "Web", "Console", "Manifests", "Tracking",
                "Artifacts", "Predictions", "Incidents", "Tables", "Telemetry", .arguments,
                .collections("OrderedCollections"), .log, .lifecycle, .nio("NIOCore"), .nio("NIOPosix"),
                .package("Subprocess", "swift-subprocess"),
            ]),
    ]
}

// MARK: - Composition

var composition: [Target] {
    [
        // The options of glibc's allocator.
        .systemLibrary(name: "CMalloc"),
        // `main`, `server`, the composition root, and the page that looks across slices.
        .executableTarget(
            name: "martlet",
            dependencies: [
                "Wire", "Database", "Natives", "Tables", "Blobs", "Web", "Console", "Jobs", "Events", "Experiments",
                "Manifests",
                "Tracking",
                "Artifacts", "Traces", "Registry", "Trash", "Exchange", "Webhooks", "Runtimes", "Predictions",
                "Serving", "Scoring",
                "Incidents", "Outbound", "Monitoring", "Profiling", "Telemetry",
                .arguments, .coreMetrics,
                .log,
                .lifecycle, .nio("NIOCore"), .nio("NIOPosix"), "CMalloc",
                .package("UnixSignals", "swift-service-lifecycle"),
            ],
            swiftSettings: SwiftSetting.strict),
    ]
}

// MARK: - Tests

var tests: [Target] {
    [
        // What tests of several targets use: a live server with its client, the built program, databases of every engine.
        .target(
            name: "TestSupport",
            dependencies: [
                "Blobs", "Database", "Natives", "Tables", "Wire", "Web", .httpClient, .httpTypes, .lifecycle, .log,
                .nio("NIOCore"), .nio("NIOHTTP1"), .nio("NIOPosix"), .package("Subprocess", "swift-subprocess"),
                .package("SystemPackage", "swift-system"),
            ],
            path: "Tests/TestSupport", exclude: ["s3_server.py", "Browser/chromedriver.sh"],
            swiftSettings: SwiftSetting.strict),
        houseTests("Wire"),
        houseTests("YAML", ["TestSupport", .yams]),
        houseTests("Statistics", ["TestSupport", "Wire"], resources: [.copy("Fixtures")]),
        houseTests("Database", ["TestSupport", "Wire"]),
        houseTests(
            "Web",
            [
                "Assets", "CZlib", "TestSupport", "Wire", .httpTypes, .httpClient, .nio("NIOCore"), .nio("NIOHTTP1"),
            ]),
        houseTests(
            "Tracking",
            [
                "Database", "Events", "TestSupport", "Web", "Wire", .nio("NIOHTTP1"),
                .package("SystemPackage", "swift-system"),
            ],
            resources: [.copy("Fixtures")]),
        houseTests(
            "Registry",
            [
                "Artifacts", "Blobs", "Database", "Events", "Tables", "TestSupport", "Tracking", "Web", "Wire",
                .nio("NIOCore"),
                .nio("NIOHTTP1"),
            ]),
        houseTests(
            "Trash",
            [
                "Artifacts", "Blobs", "Database", "Events", "Registry", "TestSupport", "Traces", "Tracking", "Web",
                "Wire", .nio("NIOCore"), .nio("NIOHTTP1"),
            ]),
        houseTests(
            "Traces",
            [
                "Database", "Events", "TestSupport", "Tracking", "Web", "Wire", .httpClient, .nio("NIOCore"),
                .nio("NIOHTTP1"),
            ], resources: [.copy("Fixtures")]),
        houseTests(
            "Webhooks",
            [
                "Database", "Events", "Jobs", "Registry", "TestSupport", "Tracking", "Web", "Wire", .nio("NIOHTTP1"),
            ]),
        houseTests("Events", ["Database", "TestSupport", "Web", "Wire", .nio("NIOHTTP1")]),
        houseTests("Natives", ["TestSupport", "Wire"]),
        houseTests("Telemetry", [.coreMetrics]),
        houseTests("Tables", ["Natives", "TestSupport", "Wire", .nio("NIOPosix")]),
        // Real models, trained once by the Python that set-up installs.
        .target(
            name: "TrainedModels",
            dependencies: [
                "Natives", "Runtimes", "TestSupport", "Wire", .log, .package("Subprocess", "swift-subprocess"),
                .nio("NIOPosix"),
            ],
            path: "Tests/TrainedModels", exclude: ["models.py", "onnx_models.py", "xgboost_models.py"],
            swiftSettings: SwiftSetting.strict),
        houseTests(
            "Runtimes",
            [
                "Natives", "TestSupport", "TrainedModels", "Wire", .nio("NIOCore"), .nio("NIOPosix"),
                .package("Subprocess", "swift-subprocess"), .package("SystemPackage", "swift-system"),
            ], exclude: ["remote_server.py"]),
        houseTests(
            "Predictions",
            [
                "Database", "Events", "Runtimes", "Tables", "TestSupport", "Web", "Wire", .nio("NIOCore"),
                .nio("NIOHTTP1"),
            ], exclude: ["read_parquet.py"]),
        houseTests(
            "Serving",
            [
                "Artifacts", "Blobs", "Database", "Events", "Experiments", "Manifests", "Predictions", "Registry",
                "Runtimes", "Natives", "TestSupport", "Tracking", "TrainedModels", "Web", "Wire", .httpClient, .log,
                .nio("NIOCore"), .nio("NIOHTTP1"), .package("Subprocess", "swift-subprocess"),
            ], exclude: ["Golden"]),
        houseTests(
            "Scoring",
            [
                "Artifacts", "Blobs", "Database", "Events", "Jobs", "Registry", "Runtimes", "Tables", "TestSupport",
                "Tracking", "TrainedModels", "Web", "Wire", .nio("NIOCore"), .nio("NIOHTTP1"),
            ]),
        houseTests(
            "Outbound", ["TestSupport", "Wire", .nio("NIOCore"), .nio("NIOPosix")], exclude: ["smtp_server.py"]),
        houseTests("Profiling", ["Incidents", "Statistics", "Tables", "TestSupport", "Wire"]),
        houseTests(
            "Incidents",
            [
                "Database", "Events", "Jobs", "Manifests", "Outbound", "TestSupport", "Web", "Wire", .httpTypes,
                .nio("NIOHTTP1"),
            ]),
        houseTests(
            "Monitoring",
            [
                "Artifacts", "Blobs", "Database", "Events", "Incidents", "Jobs", "Manifests", "Predictions", "Runtimes",
                "Statistics", "Tables", "Telemetry", "TestSupport", "Tracking", "Web", "Wire", .lifecycle,
                .nio("NIOCore"),
                .nio("NIOHTTP1"),
            ]),
        houseTests(
            "Experiments",
            [
                "Database", "Events", "Manifests", "Predictions", "Runtimes", "Statistics", "TestSupport", "Web",
                "Wire",
            ]),
        houseTests("Manifests", ["Database", "Events", "TestSupport", "Web", "Wire", .nio("NIOHTTP1")]),
        houseTests("Jobs", ["Database", "TestSupport", "Wire", .lifecycle]),
        houseTests("Console", ["TestSupport", "Web", "Wire"]),
        houseTests(
            "Blobs",
            ["TestSupport", "Wire", .httpClient, .nio("NIOCore"), .nio("NIOHTTP1"), .nio("NIOPosix")],
            exclude: ["botocore_signatures.py"]),
        houseTests(
            "Artifacts",
            [
                "Blobs", "Database", "Events", "Natives", "Tables", "TestSupport", "Tracking", "Web", "Wire",
                .httpClient, .nio("NIOCore"),
                .nio("NIOHTTP1"), .nio("NIOPosix"),
            ]),
        // The built program, run as a person runs it.
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "martlet", "TestSupport", "TrainedModels", "Wire", .httpClient, .nio("NIOCore"), .nio("NIOHTTP1"),
                .package("Subprocess", "swift-subprocess"), .package("SystemPackage", "swift-system"),
            ],
            exclude: ["Compatibility"], resources: [.copy("Help")],
            swiftSettings: SwiftSetting.strict),
        // The pages of the built program in a real browser.
        .testTarget(
            name: "BrowserTests",
            dependencies: [
                "martlet", "TestSupport", "TrainedModels", "Web", "Wire", .httpClient, .nio("NIOHTTP1"),
            ],
            swiftSettings: SwiftSetting.strict),
        // Hostile input, and stores that go away, against the built program.
        .testTarget(
            name: "BadInputTests",
            dependencies: [
                "martlet", "Database", "TestSupport", "TrainedModels", "Wire", .httpClient, .nio("NIOCore"),
                .nio("NIOHTTP1"),
                .package("SystemPackage", "swift-system"),
            ],
            exclude: ["Contract"], swiftSettings: SwiftSetting.strict),
        // Real MLflow stores, filled by its client, carried into the built program and compared through the client.
        .testTarget(
            name: "ExchangeTests",
            dependencies: [
                "martlet", "TestSupport", "Web", "Wire", .httpTypes, .package("Subprocess", "swift-subprocess"),
            ],
            exclude: ["Scripts"],
            swiftSettings: SwiftSetting.strict),
        // The unmodified MLflow client against the built program.
        .testTarget(
            name: "ConformanceTests", dependencies: ["martlet", "TestSupport"], exclude: ["Scripts"],
            swiftSettings: SwiftSetting.strict),
        // Random calls, answered alike by servers over databases of both engines.
        .testTarget(
            name: "AgreementTests",
            dependencies: [
                "Artifacts", "Blobs", "Database", "Events", "Registry", "TestSupport", "Traces", "Tracking", "Trash",
                "Web", "Wire", .collections("OrderedCollections"), .httpClient, .nio("NIOCore"), .nio("NIOHTTP1"),
            ], swiftSettings: SwiftSetting.strict),
        // The example, once round the loop, with the server killed half-way.
        .testTarget(
            name: "LoopTests",
            dependencies: ["martlet", "TestSupport", "Wire", .package("SystemPackage", "swift-system")],
            swiftSettings: SwiftSetting.strict),
    ]
}

// MARK: - How a target of the house is built

func house(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: SwiftSetting.strict)
}

func houseTests(
    _ name: String, _ more: [Target.Dependency] = [], exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name)] + more, exclude: exclude, resources: resources,
        swiftSettings: SwiftSetting.strict)
}

extension Target.Dependency {
    static var arguments: Self { .package("ArgumentParser", "swift-argument-parser") }
    static var configuration: Self { .package("Configuration", "swift-configuration") }
    static var coreMetrics: Self { .package("CoreMetrics", "swift-metrics") }
    static var crypto: Self { .package("Crypto", "swift-crypto") }
    static var httpClient: Self { .package("AsyncHTTPClient", "async-http-client") }
    static var httpTypes: Self { .package("HTTPTypes", "swift-http-types") }
    static var hummingbird: Self { .package("Hummingbird", "hummingbird") }
    static var lifecycle: Self { .package("ServiceLifecycle", "swift-service-lifecycle") }
    static var log: Self { .package("Logging", "swift-log") }
    static var yams: Self { .package("Yams", "Yams") }

    static func collections(_ product: String) -> Self { .package(product, "swift-collections") }
    static func nio(_ product: String) -> Self { .package(product, "swift-nio") }
    static func package(_ product: String, _ package: String) -> Self { .product(name: product, package: package) }
}

extension SwiftSetting {
    static var strict: [Self] {
        [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("InternalImportsByDefault"),
        ]
    }
}
