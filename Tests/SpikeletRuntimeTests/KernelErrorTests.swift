import SpikeletRuntime
import SpikeletTestSupport
import Testing

/// A kernel runs only what it can run, with its own order of weights and clean bytes between them.
@Suite struct KernelErrorTests {
  private static func kernel(
    _ kernel: SynapseKernel, of index: Int, bits: Int32? = nil
  ) -> @Sendable (inout EditableModel) -> Void {
    { model in
      model[connection: index].kernel = kernel.rawValue
      model[connection: index].weightOrder = kernel.weightOrder.rawValue
      model[connection: index].listRows =
        kernel == .gather ? model[connection: index].pooledHeight : 0
      if let bits { model[connection: index].weightBits = bits }
    }
  }

  /// Of a model whose connections are a convolution of two channels of pixels, a max pool, a grouped
  /// convolution, an average pool and a dense layer.
  static let refused: [WrongWord] = [
    .init("a gather of pixels", .mismatch, .synapseKernel, 0, kernel(.gather, of: 0)),
    .init("gray lines of two channels", .mismatch, .synapseKernel, 0, kernel(.grayLines, of: 0)),
    .init(
      "picture blocks of 4 bits", .mismatch, .synapseKernel, 0,
      kernel(.pictureBlocks, of: 0, bits: 4)),
    .init("a gather of groups", .mismatch, .synapseKernel, 2, kernel(.gather, of: 2)),
    .init("a gather of one channel each", .mismatch, .synapseKernel, 3, kernel(.gather, of: 3)),
    .init("a gather of 16 bits", .mismatch, .synapseKernel, 4, kernel(.gather, of: 4, bits: 16)),
    .init("picture blocks of spikes", .mismatch, .synapseKernel, 4, kernel(.pictureBlocks, of: 4)),
    .init("gray lines of spikes", .mismatch, .synapseKernel, 4, kernel(.grayLines, of: 4)),
    .init("a list that no kernel reads", .mismatch, .synapseKernel, 2) {
      $0[connection: 2].listRows = 1
    },
    .init("a kernel in a max pool", .notEmpty, .weights, 1) { $0[connection: 1].kernel = 1 },
  ]

  @Test(arguments: refused)
  func aKernelThatCannotRunItsConnectionIsRefused(_ wrong: WrongWord) throws {
    try wrong.check(SmallModels.zoo())
  }

  /// Of a model whose connections are picture blocks, a gather of four sites and one of a dense layer.
  static let wrong: [WrongWord] = [
    .init("a gather in a scatter's order", .mismatch, .weightOrder, 1) {
      $0[connection: 1].weightOrder = WeightOrder.byInput.rawValue
    },
    .init("pixels in a gather's order", .mismatch, .weightOrder, 0) {
      $0[connection: 0].weightOrder = WeightOrder.byOutput.rawValue
    },
    .init("a list whose rows pass 16 bits", .mismatch, .synapseKernel, 1) {
      ($0[connection: 1].poolHeight, $0[connection: 1].poolWidth) = (300, 300)
    },
    .init("a list of no row", .mismatch, .synapseKernel, 1) {
      $0[connection: 1].listRows = 0
    },
    .init("a list of fewer rows than the scratch", .mismatch, .bufferRange, 6) {
      $0[connection: 1].listRows = 1
    },
    .init("a list of more rows than the source", .mismatch, .synapseKernel, 1) {
      $0[connection: 1].listRows = 7
    },
    .init("a list of another length than the scratch", .mismatch, .bufferRange, 6) {
      $0[connection: 1].listRows = $0[connection: 1].listRows == 3 ? 4 : 3
    },
    .init("picture blocks of a sum pool", .mismatch, .synapseKernel, 0) {
      $0[connection: 0].poolHeight = 2
    },
    .init("weights beside the columns of a kernel", .notEmpty, .weights, 1) {
      $0.bytes[$0.weights(1)] = 1
    },
    .init("a gather whose layer has no scratch", .mismatch, .scratchBuffer, 1) {
      $0[layer: 1].scratchBuffer = ModelFormat.none
    },
  ]

  @Test(arguments: wrong)
  func aKernelInTheWrongPlaceIsNamed(_ wrong: WrongWord) throws {
    try wrong.check(SmallModels.kernels())
  }

  @Test func bytesBetweenWeightsAreWeightsOfZero() throws {
    let narrow = WrongWord("4-bit weights beside a kernel", .notEmpty, .weights, 1) {
      $0.bytes[$0.weights(1)] = 0
    }
    try narrow.check(SmallModels.kernels(bits: 4))
    let gray = WrongWord("gray weights behind a row", .notEmpty, .weights, 0) {
      $0.bytes[$0.weights(0) + 39] = 1
    }
    try gray.check(SmallModels.kernels(channels: 1))
  }

  @Test func theCompilerChoosesTheKernelsOfTheseTests() throws {
    let model = EditableModel(try SmallModels.kernels())
    let kernels: [SynapseKernel] = [.pictureBlocks, .gather, .gather]
    #expect((0..<3).map { model[connection: $0].kernel } == kernels.map(\.rawValue))
    let gray = EditableModel(try SmallModels.kernels(channels: 1))
    #expect(gray[connection: 0].kernel == SynapseKernel.grayLines.rawValue)
  }
}

extension EditableModel {
  /// The offset of a connection's first weight.
  fileprivate func weights(_ index: Int) -> Int {
    Int(header.weightsOffset) + Int(self[connection: index].weightsOffset)
  }
}
