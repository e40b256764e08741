import Foundation
import SpikeletRuntime
import SpikeletTestSupport
import Testing

/// Models of one kind of content in several sizes, for `scripts/tool opening`: what opening them takes
/// must grow with the size and nothing else.
@Suite struct OpeningModelTests {
  private static let folder = ProcessInfo.processInfo.environment["SPIKELET_OPENING"]

  /// The smallest of each kind opens; all of them are written where `SPIKELET_OPENING` names a folder.
  @Test func isWrittenForCounting() throws {
    let sizes = Self.folder == nil ? [1] : [1, 8, 64]
    for size in sizes {
      for bits: Int32 in [4, 8, 16] {
        try put("dense-\(bits)", size, Self.dense(inputs: 1000, outputs: 64 * size, bits: bits))
      }
      try put("conv-8", size, Self.convolution(inputs: 64 * size, outputs: 64, groups: 1))
      try put(
        "conv-direct-8", size, Self.convolution(inputs: 64 * size, outputs: 64, isDirect: true))
      try put("conv-groups-8", size, Self.convolution(inputs: 256 * size, outputs: 64, groups: 4))
      for bits: Int32 in [4, 8] {
        let channels = 1000 * size
        try put(
          "conv-depthwise-\(bits)", size,
          Self.convolution(inputs: channels, outputs: channels, groups: channels, bits: bits))
      }
    }
    for (size, count) in [(1, 16), (8, 128), (64, 1024)].prefix(sizes.count) {
      try put("layers", size, Self.chain(count, isShared: false))
      try put("layers-alive", size, Self.chain(count, isShared: true))
    }
  }

  private func put(_ name: String, _ size: Int, _ forged: ForgedModel) throws {
    var model = forged.file
    model.sealWithRightBounds()
    try #require(model.error == nil, "\(name) \(size): \(String(describing: model.error))")
    if let folder = Self.folder {
      let url = URL(filePath: folder).appending(path: "\(name)-\(size).spk")
      try Data(model.bytes).write(to: url)
    }
  }

  private static func weights(_ bytes: Int) -> [UInt8] {
    var random: UInt32 = 1
    return (0..<bytes).map { _ in
      random = random &* 1_664_525 &+ 1_013_904_223
      return UInt8(truncatingIfNeeded: random >> 24)
    }
  }

  /// A network of one timestep without layers.
  private static func empty(inputs: Int, size: Int32, isDirect: Bool = false) -> ForgedModel {
    var model = ForgedModel()
    model.header.inputMode = isDirect ? 0 : InputMode.rate.rawValue
    model.header.inputChannels = Int32(inputs)
    (model.header.inputHeight, model.header.inputWidth) = (size, size)
    (model.header.timesteps, model.header.maximumTimesteps) = (1, 1)
    model.header.inputLastReader = 1
    if isDirect {
      model.header.zeroPointsOffset = 0
      model.parameters = [UInt8](repeating: 0, count: inputs * 4)
      return model
    }
    model.header.inputBuffer = 0
    model.append(.inputSpikes, layer: -1, bytes: size * size * map(inputs), uses: 0...1)
    return model
  }

  private static func map(_ channels: Int) -> Int32 {
    let bytes = Int32(channels + 7) / 8
    return bytes <= 2 ? bytes : (bytes + 3) & ~3
  }

  /// Adds neurons of 32 bits and one row and column, which read a map of one site or window.
  private static func add(
    _ channels: Int, to model: inout ForgedModel, _ connections: [ConnectionRecord],
    fires: Bool, lastReader: Int32
  ) {
    let index = Int32(model.layers.count)
    let lanes = (channels + 7) / 8 * 8
    var record = NeuronRecord()
    record.layer.kind = LayerKind.neurons.rawValue
    (record.layer.channels, record.layer.height, record.layer.width) = (Int32(channels), 1, 1)
    record.layer.firstConnection = Int32(model.connections.count)
    record.layer.connectionCount = Int32(connections.count)
    record.layer.lastReader = lastReader
    (record.membraneBits, record.tileRows, record.tileColumns) = (32, 1, 1)
    let zeros = Int32(model.parameters.count)
    model.parameters += [UInt8](repeating: 0, count: lanes * 4)
    (record.lowerClampsOffset, record.upperClampsOffset) = (zeros, zeros)
    (record.initialsOffset, record.biasesOffset) = (zeros, zeros)
    if fires {
      (record.thresholdCount, record.layer.spikeChannels) = (1, Int32(channels))
      (record.thresholdsOffset, record.resetsOffset) = (zeros, zeros)
      record.layer.spikeBuffer = Int32(model.buffers.count)
      model.append(.spikes, layer: index, bytes: map(channels), uses: index + 1...lastReader)
    }
    record.membraneBuffer = Int32(model.buffers.count)
    model.append(.membrane, layer: index, bytes: Int32(lanes * 4), uses: index + 1...index + 1)
    model.append(record)
    model.connections += connections
  }

  /// Adds weights behind those that are there.
  private static func addWeights(_ bytes: Int, to model: inout ForgedModel) -> (Int32, Int32) {
    let start = (model.weights.count + 63) & ~63
    model.weights += [UInt8](repeating: 0, count: start - model.weights.count) + weights(bytes)
    return (Int32(start), Int32(bytes))
  }

  private static func connection(_ kind: ConnectionKind, source: Int32, bits: Int32)
    -> ConnectionRecord
  {
    var record = ConnectionRecord()
    (record.kind, record.source, record.weightBits) = (kind.rawValue, source, bits)
    (record.kernel, record.weightOrder) = (1, 1)
    (record.pooledHeight, record.pooledWidth) = (1, 1)
    return record
  }

  private static func dense(inputs: Int, outputs: Int, bits: Int32) -> ForgedModel {
    var model = empty(inputs: inputs, size: 1)
    var link = connection(.dense, source: 0, bits: bits)
    (link.weightsOffset, link.weightsBytes) = addWeights(
      inputs * ((outputs + 7) / 8) * Int(bits), to: &model)
    add(outputs, to: &model, [link], fires: false, lastReader: 1)
    return model
  }

  /// 3 × 3 windows over a map of 3 × 3.
  private static func convolution(
    inputs: Int, outputs: Int, groups: Int = 1, bits: Int32 = 8, isDirect: Bool = false
  ) -> ForgedModel {
    var model = empty(inputs: inputs, size: 3, isDirect: isDirect)
    var link = connection(.convolution, source: 0, bits: bits)
    (link.pooledHeight, link.pooledWidth) = (3, 3)
    (link.window.height, link.window.width, link.window.groups) = (3, 3, Int32(groups))
    (link.window.strideHeight, link.window.strideWidth) = (1, 1)
    let row = groups == 1 ? (outputs + 7) / 8 * 8 : outputs / groups
    (link.weightsOffset, link.weightsBytes) = addWeights(
      inputs * 9 * ((row * Int(bits) + 7) / 8), to: &model)
    if bits == 4, row % 2 == 1 { for i in model.weights.indices { model.weights[i] &= 15 } }
    add(outputs, to: &model, [link], fires: false, lastReader: 1)
    return model
  }

  /// Small layers one after the other. If their spikes are shared, all layers are read by the last one
  /// too, so that all of their buffers are alive at once.
  private static func chain(_ count: Int, isShared: Bool) -> ForgedModel {
    var model = empty(inputs: 8, size: 1)
    for index in 0..<count {
      let isLast = index == count - 1
      let sources = isLast && isShared ? 1...Int32(index) : Int32(index)...Int32(index)
      let links = sources.map { source in
        var link = connection(.dense, source: source, bits: 8)
        (link.weightsOffset, link.weightsBytes) = addWeights(64, to: &model)
        return link
      }
      add(
        8, to: &model, links, fires: !isLast,
        lastReader: isLast ? Int32(count) : isShared ? Int32(count) : Int32(index + 2))
    }
    return model
  }
}
