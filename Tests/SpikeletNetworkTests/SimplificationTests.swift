import SpikeletNetwork
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// A simplified network computes what the network as imported computes.
@Suite struct SimplificationTests {
  /// Compares the outputs of both on random pictures; returns the simplified network.
  private func compare(
    _ network: Network, tolerance: Float = 1e-4, pictures count: Int = 10
  ) throws -> Network {
    let simple = try network.simplified()
    for picture in pictures(count, network.inputShape) {
      let input = picture.map { Float($0) / 255 }
      let before = network.evaluate(input)[network.output]
      let after = simple.evaluate(input)[simple.output]
      try #require(before.count == after.count)
      let size = before.map(abs).max() ?? 0
      for (a, b) in zip(before, after) { #expect(abs(a - b) <= tolerance * max(1, size)) }
    }
    return simple
  }

  private func kinds(_ network: Network) -> [String] {
    network.nodes.map {
      switch $0.operation {
      case .input: "input"
      case .convolution: "convolution"
      case .dense: "dense"
      case .batchNormalization: "normalization"
      case .relu: "relu"
      case .threshold: "threshold"
      case .averagePool: "average"
      case .maxPool: "max"
      case .flatten: "flatten"
      case .add: "add"
      case .concatenate: "concatenate"
      case .delayed: "delayed"
      }
    }
  }

  /// With a variance near zero, another epsilon would show at once.
  @Test(arguments: [Float(1e-5), 1e-3, 0.5])
  func batchNormalizationFoldsWithItsOwnEpsilon(epsilon: Float) throws {
    var graph = GraphBuilder(Shape(channels: 2, height: 7, width: 7), seed: 3)
    graph.convolution(outputs: 6, padding: 1, groups: 2)
    graph.batchNormalization(epsilon: epsilon)
    graph.relu()
    graph.convolution(outputs: 4, stride: 2)
    graph.batchNormalization(epsilon: epsilon)
    graph.relu()
    graph.flatten()
    graph.dense(outputs: 5)
    graph.batchNormalization(epsilon: epsilon)
    let simple = try compare(graph.network())
    #expect(
      kinds(simple) == [
        "input", "convolution", "relu", "convolution", "relu", "flatten", "dense",
      ])
  }

  @Test func normalizationThatNothingTakesInStays() throws {
    var graph = GraphBuilder(Shape(channels: 2, height: 4, width: 4))
    graph.batchNormalization("first", epsilon: 1e-5)
    let shared = graph.convolution(outputs: 2, padding: 1)
    graph.batchNormalization("second", of: shared, epsilon: 1e-5)
    graph.add([graph.last, shared])
    graph.relu()
    graph.batchNormalization("third", epsilon: 1e-5)
    let simple = try compare(graph.network(), tolerance: 1e-5)
    #expect(simple.nodes.map(\.name) == graph.network().nodes.map(\.name))
  }

  @Test func aRectifierBehindAMaxPoolMovesBeforeIt() throws {
    var graph = GraphBuilder(Shape(channels: 1, height: 9, width: 9), seed: 4)
    graph.convolution(outputs: 3)
    graph.maxPool("pool", kernel: 3, stride: 2, padding: 1)
    graph.relu("rectify")
    graph.flatten()
    graph.dense(outputs: 4)
    let simple = try compare(graph.network(), tolerance: 0)
    #expect(
      simple.nodes.map(\.name) == ["input", "node1", "rectify", "pool", "node4", "node5"])
    #expect(kinds(simple)[2...3] == ["relu", "max"])
    #expect(simple.nodes[2].shape == Shape(channels: 3, height: 7, width: 7))
    #expect(simple.nodes[3].shape == Shape(channels: 3, height: 4, width: 4))
  }

  @Test func aClippedRectifierMovesToo() throws {
    var graph = GraphBuilder(Shape(channels: 1, height: 6, width: 6), seed: 5)
    graph.convolution(outputs: 3)
    graph.maxPool()
    graph.relu(ceiling: 0.3)
    #expect(try kinds(compare(graph.network(), tolerance: 0))[2...] == ["relu", "max"])
  }

  @Test func aRectifierMovesPastSeveralMaxPools() throws {
    var graph = GraphBuilder(Shape(channels: 2, height: 12, width: 12), seed: 6)
    graph.convolution(outputs: 3)
    graph.maxPool("first")
    graph.maxPool("second")
    graph.relu("rectify")
    let simple = try compare(graph.network(), tolerance: 0)
    #expect(kinds(simple)[2...] == ["relu", "max", "max"])
    #expect(simple.nodes[2...].map(\.name) == ["rectify", "first", "second"])
    #expect(simple.nodes[2].shape.height > simple.nodes[3].shape.height)
    #expect(simple.nodes[3].shape.height > simple.nodes[4].shape.height)
  }

  @Test func aMaxPoolWithTwoConsumersStays() throws {
    var graph = GraphBuilder(Shape(channels: 1, height: 6, width: 6), seed: 5)
    graph.convolution(outputs: 3)
    let pool = graph.maxPool()
    graph.relu(of: pool)
    graph.add([graph.last, pool])
    #expect(try kinds(compare(graph.network(), tolerance: 0))[2...] == ["max", "relu", "add"])
  }

  @Test(arguments: [(3, 1, 0, 2, 2), (3, 1, 1, 2, 1), (2, 2, 1, 3, 2), (1, 1, 0, 2, 2)], [1, 2])
  func anAveragePoolBehindAConvolutionBecomesOneConvolution(
    geometry: (kernel: Int, stride: Int, padding: Int, pool: Int, poolStride: Int), groups: Int
  ) throws {
    // Extents that leave rows over.
    var graph = GraphBuilder(Shape(channels: 2, height: 11, width: 14), seed: 6)
    graph.convolution(
      outputs: 4, kernel: geometry.kernel, stride: geometry.stride, padding: geometry.padding,
      groups: groups)
    graph.averagePool(kernel: geometry.pool, stride: geometry.poolStride)
    graph.relu()
    #expect(try kinds(compare(graph.network())) == ["input", "convolution", "relu"])
  }

  @Test func anAveragePoolThatIsPaddedOrSharesItsSourceStays() throws {
    var padded = GraphBuilder(Shape(channels: 1, height: 6, width: 6))
    padded.convolution(outputs: 2)
    padded.averagePool(padding: 1)
    #expect(try kinds(compare(padded.network())).contains("average"))
    var shared = GraphBuilder(Shape(channels: 1, height: 6, width: 6))
    let source = shared.convolution(outputs: 2, padding: 1)
    let left = shared.averagePool(of: source)
    let right = shared.convolution(of: source, outputs: 2, kernel: 2, stride: 2)
    shared.add([left, right])
    #expect(try kinds(compare(shared.network())).contains("average"))
  }

  @Test func nodesThatNothingReadsDisappear() throws {
    var graph = GraphBuilder(Shape(channels: 1, height: 4, width: 4))
    let kept = graph.convolution("kept", outputs: 2)
    graph.convolution("left over", of: 0, outputs: 2)
    graph.relu("rectify", of: kept)
    let simple = try compare(graph.network(), tolerance: 0)
    #expect(simple.nodes.map(\.name) == ["input", "kept", "rectify"])
  }

  @Test func aWholeNetworkStaysTheSameFunction() throws {
    var graph = GraphBuilder(Shape(channels: 3, height: 12, width: 12), seed: 8)
    graph.convolution(outputs: 4, padding: 1)
    graph.batchNormalization(epsilon: 1e-3)
    graph.averagePool()
    graph.relu()
    graph.convolution(outputs: 6, padding: 1)
    graph.batchNormalization(epsilon: 1e-3)
    graph.maxPool()
    graph.relu()
    graph.flatten()
    graph.dense(outputs: 5)
    let simple = try compare(graph.network())
    // The first normalization stands after its convolution, so the pool after both is fused.
    #expect(
      kinds(simple) == [
        "input", "convolution", "relu", "convolution", "relu", "max", "flatten", "dense",
      ])
  }
}
