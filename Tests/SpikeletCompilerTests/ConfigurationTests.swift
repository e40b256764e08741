import Foundation
import SpikeletCompiler
import SpikeletDeployment
import SpikeletRuntime
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// A configuration says everything that is wrong with it, key by key.
@Suite struct ConfigurationTests {
  private let required = #""name": "n", "network": "n.onnx", "calibration": "n.json""#

  private func problems(_ json: String) -> [String] {
    do {
      _ = try Configuration(text: json, file: "c.json")
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  /// The problems of a configuration that has all required keys and one more member.
  private func problems(with member: String) -> [String] { problems("{\(required), \(member)}") }

  @Test func theRequiredKeysAreEnough() throws {
    let configuration = try Configuration(text: "{\(required)}", file: "c.json")
    var expected = Configuration()
    (expected.name, expected.network, expected.calibration) = ("n", "n.onnx", "n.json")
    #expect(configuration == expected)
  }

  @Test func everyKeyIsRead() throws {
    let json = """
      {\(required), "dataset": "mnist", "output": "logits", "board": "tiny", "readOut": "count", "timesteps": 12,
       "maximumTimesteps": 300,
       "input": {"mode": "poisson", "scale": 2, "mean": [0], "std": [0.5], "seed": 77},
       "conversion": {"percentile": 99, "granularity": "layer", "normalization": "thresholds",
         "initialPotential": "zero", "reset": "hard", "averagePooling": "spiking",
         "maxPooling": "gated",
         "leak": {"rule": "multiply-toward-zero", "shift": 4, "multiplier": 15}},
       "quantization": {"weights": "int4", "membranes": "int32"},
       "exit": {"policy": "margin", "margin": 9, "minimumTimestep": 3},
       "target": "armv7", "firingRates": [0.2, 0.05],
       "budgets": {"maximumArenaBytes": 1000, "maximumModelBytes": 2000,
         "maximumInstructions": 5000, "maximumMicroseconds": 2.5, "load": "worst",
         "arena": "smallest"}}
      """
    let c = try Configuration(text: json, file: "c.json")
    #expect(c.dataset == "mnist")
    #expect((c.output, c.board) == ("logits", "tiny"))
    #expect(c.readOut == .count)
    #expect((c.timesteps, c.maximumTimesteps) == (12, 300))
    #expect(c.input.mode == .poisson)
    #expect((c.input.scale, c.input.mean, c.input.std) == (2, [0], [0.5]))
    #expect(c.input.seed == 77)
    #expect(c.conversion.percentile == 99)
    #expect(c.conversion.granularity == .layer)
    #expect(c.conversion.normalization == .thresholds)
    #expect(c.conversion.initialPotential == .zero)
    #expect(c.conversion.reset == .hard)
    #expect(c.conversion.averagePooling == .spiking)
    #expect(c.conversion.maxPooling == .gated)
    #expect(
      c.conversion.leak == .init(rule: .multiplyTowardZero, multiplier: 15, shift: 4))
    #expect((c.quantization.weightBits, c.quantization.membraneBits) == (4, 32))
    #expect(c.exit.rule == ExitRule(.margin(9), minimumTimestep: 3))
    #expect((c.budgets.maximumArenaBytes, c.budgets.maximumModelBytes) == (1000, 2000))
    #expect(c.budgets.maximumInstructions == 5000 && c.budgets.maximumMicroseconds == 2.5)
    #expect(c.budgets.load == .worst && c.budgets.arena == .smallest)
    #expect(c.target == .armv7 && c.firing == .given([0.2, 0.05]))
  }

  @Test(arguments: [
    (#""timesteps": "8""#, "timesteps: is a string, needed a whole number"),
    (#""timesteps": true"#, "timesteps: is a boolean, needed a whole number"),
    (#""timesteps": 0"#, "timesteps: is 0, needed 1 to 65535"),
    (#""timesteps": 65536"#, "timesteps: is 65536, needed 1 to 65535"),
    (#""dataset": 5"#, "dataset: is a number, needed a string"),
    (#""readOut": "spikes""#, #"readOut: is "spikes", needed one of potential, count"#),
    (#""readOut": null"#, "readOut: is null, needed one of potential, count"),
    (#""input": []"#, "input: is an array, needed an object"),
    (#""input": {"mean": 3}"#, "input.mean: is a number, needed an array of numbers"),
    (#""input": {"std": ["a"]}"#, "input.std: needed an array of numbers"),
    (#""input": {"scale": 0}"#, "input.scale: is 0.0, needed 1e-06 to 1000000.0"),
    (#""input": {"scale": {}}"#, "input.scale: is an object, needed a number"),
    (#""input": {"looks": "twice"}"#, #"input.looks: is "twice", needed one of once, mirrored"#),
    (#""input": {"seed": -1}"#, "input.seed: is -1, needed 0 to 9007199254740992"),
    (
      #""conversion": {"percentile": 89.9}"#,
      "conversion.percentile: is 89.9, needed 90.0 to 100.0"
    ),
    (
      #""conversion": {"reset": "none"}"#,
      #"conversion.reset: is "none", needed one of soft, hard"#
    ),
    (
      #""conversion": {"leak": {"rule": "shift", "shift": 16}}"#,
      "conversion.leak.shift: is 16, needed 1 to 15"
    ),
    (
      #""quantization": {"weights": "int17"}"#,
      #"quantization.weights: is "int17", needed one of int2, int3, int4, int5, int6, int7, int8, "#
        + "int9, int10, int11, int12, int13, int14, int15, int16"
    ),
    (
      #""budgets": {"maximumArenaBytes": 0}"#,
      "budgets.maximumArenaBytes: is 0, needed 1 to 2147483647"
    ),
    (
      #""budgets": {"maximumInstructions": 0.5}"#,
      "budgets.maximumInstructions: is a number, needed a whole number"
    ),
    (
      #""budgets": {"maximumMicroseconds": 0}"#,
      "budgets.maximumMicroseconds: is 0.0, needed 0.001 to 1000000000000.0"
    ),
    (
      #""budgets": {"load": "mean"}"#,
      #"budgets.load: is "mean", needed one of typical, rare, worst"#
    ),
    (
      #""budgets": {"arena": "tiny"}"#,
      #"budgets.arena: is "tiny", needed one of balanced, smallest, fastest"#
    ),
    (#""target": "riscv""#, #"target: is "riscv", needed one of aarch64, armv7, x86-64"#),
    (
      #""firingRates": 1.5"#,
      "firingRates: is a number, needed a rate of 0 to 1, several, or the name of a file; "
        + "name a file, and make it with `spikelet calibrate`"
    ),
    (
      #""firingRates": [0.1, -1]"#,
      "firingRates: needed rates of 0 to 1, spikes a neuron and timestep"
    ),
    (
      #""exit": {"policy": "margin"}"#,
      "exit.margin: is missing"
    ),
    (
      #""exit": {"policy": "count", "count": 3, "minimumTimestep": 9}"#,
      "exit.minimumTimestep: is 9, needed at most timesteps, 8"
    ),
    (
      #""exit": {"policy": "count", "count": -3}"#,
      "exit.count: is -3, needed 1 to 2147483647"
    ),
    (
      #""exit": {"policy": "stable", "stable": 9}"#,
      "exit.stable: is 9, needed at most timesteps, 8"
    ),
    (
      #""exit": {"policy": "stable", "stable": 2, "margin": 3}"#,
      "exit.margin: is an unknown key; known here: minimumMargin, minimumTimestep, policy, stable"
    ),
    (
      #""exit": {"policy": "margin-per-step"}"#,
      "exit.margins: is missing or empty, needed one margin a timestep"
    ),
    (
      #""exit": {"policy": "margin-per-step", "margins": [3, null, 0]}"#,
      "exit.margins[2]: needed a whole number, 1 to 2147483646, or null"
    ),
    (
      #""exit": {"policy": "margin-per-step", "margins": 3}"#,
      "exit.margins: is a number, needed an array of whole numbers"
    ),
    (
      #""exit": {"policy": "calibrated"}"#,
      "exit.calibration: is missing"
    ),
    (
      #""exit": {"policy": "calibrated", "calibration": "x", "maximumAccuracyLoss": 0.7}"#,
      "exit.maximumAccuracyLoss: is 0.7, needed 1e-06 to 0.5"
    ),
    (
      #""exit": {"policy": "calibrated", "calibration": "x", "criterion": "none"}"#,
      "exit.criterion: is \"none\", needed one of count, margin, stable, margin-per-step"
    ),
    (
      #""timesteps": 9, "maximumTimesteps": 5"#,
      "maximumTimesteps: is 5, needed at least timesteps, 9"
    ),
    (
      #""quantization": {"bits": 8}"#,
      "quantization.bits: is an unknown key; known here: membranes, weights"
    ),
  ])
  func aWrongValueIsNamedWithWhatIsNeeded(member: String, message: String) {
    #expect(
      problems(with: member).contains(message), "\(problems(with: member))")
  }

  @Test func anUnknownKeyComesWithTheKnownOnes() {
    #expect(
      problems(with: #""timestep": 8"#) == [
        "timestep: is an unknown key; known here: budgets, calibration, classNames, comment, "
          + "conversion, dataset, exit, firingRates, input, maximumTimesteps, name, network, nir, "
          + "quantization, readOut, target, timesteps"
      ])
  }

  @Test func allProblemsAreReportedAtOnce() throws {
    let json = #"{"name": 1, "calibration": "c", "timesteps": -1, "exit": {"polcy": "none"}}"#
    let error = #expect(throws: Diagnostics.self) {
      try Configuration(text: json, file: "c.json")
    }
    #expect(
      error?.description == """
        c.json: not a usable configuration (4 problems)
          name: is a number, needed a string
          network: is missing
          timesteps: is -1, needed 1 to 65535
          exit.polcy: is an unknown key; known here: policy
        """)
  }

  @Test(arguments: ["", "{", "not json", "{\"name\": }", "\u{0}"])
  func whatIsNotJSONIsNoConfiguration(text: String) {
    let error = #expect(throws: Diagnostics.self) {
      try Configuration(text: text, file: "c.json")
    }
    #expect(error?.subject == "c.json: not a configuration")
    #expect(error?.problems.first?.reason.hasPrefix("is not valid JSON: ") == true)
  }

  @Test func aDocumentThatIsNoObjectIsNamed() {
    #expect(problems("[1]").first == "document: is an array, needed an object")
  }

  @Test func aMissingFileIsNamed() {
    let url = FileManager.default.temporaryDirectory.appending(path: "no-such-config.json")
    let error = #expect(throws: Diagnostics.self) { try Configuration(contentsOf: url) }
    #expect(
      error?.description
        == "\(url.path): cannot be read\n  file: there is no such file or folder")
  }

  @Test func moreTimestepsRaiseTheMaximum() throws {
    let json = #"{\#(required), "timesteps": 400}"#
    #expect(try Configuration(text: json, file: "c").maximumTimesteps == 400)
  }
}
