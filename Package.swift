// swift-tools-version: 6.2
import PackageDescription

/// The runtime is held to more than the host code: see docs/runtime-rules.md.
let runtimeSettings: [SwiftSetting] = [
  .enableExperimentalFeature("Lifetimes"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let hostSettings: [SwiftSetting] = [
  .treatAllWarnings(as: .error)
]

/// A module of the host: `docs/architecture.md` has the graph, and a test holds every import to it.
func host(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: hostSettings)
}

/// The tests of a module, with what they build their inputs from.
///
/// What they test is optimized, they are not: that would take as long as to compile everything else.
func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [],
  resources: [Resource]? = nil
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, exclude: exclude,
    resources: resources, swiftSettings: [.unsafeFlags(["-Onone"], .when(configuration: .release))])
}

let package = Package(
  name: "spikelet",
  platforms: [.macOS(.v26)],
  products: [
    .library(name: "SpikeletRuntime", targets: ["SpikeletRuntime"]),
    .library(name: "SpikeletClassifier", targets: ["SpikeletClassifier", "SpikeletRuntime"]),
    .library(
      name: "SpikeletCompiler",
      targets: [
        "SpikeletNetwork", "SpikeletImport", "SpikeletCompiler", "SpikeletDeployment",
        "SpikeletReference",
      ]),
    .executable(name: "spikelet", targets: ["spikelet"]),
    .executable(name: "spikelet-board", targets: ["spikelet-board"]),
  ],
  dependencies: [
    // Parses the host tool's command line. The runtime depends on no package.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    // The engine, its C interface and the executable for boards. SDKs/ says how that is built.
    .target(
      name: "SpikeletRuntime", dependencies: ["CVectorPairs"], swiftSettings: runtimeSettings),
    // A header: instructions of x86-64 that Swift has no name for.
    .systemLibrary(name: "CVectorPairs"),
    .systemLibrary(name: "CSpikelet", path: "include"),
    .target(
      name: "SpikeletC", dependencies: ["CSpikelet", "SpikeletRuntime"],
      swiftSettings: runtimeSettings),
    .target(name: "CBoardPlatform"),
    // Threads that run the parts of a layer side by side, for hosts and boards.
    .target(name: "CThreadTeam"),
    .target(
      name: "SpikeletBoard", dependencies: ["SpikeletRuntime", "CBoardPlatform", "CThreadTeam"],
      swiftSettings: runtimeSettings),
    .executableTarget(name: "spikelet-board", dependencies: ["SpikeletBoard"]),

    // The host, from the file of a network to what is told of a model.
    host("SpikeletSupport", []),
    host("SpikeletClassifier", ["CThreadTeam", "SpikeletRuntime", "SpikeletSupport"]),
    host("SpikeletNetwork", ["SpikeletSupport"]),
    host("SpikeletImport", ["SpikeletHDF5", "SpikeletNetwork", "SpikeletSupport"]),
    host(
      "SpikeletCompiler",
      ["SpikeletNetwork", "SpikeletRuntime", "SpikeletSupport"]),
    host(
      "SpikeletDeployment",
      ["SpikeletCompiler", "SpikeletImport", "SpikeletNetwork", "SpikeletSupport"]),
    host("SpikeletReference", []),
    host(
      "SpikeletSimulation",
      ["SpikeletCompiler", "SpikeletNetwork", "SpikeletReference", "SpikeletSupport"]),
    host("SpikeletDatasets", ["SpikeletRuntime", "SpikeletSupport"]),
    host("SpikeletHDF5", ["SpikeletDatasets", "SpikeletSupport"]),
    host(
      "SpikeletEvents",
      ["SpikeletDatasets", "SpikeletNetwork", "SpikeletRuntime", "SpikeletSupport"]),
    host(
      "SpikeletEvaluation",
      [
        "SpikeletClassifier", "SpikeletCompiler", "SpikeletDatasets", "SpikeletDeployment",
        "SpikeletNetwork", "SpikeletReference", "SpikeletRuntime", "SpikeletSimulation",
        "SpikeletSupport",
      ]),
    host(
      "SpikeletReport",
      [
        "SpikeletClassifier", "SpikeletCompiler", "SpikeletEvaluation", "SpikeletNetwork",
        "SpikeletSupport",
      ]),
    .executableTarget(
      name: "spikelet",
      dependencies: [
        "SpikeletClassifier", "SpikeletCompiler", "SpikeletDatasets", "SpikeletDeployment",
        "SpikeletEvaluation", "SpikeletEvents", "SpikeletNetwork", "SpikeletReport",
        "SpikeletRuntime", "SpikeletSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: hostSettings),

    // What several test targets build their inputs from.
    .target(
      name: "SpikeletTestSupport",
      dependencies: [
        "SpikeletCompiler", "SpikeletDatasets", "SpikeletDeployment", "SpikeletEvaluation",
        "SpikeletNetwork", "SpikeletRuntime", "SpikeletSupport",
      ],
      path: "Tests/SpikeletTestSupport"),
    tests("SpikeletSupport", []),
    tests("SpikeletNetwork", ["SpikeletSupport", "SpikeletTestSupport"]),
    tests(
      "SpikeletImport",
      [
        "SpikeletCompiler", "SpikeletHDF5", "SpikeletNetwork", "SpikeletRuntime",
        "SpikeletSimulation", "SpikeletSupport", "SpikeletTestSupport",
      ],
      exclude: [
        "make_fixtures.py", "make_form_fixtures.py", "make_nir_fixtures.py", "nir_rules.py",
        "make_threshold_fixtures.py",
      ],
      resources: [.copy("Fixtures"), .copy("NIRFixtures")]),
    tests(
      "SpikeletCompiler",
      [
        "SpikeletDeployment", "SpikeletImport", "SpikeletNetwork", "SpikeletReference",
        "SpikeletRuntime", "SpikeletSimulation", "SpikeletSupport", "SpikeletTestSupport",
      ]),
    tests(
      "SpikeletDeployment",
      [
        "SpikeletCompiler", "SpikeletNetwork", "SpikeletRuntime", "SpikeletSupport",
        "SpikeletTestSupport",
      ]),
    tests(
      "SpikeletRuntime",
      [
        "SpikeletCompiler", "SpikeletNetwork", "SpikeletReference", "SpikeletSimulation",
        "SpikeletSupport", "SpikeletTestSupport",
      ]),
    tests(
      "SpikeletClassifier", ["SpikeletEvaluation", "SpikeletRuntime", "SpikeletTestSupport"]),
    tests(
      "SpikeletC", ["CSpikelet", "SpikeletClassifier", "SpikeletEvaluation", "SpikeletRuntime"]),
    tests(
      "SpikeletReference",
      [
        "SpikeletClassifier", "SpikeletCompiler", "SpikeletRuntime", "SpikeletSimulation",
        "SpikeletTestSupport",
      ]),
    tests(
      "SpikeletSimulation",
      [
        "SpikeletCompiler", "SpikeletNetwork", "SpikeletReference", "SpikeletSupport",
        "SpikeletTestSupport",
      ]),
    tests("SpikeletDatasets", ["SpikeletSupport"]),
    tests(
      "SpikeletHDF5", ["SpikeletSupport"], exclude: ["make_hdf5_fixtures.py"],
      resources: [.copy("Fixtures")]),
    tests(
      "SpikeletEvents",
      ["SpikeletDatasets", "SpikeletNetwork", "SpikeletRuntime", "SpikeletSupport"]),
    tests(
      "SpikeletEvaluation",
      [
        "SpikeletClassifier", "SpikeletCompiler", "SpikeletDatasets", "SpikeletDeployment",
        "SpikeletReference", "SpikeletReport", "SpikeletRuntime", "SpikeletSimulation",
        "SpikeletSupport",
        "SpikeletTestSupport",
      ]),
    tests(
      "SpikeletReport",
      [
        "SpikeletClassifier", "SpikeletCompiler", "SpikeletDatasets", "SpikeletDeployment",
        "SpikeletEvaluation", "SpikeletNetwork", "SpikeletRuntime", "SpikeletSimulation",
        "SpikeletSupport", "SpikeletTestSupport",
      ]),
    tests(
      "spikelet",
      [
        "SpikeletClassifier", "SpikeletCompiler", "SpikeletDatasets", "SpikeletEvaluation",
        "SpikeletRuntime",
        "SpikeletSupport", "SpikeletTestSupport",
      ]),
  ],
  swiftLanguageModes: [.v6]
)

// To look at the tests of some modules with a sanitizer, the rest need not be built
// (`scripts/sanitize`).
if let names = Context.environment["SPIKELET_TESTS"] {
  let kept = Set(names.split(separator: " ").map { "\($0)Tests" })
  package.targets.removeAll {
    $0.type == .executable || $0.type == .test && !kept.contains($0.name)
  }
  package.products.removeAll()
  package.dependencies.removeAll()
}
