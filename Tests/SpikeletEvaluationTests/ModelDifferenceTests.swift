import SpikeletClassifier
import SpikeletCompiler
import SpikeletEvaluation
import SpikeletNetwork
import SpikeletReport
import SpikeletRuntime
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Every change of a model is named, and nothing else.
@Suite struct ModelDifferenceTests {
  private func file(_ bytes: [UInt8], _ name: String = "a") throws -> ModelFile {
    try ModelFile(bytes: bytes, name: name)
  }

  @Test func equalModelsAreEqual() throws {
    let model = try file(SmallModels.zoo())
    let difference = ModelDifference(model, try file(SmallModels.zoo(), "b"))
    #expect(difference.isSameFile && difference.layers.isEmpty && difference.model.isEmpty)
    #expect(difference.text == "a and b are equal, byte for byte")
    #expect(difference.json["equal"] == .boolean(true))
  }

  @Test func changedWeightsAreCounted() throws {
    func model(_ weight: Double) throws -> ModelFile {
      let input = Shape(channels: 1, height: 2, width: 2)
      return try file(
        SmallModels.compile(
          [
            .init(
              name: "hidden", shape: Shape(channels: 3),
              connections: [
                SmallModels.dense(0, input, outputs: 3) {
                  $0 == 4 ? weight : SmallModels.pattern($0)
                }
              ], kind: SmallModels.neurons(3, threshold: 300)),
            .init(
              name: "output", shape: Shape(channels: 2),
              connections: [
                SmallModels.dense(
                  1, Shape(channels: 3), outputs: 2, weight: SmallModels.pattern)
              ], kind: SmallModels.neurons(2, threshold: nil)),
          ], input: input))
    }
    // Another weight of the second neuron is as large as 0.8, so that the scale stays.
    let difference = ModelDifference(try model(0.8), try model(0.4))
    #expect(!difference.isSameFile)
    #expect(difference.added.isEmpty && difference.removed.isEmpty && !difference.isReordered)
    let layer = try #require(difference.layers.first)
    #expect(difference.layers.count == 1 && layer.name == "hidden")
    let weights = try #require(layer.values.first { $0.what == "weights" })
    #expect((weights.count, weights.differing) == (12, 1))
    #expect((60...67).contains(weights.largest))
    #expect(!layer.values.contains { $0.what == "thresholds" })
    #expect(difference.text.contains("hidden"))
  }

  /// The same weights for another kernel lie in another order, and are the same weights.
  @Test func anotherKernelChangesNoWeight() throws {
    func model(_ kernels: KernelPolicy) throws -> ModelFile {
      let input = Shape(channels: 1, height: 6, width: 6)
      let map = Shape(channels: 16, height: 6, width: 6)
      return try file(
        SmallModels.compile(
          [
            .init(
              name: "hidden", shape: map,
              connections: [
                .init(
                  source: 0, pool: nil, pooledShape: input,
                  synapses: .convolution(
                    window: Window(
                      kernelHeight: 3, kernelWidth: 3,
                      padding: .init(top: 1, left: 1, bottom: 1, right: 1)), groups: 1,
                    weights: (0..<144).map(SmallModels.pattern)))
              ], kind: SmallModels.neurons(16, threshold: 200)),
            .init(
              name: "output", shape: Shape(channels: 16),
              connections: [
                SmallModels.dense(1, map, outputs: 16, weight: SmallModels.pattern)
              ], kind: SmallModels.neurons(16, threshold: nil)),
          ], input: input, kernels: kernels))
    }
    let difference = ModelDifference(try model(.scatter), try model(.automatic))
    let changes = difference.layers.flatMap(\.changes)
    #expect(changes.contains { $0.what == "kernel" && $0.old == "scatter" })
    #expect(difference.layers.allSatisfy { $0.values.isEmpty && $0.incomparable.isEmpty })
  }

  @Test func layersThatOnlyOneHasAreNamed() throws {
    let difference = ModelDifference(
      try file(SmallModels.zoo()), try file(SmallModels.perceptron(), "b"))
    #expect(difference.removed == ["conv", "pool", "grouped", "mean"])
    #expect(difference.added == ["hidden"])
    let output = try #require(difference.layers.first { $0.name == "output" })
    #expect(output.changes.contains { $0.what == "shape" && $0.old == "3×1×1" })
    #expect(output.incomparable.contains { $0.what == "weights" })
    #expect(difference.model.contains { $0.what == "input" })
    let text = difference.text
    #expect(text.contains("added layers: hidden"))
    #expect(text.contains("removed layers: conv, pool, grouped, mean"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 160 })
  }

  @Test func aLayerWithAnotherNameIsAnotherLayer() throws {
    let bytes = try SmallModels.zoo()
    var editable = EditableModel(bytes)
    // A name of the same length, where the file has its names.
    let start = Int(editable.header.namesOffset)
    let place = try #require(bytes[start...].firstRange(of: Array("grouped".utf8)))
    editable.bytes.replaceSubrange(place, with: Array("Grouped".utf8))
    editable.seal()
    let difference = ModelDifference(try file(bytes), try file(editable.bytes, "b"))
    #expect(!difference.isSameFile)
    #expect(difference.removed == ["grouped"] && difference.added == ["Grouped"])
  }

  @Test func changedClassesHaveADirection() throws {
    let project = try TinyProject()
    try project.build()
    let old = try file(project.read("tiny.spk"))
    let dataset = try project.dataset(.test)
    let before = try Evaluation(model: old, dataset: dataset).run()
    let after = try Evaluation(model: old, dataset: dataset, timesteps: 1).run()
    let difference = DecisionDifference(before, after)
    let changed = before.outcomes.indices.filter {
      before.outcomes[$0].prediction != after.outcomes[$0].prediction
    }
    #expect(difference.count == changed.count)
    #expect(
      after.correct - before.correct == difference.mended.count - difference.broken.count)
    #expect(difference.differentScores == 7)
    for picture in difference.broken { #expect(picture.old == picture.label) }
    for picture in difference.mended { #expect(picture.new == picture.label) }
    let same = DecisionDifference(before, before)
    #expect(same.count == 0 && same.differentScores == 0)
    #expect(same.text(limit: 3).contains("0 pictures have another class"))
    #expect(DecisionDifference.problems(old, old).isEmpty)
    let other = try file(SmallModels.perceptron(), "b")
    #expect(DecisionDifference.problems(old, other).count == 2)
  }
}
