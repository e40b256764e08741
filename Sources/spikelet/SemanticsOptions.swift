import ArgumentParser
import Foundation
import SpikeletCompiler
import SpikeletDeployment
import SpikeletNetwork
import SpikeletSupport

/// How a graph of NIR is read, by hand: a profile and single switches of it.
struct SemanticsOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How a graph of NIR is read: \(NeuronSemantics.profiles.joined(separator: ", ")).",
      valueName: "name"))
  var nirProfile: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      """
      One answer to what a graph of NIR leaves open, such as reset=subtract; may be repeated \
      (docs/nir.md). Keys: \(NeuronSemantics.keys.joined(separator: ", ")).
      """, valueName: "key=value"))
  var semantics: [String] = []

  /// Whether anything was given.
  var isEmpty: Bool { nirProfile == nil && semantics.isEmpty }

  /// The options again, for commands that are shown.
  var text: String {
    (nirProfile.map { " --nir-profile \($0)" } ?? "")
      + semantics.map { " --semantics \($0)" }.joined()
  }

  /// Changes a configuration as the options say. A profile replaces all of its own `nir`.
  ///
  /// - Throws: everything that is wrong with the options.
  func apply(to deployment: inout Deployment) throws(Diagnostics) {
    guard !isEmpty else { return }
    var problems: [Problem] = []
    var result = deployment.configuration.nir ?? NeuronSemantics()
    if let nirProfile {
      if let profile = NeuronSemantics(profile: nirProfile) {
        result = profile
      } else {
        let known = NeuronSemantics.profiles.joined(separator: ", ")
        problems.append(
          .init("--nir-profile", "is \"\(nirProfile)\", needed one of \(known)"))
      }
    }
    let pairs = semantics.map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
    // `reset` sets `ifReset` as well, whatever the order in which they were given.
    for pair in pairs.sorted(by: { $0.first != "ifReset" && $1.first == "ifReset" }) {
      guard pair.count == 2 else {
        problems.append(
          .init("--semantics", "is \"\(pair.joined())\", needed key=value"))
        continue
      }
      if let wrong = result.set(pair[0], pair[1]) {
        problems.append(.init("--semantics \(pair[0])", wrong))
      }
    }
    guard problems.isEmpty else { throw Diagnostics("the options cannot be used", problems) }
    deployment.configuration.nir = result
  }

  /// Refuses the options for a model file, which was built already.
  func require(in model: String) throws(Diagnostics) {
    guard !isEmpty, !Deployment.isConfiguration(URL(filePath: model)) else { return }
    throw Diagnostics(
      "\(model): is built already",
      [
        .init(
          nirProfile == nil ? "--semantics" : "--nir-profile",
          "changes how a graph of NIR is built", advice: "give the graph or its configuration")
      ])
  }
}
