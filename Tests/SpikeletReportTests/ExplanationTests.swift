import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletEvaluation
import SpikeletReport
import SpikeletRuntime
import SpikeletSimulation
import SpikeletSupport
import Testing

/// The explanation of a plan names every connection and its kernels, and its estimates are in order.
@Suite struct ExplanationTests {
  private func files(_ seeds: Range<UInt64>) -> [ModelFile] {
    seeds.compactMap { seed in
      guard let bytes = try? RandomNetwork(seed: seed).compile() else { return nil }
      return try? ModelFile(bytes: bytes, name: "random")
    }
  }

  private func explanation(
    _ file: ModelFile, _ rates: FiringRates = .assumed, _ target: CostTarget = .aarch64,
    limit: Int? = nil
  ) -> KernelExplanation {
    file.withModel { model in
      KernelExplanation(
        model, bytes: file.bytes, name: file.name,
        names: (0..<model.layerCount).map(file.layerName), rates: rates, target: target,
        arenaLimit: limit)
    }
  }

  @Test func everyConnectionHasItsKernelsTheOneTakenFirst() {
    let files = files(8000..<8060)
    #expect(files.count > 40)
    for file in files {
      let explanation = explanation(file)
      let plan = ModelPlan(file)
      let kernels = plan.steps.filter { !$0.kind.hasPrefix("max pool") }
        .flatMap { step in step.connections.compactMap(\.kernel) }
      #expect(explanation.connections.count == kernels.count)
      #expect(explanation.arenaBytes == plan.summary.arenaBytes)
      for (connection, kernel) in zip(explanation.connections, kernels) {
        let taken = connection.options.filter(\.isTaken)
        #expect(taken.count == 1 && connection.options[0].isTaken)
        // The plan names a kernel as Swift does: pictureBlocks.
        #expect(taken[0].kernel.replacing(" ", with: "") == kernel.lowercased())
        #expect(connection.options.allSatisfy { !$0.reason.isEmpty && $0.instructions >= 0 })
        let others = connection.options.dropFirst().map(\.instructions)
        #expect(others == others.sorted())
      }
    }
  }

  @Test func whateverANetworkDoesHasAPrice() {
    var unknown: Set<String> = []
    for file in files(8000..<8300) {
      for target in CostTarget.allCases {
        let table = CostTable.measured(target)
        let (picture, timestep) = explanation(file, .assumed, target).features
        for feature in Array(picture.counts.keys) + Array(timestep.counts.keys)
        where table.price(of: feature) == nil {
          unknown.insert(feature.name)
        }
      }
    }
    #expect(unknown.sorted() == [])
  }

  @Test func linesHaveAtMostAHundredColumns() {
    for (index, file) in files(8000..<8060).enumerated() {
      let target = CostTarget.allCases[index % 3]
      for line in explanation(file, .given([0.5, 0.01]), target, limit: 1).report.split(
        separator: "\n")
      {
        #expect(line.count <= 100, "\(line)")
      }
    }
  }

  @Test func moreSpikesAreNeverCheaper() {
    for file in files(8000..<8060) {
      let steps = [0, 0.02, 0.1, 0.5, 1].map { explanation(file, .given([$0])) }
      for (fewer, more) in zip(steps, steps.dropFirst()) {
        #expect(fewer.typical.total <= more.typical.total * (1 + 1e-9))
        #expect(more.typical.total <= more.worst.total * (1 + 1e-9))
        #expect(more.atHalf.total <= more.typical.total * (1 + 1e-9))
      }
      let all = steps[4]
      #expect(abs(all.typical.total - all.worst.total) <= 1e-6 * all.worst.total)
    }
  }

  @Test func whatIsCountedIsWhatTheEngineAdds() throws {
    var compared = 0
    for file in files(8000..<8120) {
      let (inputs, mode) = file.withModel {
        (($0.inputChannels, $0.inputHeight, $0.inputWidth), $0.inputMode)
      }
      guard mode != .events, file.header.maximumTimesteps > 1 else { continue }
      let pictures = Dataset.drawn(
        channels: inputs.0, height: inputs.1, width: inputs.2, count: 3)
      let measurement = try FiringProbe(file).measure(
        pictures, networkDigest: "", name: "drawn", jobs: 1)
      #expect(measurement.pictures == 3 && measurement.maps[0].name == "input")
      let shape = file.withModel { FiringShape($0) }
      #expect(measurement.fits(shape))
      // The mean of a run is the mean of its parts, and no map has more spikes than neurons.
      for map in measurement.maps where map.neurons > 0 {
        #expect(map.spikes.maximum <= Double(map.neurons))
      }
      let worst = explanation(file, .measured(measurement))
      #expect(worst.typical.total <= worst.worst.total * (1 + 1e-9))
      #expect((worst.rare?.timestep ?? 0) <= worst.worst.timestep * (1 + 1e-9))
      compared += 1
    }
    #expect(compared > 20)
  }

  @Test func whatIsReachedIsWhatTheEngineAdds() throws {
    var compared = 0
    for file in files(8000..<8300) {
      let header = file.header
      let isSimple = file.withModel { model in
        model.inputMode != .events
          && (0..<Int(header.connectionCount)).allSatisfy { number in
            let c = model.connection(number)
            return c.poolHeight == 1 && c.poolWidth == 1 && c.poolStrideHeight == 1
              && c.poolStrideWidth == 1 && c.window.groups <= 1
          }
      }
      guard isSimple, header.maximumTimesteps > 1, header.exitKind == 0 else { continue }
      let picture = Dataset.drawn(
        channels: Int(header.inputChannels), height: Int(header.inputHeight),
        width: Int(header.inputWidth), count: 1)
      let measurement = try FiringProbe(file).measure(
        picture, networkDigest: "", name: "drawn", jobs: 1)
      let profile = try Profile.measure(file, dataset: picture, input: "drawn")
      let timesteps = measurement.timesteps.mean
      var number = 0
      for (index, layer) in profile.layers.enumerated() {
        let expected: Double = file.withModel { model in
          let record = model.layer(index)
          return (0..<Int(record.connectionCount)).reduce(0) { sum, _ in
            defer { number += 1 }
            let c = model.connection(number)
            if model.isMaxPool(index) { return sum }
            if c.source == 0, model.inputMode == .direct { return sum }
            let activity = measurement.connections[number].values
            let isSingle = c.kind == ConnectionKind.channelwise.rawValue
            let channels = isSingle ? 1 : Double(record.channels)
            return sum + (activity[.reached] ?? 0) * channels * timesteps
          }
        }
        #expect(abs(expected - Double(layer.synapticOperations)) < 0.5, "\(layer.name)")
        compared += expected > 0 ? 1 : 0
      }
    }
    #expect(compared > 20)
  }
}
