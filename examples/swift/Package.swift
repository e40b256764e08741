// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "classify",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "spikelet", path: "../..")],
  targets: [
    .executableTarget(
      name: "classify",
      dependencies: [.product(name: "SpikeletClassifier", package: "spikelet")])
  ]
)
