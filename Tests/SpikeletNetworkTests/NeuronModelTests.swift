import SpikeletNetwork
import Testing

/// What neuron models mean as real numbers.
@Suite struct NeuronModelTests {
  @Test func aLeakIsAFactor() {
    #expect(Leak().factor == 1)
    #expect(Leak(rule: .shift, shift: 3).factor == 0.875)
    #expect(Leak(rule: .multiplyFloor, multiplier: 230, shift: 8).factor == 230.0 / 256)
    #expect(Leak(rule: .multiplyTowardZero, multiplier: 0, shift: 1).factor == 0)
    #expect(Leak(rule: .multiplyFloor, multiplier: 32768, shift: 15).factor == 1)
  }

  @Test func aShapeReadsAsItsExtents() {
    #expect(Shape(channels: 10).description == "10")
    #expect(Shape(channels: 3, height: 1, width: 4).description == "3×1×4")
    #expect(Shape(channels: 3, height: 5, width: 4).count == 60)
  }

  @Test func aWindowThatDoesNotFitHasNoOutput() throws {
    let window = Window(kernelHeight: 3, kernelWidth: 5, strideHeight: 2)
    #expect(window.outputExtent(height: 2, width: 9) == nil)
    #expect(window.outputExtent(height: 9, width: 4) == nil)
    let extent = try #require(window.outputExtent(height: 8, width: 9))
    #expect(extent == (3, 5))
    var padded = window
    padded.padding = .init(top: 1, right: 2)
    let larger = try #require(padded.outputExtent(height: 2, width: 3))
    #expect(larger == (1, 1))
    #expect(!padded.padding.isEmpty && window.padding.isEmpty)
  }

  @Test func unusedNodesGoAndTheRestKeepsItsOrder() {
    let shape = Shape(channels: 2)
    func node(_ name: String, _ inputs: [Int]) -> Network.Node {
      .init(name: name, operation: inputs.isEmpty ? .input : .add, inputs: inputs, shape: shape)
    }
    let network = Network(
      name: "n", nodes: [node("in", []), node("a", [0]), node("b", [0]), node("c", [0, 2])],
      output: 3)
    let used = network.withoutUnusedNodes()
    #expect(used.nodes.map(\.name) == ["in", "b", "c"])
    #expect(used.nodes.map(\.inputs) == [[], [0], [0, 1]])
    #expect(used.output == 2 && used.inputShape == shape && used.outputShape == shape)
  }

  @Test func thresholdsCarryPotentialsOn() {
    let shape = Shape(channels: 1)
    func scores(_ membrane: Network.Membrane?, _ timesteps: Int) -> [Float] {
      Network(
        name: "n",
        nodes: [
          .init(name: "in", operation: .input, inputs: [], shape: shape),
          .init(
            name: "fire",
            operation: .threshold(.init(thresholds: [[4]], isStrict: false, membrane: membrane)),
            inputs: [0], shape: shape),
        ], output: 1
      ).scores([3], timesteps: timesteps)
    }
    // Potentials after 3, 6, 9 …: a reset by subtraction fires three times in four timesteps.
    #expect(scores(.init(reset: .soft), 4) == [3])
    #expect(scores(.init(reset: .hard), 4) == [2])
    #expect(scores(.init(reset: .none), 4) == [3])
    // Half of it leaks away: 3, 4.5 → fires and keeps 0.25, 3.25, 4.6 …
    #expect(scores(.init(leak: .init(multiplier: 1, shift: 1), reset: .soft), 2) == [1])
    #expect(scores(nil, 1) == [0])
  }
}
