import SpikeletNetwork

extension SpikingConversion {
  /// An average pool: a sum pool that its consumers look through, or neurons of its own.
  mutating func averagePool(
    _ index: Int, _ window: Window, _ countsPadding: Bool
  ) -> ConvertedValue? {
    let node = network.nodes[index]
    guard let segments = spikes(node.inputs[0], for: index) else { return nil }
    if !window.padding.isEmpty, let reason = segments.lazy.compactMap(reasonAgainstPadding).first {
      return refuse(index, reason, advice: "normalize after the pool")
    }
    guard window.padding.isEmpty || countsPadding else {
      return refuse(
        index, "an average pool whose padding does not count divides by different numbers",
        advice: "export it with count_include_pad, or without padding")
    }
    if configuration.conversion.averagePooling == .spiking {
      return spikingAveragePool(index, window, segments)
    }
    var pooled: [ConvertedValue.Segment] = []
    for segment in segments {
      guard let combined = combine(segment.pool, window) else {
        return refuse(
          index, "a sum pool of a sum pool with overlapping windows or padding",
          advice: "set conversion.averagePooling to spiking")
      }
      var result = segment
      result.pool = combined
      result.shape = Shape(
        channels: segment.shape.channels, height: node.shape.height, width: node.shape.width)
      // A window of one site changes nothing, and needs no copy.
      if window.area > 1 { result.scale = segment.scale.map { $0 / Double(window.area) } }
      pooled.append(result)
    }
    return .spikes(pooled)
  }

  /// ECC's form: integrate-and-fire neurons on the sum of the window (Wu et al. 2022).
  private mutating func spikingAveragePool(
    _ index: Int, _ window: Window, _ segments: [ConvertedValue.Segment]
  ) -> ConvertedValue? {
    let node = network.nodes[index]
    guard segments.count == 1, let segment = segments.first, segment.pool == nil else {
      return refuse(
        index, "a spiking average pool of a concatenation or of a sum pool",
        advice: "set conversion.averagePooling to sum")
    }
    let shape = Shape(
      channels: segment.shape.channels, height: node.shape.height, width: node.shape.width)
    let current = ConvertedValue.Current(
      name: layerName(index), shape: shape,
      connections: [
        SpikingNetwork.Connection(
          source: segment.source, pool: window, pooledShape: shape,
          synapses: .channelwise(weights: segment.scale.map { $0 / Double(window.area) }))
      ],
      bias: segment.offset, inputScale: segment.scale.max() ?? 1,
      isNonnegative: segment.isNonnegative)
    guard current.isNonnegative else {
      return refuse(
        index, "a spiking average pool of a picture with a mean",
        advice: "set conversion.averagePooling to sum")
    }
    return appendNeurons(current, node: index)
  }

  /// Two sum pools as one, or nil where the windows of the first overlap or are padded.
  private func combine(_ first: Window?, _ second: Window) -> Window? {
    guard let first else { return second }
    guard first.strideHeight == first.kernelHeight, first.strideWidth == first.kernelWidth,
      first.padding.isEmpty, second.padding.isEmpty
    else { return nil }
    return Window(
      kernelHeight: first.kernelHeight * second.kernelHeight,
      kernelWidth: first.kernelWidth * second.kernelWidth,
      strideHeight: first.kernelHeight * second.strideHeight,
      strideWidth: first.kernelWidth * second.strideWidth)
  }

  /// A max pool of spikes, a layer of its own for each source.
  mutating func maxPool(_ index: Int, _ window: Window) -> ConvertedValue? {
    let node = network.nodes[index]
    guard let segments = spikes(node.inputs[0], for: index) else { return nil }
    var pooled: [ConvertedValue.Segment] = []
    for segment in segments {
      guard segment.pool == nil else {
        return refuse(
          index, "a max pool of a sum pool", advice: "set conversion.averagePooling to spiking")
      }
      guard segment.scale.allSatisfy({ $0 >= 0 }) else {
        return refuse(
          index, "a max pool of values that a normalization after their rectifier has negated",
          advice: "put the normalization before the rectifier, or after the pool")
      }
      guard segment.source != 0 || configuration.input.mode != .direct else {
        return refuse(
          index, "a max pool of the picture itself", advice: "use rate or Poisson input")
      }
      // A count maximum compares counts, so every channel's spikes must stand for the same value
      // across the window, which they do: λ belongs to the channel.
      let shape = Shape(
        channels: segment.shape.channels, height: node.shape.height, width: node.shape.width)
      layers.append(
        SpikingNetwork.Layer(
          name: layerName(index), node: node.name, shape: shape,
          connections: [
            SpikingNetwork.Connection(
              source: segment.source, pool: window, pooledShape: shape, synapses: .maxPool)
          ],
          // Training pools the spikes of each timestep for themselves.
          kind: .maxPool(isTrained ? .any : configuration.conversion.maxPooling)))
      var result = segment
      result.source = layers.count
      result.shape = shape
      pooled.append(result)
    }
    return .spikes(pooled)
  }
}
