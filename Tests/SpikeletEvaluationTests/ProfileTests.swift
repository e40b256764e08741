import SpikeletClassifier
import SpikeletDatasets
import SpikeletEvaluation
import SpikeletSimulation
import SpikeletSupport
import Testing

/// A profile counts what an evaluation counts, layer by layer.
@Suite struct ProfileTests {
  private func sample(_ seed: UInt64) throws -> (ModelFile, Dataset)? {
    guard let bytes = try? RandomNetwork(seed: seed).compile() else { return nil }
    let file = try ModelFile(bytes: bytes, name: "random")
    let (c, h, w, classes) = file.withModel {
      ($0.inputChannels, $0.inputHeight, $0.inputWidth, $0.classCount)
    }
    guard file.withModel({ $0.inputMode != .events }) else { return nil }
    var random = SeededRandom(seed: seed)
    return (
      file,
      try Dataset(
        name: "noise", split: .test, channels: c, height: h, width: w,
        images: (0..<6 * c * h * w).map { _ in UInt8(random.pick(0...255)) },
        labels: [UInt16](repeating: 0, count: 6), classNames: (0..<classes).map(String.init))
    )
  }

  @Test func itCountsWhatOtherMeasurementsCount() throws {
    var tried = 0
    for seed: UInt64 in 7400..<7430 {
      guard let (file, dataset) = try sample(seed) else { continue }
      tried += 1
      let steps = file.withModel { $0.timesteps }
      let profile = try Profile.measure(file, dataset: dataset, input: "noise", repetitions: 2)
      let evaluation = try Evaluation(model: file, dataset: dataset).run()
      let operations = evaluation.outcomes.reduce(UInt64(0)) { $0 + $1.synapticOperations }
      #expect(profile.layers.reduce(UInt64(0)) { $0 + $1.synapticOperations } == operations)
      let rates = try SpikeRates.measure(file, dataset: dataset, timesteps: steps, jobs: 1)
      let spikes = rates.layers.reduce(0) { $0 + $1.spikes }
      #expect(profile.layers.reduce(0) { $0 + $1.spikes } == spikes)
      #expect(profile.inferences.count == 6 * 2 - 1 && profile.timesteps == 6 * steps)
      #expect(profile.meanTimesteps == evaluation.meanTimesteps)
      #expect(profile.layers.allSatisfy { !$0.kernels.isEmpty })
    }
    #expect(tried > 15)
  }

  @Test func quantilesAreThoseOfTheTimes() throws {
    let (file, dataset) = try #require(try sample(7400) ?? sample(7401) ?? sample(7402))
    let profile = try Profile.measure(file, dataset: dataset, input: "noise", repetitions: 20)
    #expect(profile.inferences == profile.inferences.sorted())
    #expect(profile.quantile(0) == profile.inferences.first)
    #expect(profile.quantile(1) == profile.inferences.last)
    #expect(profile.quantile(0.5) == profile.inferences[(profile.inferences.count + 1) / 2 - 1])
    #expect(profile.quantile(0.5) <= profile.quantile(0.99))
  }

  @Test func picturesOfAnotherShapeAreRefused() throws {
    let (file, dataset) = try #require(try sample(7400) ?? sample(7401) ?? sample(7402))
    let wrong = try Dataset(
      name: "noise", split: .test, channels: dataset.channels, height: dataset.height + 1,
      width: dataset.width,
      images: [UInt8](repeating: 0, count: dataset.channels * (dataset.height + 1) * dataset.width),
      labels: [0], classNames: dataset.classNames)
    #expect(throws: (any Error).self) {
      try Profile.measure(file, dataset: wrong, input: "noise")
    }
  }
}
