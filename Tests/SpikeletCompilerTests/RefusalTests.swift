import SpikeletCompiler
import SpikeletNetwork
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Networks that cannot be converted are refused with every node that stands in the way.
@Suite struct RefusalTests {
  private let shape = Shape(channels: 2, height: 8, width: 8)

  /// The problems of converting a network as it is, without simplification.
  private func problems(
    _ graph: GraphBuilder, output: Int? = nil, simplified: Bool = true,
    _ change: (inout Configuration) -> Void = { _ in }
  ) -> [String] {
    let configuration = configuration(change)
    do {
      let network =
        simplified
        ? try graph.network(output: output).simplified() : graph.network(output: output)
      let statistics = calibration(network, pictures(3, network.inputShape))
      let spiking = try SpikingConversion.convert(
        network, configuration: configuration, calibration: statistics)
      _ = try Quantizer.quantize(spiking, configuration: configuration)
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test func twoLinearLayersWithoutARectifierBetweenThem() {
    var graph = GraphBuilder(shape)
    graph.convolution("conv1", outputs: 3)
    graph.convolution("conv2", outputs: 3, padding: 1)
    graph.relu()
    graph.flatten()
    graph.dense("dense", outputs: 2)
    #expect(
      problems(graph) == [
        "conv2: needs spikes, but conv1 has no rectifier after it, and the two cannot be multiplied "
          + "out: the second pads what the first computes, which is no padding of its input; put a "
          + "ReLU between the two"
      ])
  }

  @Test func everyProblemIsListedAtOnce() {
    var graph = GraphBuilder(shape)
    let first = graph.convolution("conv1", outputs: 3, padding: 1)
    graph.maxPool("pool1", of: first)
    let left = graph.convolution("conv2", of: 0, outputs: 3, padding: 1)
    graph.relu("relu2")
    graph.averagePool("mean2")
    graph.maxPool("pool2")
    graph.averagePool("mean3", of: left, padding: 1, countsPadding: false)
    graph.flatten(of: 2)
    graph.dense("dense", outputs: 2)
    graph.flatten(of: 6)
    graph.dense("dense2", outputs: 2)
    graph.flatten(of: 7)
    graph.dense("dense3", outputs: 2)
    graph.add([9, 11, 13], name: "sum")
    #expect(
      problems(graph, simplified: false) == [
        "pool1: needs spikes, but conv1 has no rectifier after it; put a ReLU between the two",
        "pool2: a max pool of a sum pool; set conversion.averagePooling to spiking",
        "mean3: needs spikes, but conv2 has no rectifier after it; put a ReLU between the two",
      ])
  }

  @Test func normalizationsAfterARectifierThatNothingTakesIn() {
    func graph(_ add: (inout GraphBuilder) -> Void) -> GraphBuilder {
      var graph = GraphBuilder(shape)
      graph.convolution("conv", outputs: 3)
      graph.relu("relu")
      graph.batchNormalization("norm", epsilon: 1e-5)
      add(&graph)
      graph.flatten()
      graph.dense("dense", outputs: 2)
      return graph
    }
    let padded = graph {
      $0.convolution("conv2", outputs: 3, padding: 1, groups: 3)
      $0.relu()
    }
    let reason =
      "pads values that were normalized after their rectifier, so that 0 is no longer silence"
    #expect(
      problems(padded) == [
        "conv2: \(reason); put the normalization before the rectifier, or use a convolution without "
          + "padding"
      ])
    let pool = graph { $0.averagePool("mean", padding: 1, countsPadding: true) }
    #expect(problems(pool) == ["mean: \(reason); normalize after the pool"])
  }

  @Test func averagePoolsThatAreNoSumPools() {
    var uneven = GraphBuilder(shape)
    uneven.convolution(outputs: 2)
    uneven.relu()
    uneven.averagePool("mean", padding: 1, countsPadding: false)
    uneven.flatten()
    uneven.dense(outputs: 2)
    #expect(
      problems(uneven) == [
        "mean: an average pool whose padding does not count divides by different numbers; "
          + "export it with count_include_pad, or without padding"
      ])
    var overlapping = GraphBuilder(shape)
    overlapping.convolution(outputs: 2)
    overlapping.relu()
    overlapping.averagePool("mean1", kernel: 3, stride: 1)
    overlapping.averagePool("mean2")
    overlapping.flatten()
    overlapping.dense(outputs: 2)
    #expect(
      problems(overlapping) == [
        "mean2: a sum pool of a sum pool with overlapping windows or padding; "
          + "set conversion.averagePooling to spiking"
      ])
    #expect(problems(overlapping) { $0.conversion.averagePooling = .spiking } == [])
  }

  @Test func aMaxPoolOfThePicture() {
    var graph = GraphBuilder(shape)
    graph.maxPool("pool")
    graph.flatten()
    graph.dense(outputs: 2)
    #expect(
      problems(graph)
        == ["pool: a max pool of the picture itself; use rate or Poisson input"])
    #expect(problems(graph) { $0.input.mode = .rate } == [])
  }

  @Test func concatenationsWhereNoWeightsCanSplit() {
    var graph = GraphBuilder(shape)
    graph.convolution(outputs: 2, padding: 1)
    let a = graph.relu()
    graph.convolution(of: 0, outputs: 2, padding: 1)
    let b = graph.relu()
    let both = graph.concatenate([a, b], name: "both")
    graph.convolution("grouped", of: both, outputs: 4, groups: 2)
    graph.relu()
    graph.flatten()
    graph.dense(outputs: 2)
    #expect(
      problems(graph)
        == ["grouped: a grouped convolution of a concatenation cannot be converted"])
    var sum = GraphBuilder(shape)
    sum.convolution(outputs: 1, padding: 1)
    let c = sum.relu()
    sum.convolution(of: 0, outputs: 1, padding: 1)
    let d = sum.relu()
    let pair = sum.concatenate([c, d])
    let other = sum.convolution(of: 0, outputs: 2, padding: 1)
    sum.add([other, pair], name: "sum")
    sum.relu()
    sum.flatten()
    sum.dense(outputs: 2)
    #expect(problems(sum) == ["sum: an addition of a concatenation cannot be converted"])
  }

  @Test func anOutputThatIsNoVectorOfScores() {
    var map = GraphBuilder(shape)
    map.convolution("conv", outputs: 3)
    #expect(
      problems(map) == ["conv: the output is a map of 3×6×6, needed a vector of scores"])
    var pair = GraphBuilder(Shape(channels: 4))
    pair.dense(outputs: 2)
    let a = pair.relu()
    pair.dense(of: 0, outputs: 2)
    let b = pair.relu()
    pair.concatenate([a, b], name: "both")
    #expect(problems(pair) == ["both: a concatenation cannot be the output"])
  }

  @Test func aClippedRectifierOfLargerSpikes() {
    var graph = GraphBuilder(shape)
    graph.convolution("conv", outputs: 2)
    graph.relu("open")
    graph.relu("clipped", ceiling: 0.01)
    graph.flatten()
    graph.dense(outputs: 2)
    #expect(
      problems(graph) == [
        "clipped: a clipped ReLU of spikes that can stand for more than 0.01; "
          + "clip before the first ReLU"
      ])
  }

  @Test func picturesThatSpikesCannotStandFor() {
    var graph = GraphBuilder(shape)
    graph.flatten()
    graph.dense(outputs: 2)
    #expect(
      problems(graph) {
        $0.input.mode = .rate
        $0.input.mean = [0.1, 0]
      } == [
        "input.mean: spikes cannot stand for negative pixels; use direct input, or train without "
          + "a mean"
      ])
    var rectified = GraphBuilder(shape)
    rectified.relu("relu")
    rectified.flatten()
    rectified.dense(outputs: 2)
    #expect(
      problems(rectified) { $0.input.mean = [0.5, 0.5] }
        == ["relu: a rectifier on a picture with a mean cannot be converted"])
  }

  @Test func inputValuesThatDoNotFitTheChannels() throws {
    var graph = GraphBuilder(shape)
    graph.flatten()
    graph.dense(outputs: 2)
    let network = graph.network()
    let statistics = calibration(network, pictures(3, shape))
    let error = #expect(throws: Diagnostics.self) {
      try SpikingConversion.convert(
        network,
        configuration: configuration {
          $0.input.mean = [0.1, 0.2, 0.3]
          $0.input.std = [0.5, 0]
        }, calibration: statistics)
    }
    #expect(
      error?.problems.map(\.description) == [
        "input.mean: has 3 values, needed one, or one for each of 2 channels",
        "input.std: needed values above 0",
      ])
  }

  @Test func statisticsThatDoNotFitTheNetwork() throws {
    var graph = GraphBuilder(shape)
    graph.convolution(outputs: 3)
    graph.relu("relu")
    graph.flatten()
    graph.dense(outputs: 2)
    let network = graph.network()
    var statistics = calibration(network, pictures(3, shape))
    statistics.nodes["relu"]!.channels.removeLast()
    let fewer = #expect(throws: Diagnostics.self) {
      try SpikingConversion.convert(
        network, configuration: configuration(), calibration: statistics)
    }
    #expect(
      fewer?.problems.first?.description
        == "relu: has statistics of 2 channels, needed 3; run `spikelet calibrate` again")
    statistics.nodes["relu"] = nil
    let none = #expect(throws: Diagnostics.self) {
      try SpikingConversion.convert(
        network, configuration: configuration(), calibration: statistics)
    }
    #expect(
      none?.problems.first?.description
        == "relu: has no activation statistics; run `spikelet calibrate` again")
  }

  /// A few bytes of a file for each doubling: forty would be 2⁴⁰ connections.
  @Test func additionsAndConcatenationsThatMultiply() {
    for isSum in [true, false] {
      var graph = GraphBuilder(Shape(channels: 1, height: 1, width: 1))
      graph.convolution(outputs: 1, kernel: 1)
      graph.relu()
      for step in 1...(isSum ? 40 : 12) {
        let inputs = [graph.last, graph.last]
        if isSum {
          graph.add(inputs, name: "a\(step)")
        } else {
          graph.concatenate(inputs, name: "a\(step)")
        }
      }
      graph.dense(outputs: 2)
      #expect(
        problems(graph).first
          == (isSum
            ? "a11: adds up 2048 connections; the limit is 1024; additions of additions multiply "
              + "them; put a layer between"
            : "a11: joins the spikes of 2048 sources; the limit is 1024; concatenations of "
              + "concatenations multiply them; put a layer between"))
    }
  }

  @Test func aLayerThatReadsThePictureAndSpikes() {
    var graph = GraphBuilder(shape)
    graph.convolution(outputs: 2, padding: 1)
    let a = graph.relu()
    let first = graph.convolution(of: a, outputs: 2, padding: 1)
    let second = graph.convolution(of: 0, outputs: 2, padding: 1)
    graph.add([first, second], name: "/sum")
    graph.relu()
    graph.flatten()
    graph.dense(outputs: 2)
    #expect(
      problems(graph) == [
        "/sum: reads the picture together with other sources; use rate input, or a layer of its "
          + "own for the picture"
      ])
    #expect(problems(graph) { $0.input.mode = .rate } == [])
  }
}
