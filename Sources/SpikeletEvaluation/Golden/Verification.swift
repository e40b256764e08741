import SpikeletClassifier
import SpikeletRuntime

/// The exact comparison of a device with integer golden vectors.
package struct Verification: Sendable {
  package let vectors: IntegerVectors
  package let model: ModelFile
  /// The pictures, one after the other.
  package let pictures: [[UInt8]]

  package init(vectors: IntegerVectors, model: ModelFile, pictures: [[UInt8]]) {
    self.vectors = vectors
    self.model = model
    self.pictures = pictures
  }

  /// The first place where a device differs from the vectors.
  package struct Divergence: Sendable, Equatable, CustomStringConvertible {
    package var image: Int
    package var timestep: Int
    package var layer: Int
    package var layerName: String
    /// The first neuron that differs from the interpreter; nil where the interpreter differs from
    /// the vectors too, so that there is nothing to compare neuron by neuron.
    package var neuron: Neuron?
    package var expectedDigest: UInt64
    package var actualDigest: UInt64

    package struct Neuron: Sendable, Equatable {
      package var channel: Int
      package var row: Int
      package var column: Int
      /// "potential" or "spike".
      package var quantity: String
      package var expected: Int
      package var actual: Int
    }

    package var description: String {
      let location = "image \(image), timestep \(timestep), layer \(layer) (\(layerName))"
      guard let neuron else {
        return """
          first divergence: \(location): digest \(actualDigest.hexDigits), \
          expected \(expectedDigest.hexDigits)
          the interpreter does not match the vectors either: \
          they belong to another model or other pictures
          """
      }
      return """
        first divergence: \(location), channel \(neuron.channel), row \(neuron.row), \
        column \(neuron.column): \(neuron.quantity) \(neuron.actual), expected \(neuron.expected)
        """
    }
  }

  /// What was compared, and what went wrong first.
  package struct Outcome: Sendable {
    package var digests = 0
    package var images = 0
    package var divergence: Divergence?
    /// Scores or predictions that differ although every digest agrees.
    package var readOutProblem: String?

    package var isExact: Bool { divergence == nil && readOutProblem == nil }
  }

  /// Runs every picture on a device and stops at the first difference.
  package func compare(_ device: inout some DeviceUnderTest) throws -> Outcome {
    var outcome = Outcome()
    for (index, golden) in vectors.images.enumerated() {
      device.begin(pictures[index], image: UInt32(index))
      for t in 1...vectors.timesteps {
        let states = try device.step()
        for (layer, state) in states.enumerated() {
          let expected = golden.digests[t - 1][layer]
          guard state.digest == expected else {
            outcome.divergence = locate(
              image: index, timestep: t, layer: layer, state: state, expected: expected)
            return outcome
          }
          outcome.digests += 1
        }
      }
      if device.scores() != golden.scores {
        outcome.readOutProblem =
          "image \(index): scores \(device.scores()), expected \(golden.scores)"
        return outcome
      }
      outcome.images += 1
    }
    return outcome
  }

  /// Finds the first neuron that differs, with the interpreter as the judge.
  private func locate(
    image: Int, timestep: Int, layer: Int, state: LayerState, expected: UInt64
  ) -> Divergence {
    var divergence = Divergence(
      image: image, timestep: timestep, layer: layer, layerName: vectors.layers[layer].name,
      neuron: nil, expectedDigest: expected, actualDigest: state.digest)
    var judge = InterpreterDevice(model)
    judge.begin(pictures[image], image: UInt32(image))
    var truth: LayerState?
    for _ in 1...timestep { truth = judge.step()[layer] }
    guard let truth, truth.digest == expected else { return divergence }
    let record = model.withModel { $0.layer(layer) }
    let plane = Int(record.height) * Int(record.width)
    func neuron(_ i: Int, _ quantity: String, _ expected: Int, _ actual: Int) -> Divergence.Neuron {
      Divergence.Neuron(
        channel: i / plane, row: i % plane / Int(record.width), column: i % Int(record.width),
        quantity: quantity, expected: expected, actual: actual)
    }
    let potential = zip(truth.potentials, state.potentials).enumerated().first { $1.0 != $1.1 }
    let spike = zip(truth.spikes, state.spikes).enumerated().first { $1.0 != $1.1 }
    if let (i, pair) = potential, i <= spike?.offset ?? i {
      divergence.neuron = neuron(i, "potential", Int(pair.0), Int(pair.1))
    } else if let (i, pair) = spike {
      divergence.neuron = neuron(i, "spike", Int(pair.0), Int(pair.1))
    }
    return divergence
  }

  /// Checks that the engine's own early exit ends where the vectors say, with their prediction.
  package func compareExits() throws -> String? {
    for (index, golden) in vectors.images.enumerated() {
      let arena = Arena(byteCount: Int(model.header.arenaBytes), fill: 0x5A)
      let (file, picture) = (model.bytes, pictures[index])
      let result = try arena.withBytes { bytes throws(SpikeletError) -> Decision in
        let opened = try Model(file.span.bytes)
        var engine = try Engine(model: opened, arena: bytes)
        return try engine.run(
          input: picture.span, stream: index, timesteps: vectors.timesteps)
      }
      guard result.prediction == golden.prediction, result.timesteps == golden.exit else {
        return "image \(index): class \(result.prediction) at timestep \(result.timesteps), "
          + "expected class \(golden.prediction) at timestep \(golden.exit)"
      }
      guard arena.isGuardIntact else { return "image \(index): bytes outside the arena changed" }
    }
    return nil
  }
}
