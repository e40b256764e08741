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

let package = Package(
  name: "spikelet",
  platforms: [.macOS(.v26)],
  products: [
    .library(name: "SpikeletRuntime", targets: ["SpikeletRuntime"]),
    .library(
      name: "SpikeletCompiler", targets: ["SpikeletModel", "SpikeletCompiler", "SpikeletReference"]),
    .executable(name: "spikelet", targets: ["spikelet"]),
    .executable(name: "spikelet-board", targets: ["spikelet-board"]),
  ],
  dependencies: [
    // Parses the host tool's command line. The runtime depends on nothing.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    .target(name: "SpikeletRuntime", swiftSettings: runtimeSettings),
    // The C interface. scripts/build-c-library makes the library that C programs link.
    .systemLibrary(name: "CSpikelet", path: "include"),
    .target(
      name: "SpikeletC", dependencies: ["CSpikelet", "SpikeletRuntime"],
      swiftSettings: runtimeSettings),
    .target(name: "SpikeletModel", swiftSettings: hostSettings),
    .target(
      name: "SpikeletDatasets", dependencies: ["SpikeletRuntime"], swiftSettings: hostSettings),
    .target(
      name: "SpikeletCompiler", dependencies: ["SpikeletModel", "SpikeletRuntime"],
      swiftSettings: hostSettings),
    .target(
      name: "SpikeletReference",
      dependencies: ["SpikeletModel", "SpikeletCompiler", "SpikeletRuntime"],
      swiftSettings: hostSettings),
    .target(
      name: "SpikeletHost",
      dependencies: [
        "SpikeletRuntime", "SpikeletModel", "SpikeletCompiler", "SpikeletReference",
        "SpikeletDatasets",
      ],
      swiftSettings: hostSettings),
    .executableTarget(
      name: "spikelet",
      dependencies: [
        "SpikeletRuntime", "SpikeletModel", "SpikeletCompiler", "SpikeletDatasets", "SpikeletHost",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: hostSettings),
    // The executable for boards, held to the rules of the runtime. SDKs/ says how it is built.
    .target(name: "CPlatform"),
    .target(
      name: "SpikeletBoard", dependencies: ["SpikeletRuntime", "CPlatform"],
      swiftSettings: runtimeSettings),
    .executableTarget(name: "spikelet-board", dependencies: ["SpikeletBoard"]),
    .testTarget(
      name: "SpikeletRuntimeTests",
      dependencies: ["SpikeletRuntime", "SpikeletCompiler", "SpikeletModel", "SpikeletReference"]),
    .testTarget(
      name: "SpikeletCTests",
      dependencies: ["SpikeletC", "CSpikelet", "SpikeletHost", "SpikeletRuntime"]),
    .testTarget(
      name: "SpikeletModelTests", dependencies: ["SpikeletModel"],
      exclude: ["make_fixtures.py", "make_threshold_fixtures.py"],
      resources: [.copy("Fixtures")]),
    .testTarget(name: "SpikeletDatasetsTests", dependencies: ["SpikeletDatasets"]),
    .testTarget(
      name: "SpikeletCompilerTests",
      dependencies: ["SpikeletCompiler", "SpikeletModel", "SpikeletReference", "SpikeletRuntime"]),
    .testTarget(
      name: "SpikeletReferenceTests",
      dependencies: ["SpikeletReference", "SpikeletCompiler", "SpikeletRuntime"]),
    .testTarget(
      name: "SpikeletHostTests",
      dependencies: [
        "SpikeletHost", "SpikeletCompiler", "SpikeletModel", "SpikeletReference",
        "SpikeletDatasets", "SpikeletRuntime",
      ]),
  ],
  swiftLanguageModes: [.v6]
)
