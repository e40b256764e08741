/// The comparison of the engine with float golden vectors: how much quantization changes.
package struct FloatComparison: Sendable {
  /// The figures of one layer after the last timestep, over all pictures.
  package struct Layer: Sendable {
    package var name: String
    /// The share of neurons whose spike counts are equal.
    package var equalCountShare: Double
    /// Differences of firing rates, in spikes a timestep.
    package var meanRateError: Double
    package var maximumRateError: Double
  }

  package var layers: [Layer]
  /// The largest difference of a class potential at any timestep, in units of the output's λ.
  package var potentialError: Double
  /// The share of pictures on which both name the same class.
  package var agreement: Double
  package var images: Int
  package var timesteps: Int

  /// The limits that were passed, by name and number.
  package func failures(_ limits: GoldenManifest.Tolerances) -> [String] {
    var failures: [String] = []
    for layer in layers {
      if layer.equalCountShare < limits.equalCountShare {
        failures.append(
          "\(layer.name): equal spike counts \(layer.equalCountShare.fixed(4)), "
            + "needed at least \(limits.equalCountShare)")
      }
      if layer.meanRateError > limits.meanRateError {
        failures.append(
          "\(layer.name): mean rate error \(layer.meanRateError.fixed(5)), "
            + "allowed \(limits.meanRateError)")
      }
      if layer.maximumRateError > limits.maximumRateError {
        failures.append(
          "\(layer.name): largest rate error \(layer.maximumRateError.fixed(4)), "
            + "allowed \(limits.maximumRateError)")
      }
    }
    if potentialError > limits.potentialError {
      failures.append(
        "read-out: potential error \(potentialError.fixed(4)) λ, allowed \(limits.potentialError)")
    }
    if agreement < limits.agreement {
      failures.append(
        "top-1 agreement \(agreement.fixed(4)), needed at least \(limits.agreement)")
    }
    return failures
  }
}

extension FloatComparison {
  /// Float golden vectors: what another implementation computed before quantization.
  package struct Vectors: Sendable {
    /// Spike counts `[image][timestep][channel][row][column]`, by layer name.
    package var counts: [String: NumPyArray]
    /// Potentials `[image][timestep][class]`.
    package var readOut: NumPyArray
  }

  /// Compares the engine with the vectors.
  ///
  /// - Parameters:
  ///   - device: the engine.
  ///   - oneHotThresholds: for each layer whose spikes say which threshold was the last one crossed, the
  ///     number of its thresholds; otherwise 1.
  ///   - outputScale: what one unit of a class potential is worth, in the float network's units.
  ///   - outputLambda: the λ of the output.
  package init(
    _ vectors: Vectors, device: inout some DeviceUnderTest, layerNames: [String],
    oneHotThresholds: [Int], pictures: [[UInt8]], timesteps: Int, outputScale: Double,
    outputLambda: Double
  ) throws {
    var sums = [(equal: Int, total: Int, error: Double, largest: Double)](
      repeating: (0, 0, 0, 0), count: layerNames.count)
    var potentialError = 0.0
    var agreements = 0
    for (image, picture) in pictures.enumerated() {
      device.begin(picture, image: UInt32(image))
      var counts = [[Int]](repeating: [], count: layerNames.count)
      for t in 0..<timesteps {
        let states = try device.step()
        for (layer, state) in states.enumerated() where !state.spikes.isEmpty {
          if t == 0 { counts[layer] = [Int](repeating: 0, count: state.spikes.count) }
          let spikes = state.thermometer(oneHotThresholds: oneHotThresholds[layer])
          for (i, spike) in spikes.enumerated() { counts[layer][i] += Int(spike) }
        }
        for (c, score) in device.scores().enumerated() {
          let exact = vectors.readOut[image, t, c]
          potentialError = max(
            potentialError, abs(Double(score) * outputScale - exact) / outputLambda)
        }
      }
      let exact = (0..<device.scores().count).map { vectors.readOut[image, timesteps - 1, $0] }
      if exact.firstIndex(of: exact.max() ?? 0) == device.prediction() { agreements += 1 }
      for (layer, name) in layerNames.enumerated() {
        guard let golden = vectors.counts[name] else { continue }
        let start = (image * timesteps + timesteps - 1) * counts[layer].count
        for (i, count) in counts[layer].enumerated() {
          let error = abs(Double(count) - golden.values[start + i]) / Double(timesteps)
          sums[layer].total += 1
          sums[layer].equal += error == 0 ? 1 : 0
          sums[layer].error += error
          sums[layer].largest = max(sums[layer].largest, error)
        }
      }
    }
    layers = zip(layerNames, sums).filter { $1.total > 0 }.map { name, sum in
      Layer(
        name: name, equalCountShare: Double(sum.equal) / Double(sum.total),
        meanRateError: sum.error / Double(sum.total), maximumRateError: sum.largest)
    }
    self.potentialError = potentialError
    agreement = Double(agreements) / Double(max(1, pictures.count))
    images = pictures.count
    self.timesteps = timesteps
  }
}

extension LayerState {
  /// The spikes as a float network has them: one for each threshold that was crossed.
  fileprivate func thermometer(oneHotThresholds thresholds: Int) -> [UInt8] {
    guard thresholds > 1 else { return spikes }
    var result = spikes
    let count = spikes.count / thresholds
    for i in (0..<spikes.count - count).reversed() { result[i] |= result[i + count] }
    return result
  }
}

extension NumPyArray {
  /// A value of a three-dimensional array.
  subscript(i: Int, j: Int, k: Int) -> Double { values[(i * shape[1] + j) * shape[2] + k] }
}
