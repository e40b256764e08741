import SpikeletSupport

extension Network {
  /// The same function with fewer kinds of nodes: what the converter and the calibration work on.
  ///
  /// * Batch normalization folds into the convolution or dense layer before it, with the epsilon it
  ///   was trained with (Wu et al. 2022 call this consistency maintenance, CMB).
  /// * Batch normalization after an average pool of a convolution changes places with the pool, so
  ///   that it can fold.
  /// * `ReLU(maxpool(x))` becomes `maxpool(ReLU(x))`: equal, and spikes can be pooled. So do trained
  ///   thresholds at one timestep; over several, the potentials would be others.
  /// * Trained thresholds after a flattening change places with it, where those of a channel are equal.
  /// * An average pool directly after a convolution becomes one strided convolution with summed
  ///   weights: equal, and nothing has to be pooled before it fires.
  /// * Other normalizations become part of the linear layers that read them, where that is exact, and
  ///   linear layers that read linear layers are multiplied out. What is left of both, a conversion
  ///   takes in or refuses.
  /// * An offset in front of a convolution that pads comes from a channel that is always 1.
  /// * One score becomes two, 0 and the score.
  ///
  /// - Throws: a pool that would make a convolution too large.
  public func simplified() throws(Diagnostics) -> Network {
    // A folded node must not count as a consumer of the layer that it went into.
    var result = movingBatchNormalizationBeforeAveragePool()
      .foldingBatchNormalization().withoutUnusedNodes()
    result = result.movingThresholdsBeforeFlatten().movingFiringBeforeMaxPool()
    result = result.foldingNormalizationsForward().withoutUnusedNodes()
    result = try result.fusingAveragePoolIntoConvolution().withoutUnusedNodes()
    result = result.fusingLinearPairs().withoutUnusedNodes()
    result = result.carryingOffsetsInChannels().withoutUnusedNodes().withTwoScores()
    return result.withoutUnusedNodes()
  }

  private var consumerCounts: [Int] {
    var counts = [Int](repeating: 0, count: nodes.count)
    for node in nodes { for input in node.inputs { counts[input] += 1 } }
    counts[output] += 1
    return counts
  }

  private func foldingBatchNormalization() -> Network {
    let consumers = consumerCounts
    var result = self
    var replacement = Array(nodes.indices)
    for index in nodes.indices {
      result.nodes[index].inputs = nodes[index].inputs.map { replacement[$0] }
      guard case .batchNormalization(let normalization) = nodes[index].operation else { continue }
      let before = result.nodes[index].inputs[0]
      let isSole = consumers[nodes[index].inputs[0]] == 1
      switch result.nodes[before].operation {
      case .convolution(let convolution) where isSole:
        result.nodes[before].operation = .convolution(convolution.folding(normalization))
        replacement[index] = before
      case .dense(let dense) where isSole:
        result.nodes[before].operation = .dense(dense.folding(normalization))
        replacement[index] = before
      default: break  // Perhaps a layer after it can take it in.
      }
    }
    result.output = replacement[output]
    return result
  }

  /// A mean of scaled and shifted values is the mean, scaled and shifted, as long as no padding
  /// counts.
  private func movingBatchNormalizationBeforeAveragePool() -> Network {
    let consumers = consumerCounts
    var result = self
    for index in nodes.indices {
      guard case .batchNormalization = nodes[index].operation else { continue }
      var position = index
      while true {
        let pool = result.nodes[position].inputs[0]
        guard case .averagePool(let window, let countsPadding) = result.nodes[pool].operation,
          consumers[pool] == 1, window.padding.isEmpty || !countsPadding
        else { break }
        result.swap(pool, with: position, multiplyingChannelsBy: 1)
        position = pool
      }
    }
    return result
  }

  /// Lets a node and the pool that it alone reads change places. Each keeps its own name; the shapes
  /// follow the operations.
  private mutating func swap(_ pool: Int, with reader: Int, multiplyingChannelsBy factor: Int) {
    let source = nodes[nodes[pool].inputs[0]].shape
    let (poolNode, readerNode) = (nodes[pool], nodes[reader])
    nodes[pool].operation = readerNode.operation
    nodes[pool].name = readerNode.name
    nodes[pool].shape = source
    nodes[pool].shape.channels *= factor
    nodes[reader].operation = poolNode.operation
    nodes[reader].name = poolNode.name
    nodes[reader].shape = poolNode.shape
    nodes[reader].shape.channels *= factor
  }

  /// All channels of one threshold before those of the next, flattened or not: the order is the same.
  private func movingThresholdsBeforeFlatten() -> Network {
    let consumers = consumerCounts
    let delayed = delayedNames
    var result = self
    for index in nodes.indices {
      // What comes back of spikes is read in the shape that they have here.
      guard case .threshold(var layer) = nodes[index].operation,
        !delayed.contains(nodes[index].name)
      else { continue }
      let before = nodes[index].inputs[0]
      guard case .flatten = nodes[before].operation, consumers[before] == 1 else { continue }
      let shape = nodes[nodes[before].inputs[0]].shape
      let plane = shape.height * shape.width
      let levels =
        layer.thresholds + layer.amounts
        + [layer.initials, layer.floors, layer.synapse?.offsets ?? []]
      let isUniform = levels.allSatisfy { level in
        level.indices.allSatisfy { level[$0] == level[$0 / plane * plane] }
      }
      guard isUniform else { continue }
      func channels(_ level: [Float]) -> [Float] {
        stride(from: 0, to: level.count, by: plane).map { level[$0] }
      }
      layer.thresholds = layer.thresholds.map(channels)
      layer.amounts = layer.amounts.map(channels)
      layer.initials = channels(layer.initials)
      layer.floors = channels(layer.floors)
      if let synapse = layer.synapse { layer.synapse?.offsets = channels(synapse.offsets) }
      result.swap(before, with: index, multiplyingChannelsBy: layer.thresholds.count)
      result.nodes[before].operation = .threshold(layer)
    }
    return result
  }

  private func movingFiringBeforeMaxPool() -> Network {
    let consumers = consumerCounts
    var result = self
    for index in nodes.indices {
      let factor: Int
      switch nodes[index].operation {
      case .relu: factor = 1
      // Without a rule for its potentials it cannot run more than one timestep.
      case .threshold(let layer) where layer.membrane == nil: factor = layer.thresholds.count
      default: continue
      }
      // Past one pool after the other, as far as they follow each other directly.
      var position = index
      while true {
        let pool = result.nodes[position].inputs[0]
        guard case .maxPool = result.nodes[pool].operation, consumers[pool] == 1 else { break }
        result.swap(pool, with: position, multiplyingChannelsBy: factor)
        position = pool
      }
    }
    return result
  }

  private func fusingAveragePoolIntoConvolution() throws(Diagnostics) -> Network {
    let consumers = consumerCounts
    var result = self
    var replacement = Array(nodes.indices)
    for index in nodes.indices {
      result.nodes[index].inputs = nodes[index].inputs.map { replacement[$0] }
      guard case .averagePool(let window, _) = nodes[index].operation, window.padding.isEmpty
      else { continue }
      let before = result.nodes[index].inputs[0]
      guard case .convolution(let convolution) = result.nodes[before].operation,
        consumers[nodes[index].inputs[0]] == 1
      else { continue }
      if let reason = convolution.reasonAgainstFusion(with: window) {
        throw Diagnostics(
          "\(name) cannot be converted",
          [
            .init(
              nodes[index].name,
              "becomes part of the convolution '\(nodes[before].name)' before it, \(reason)",
              advice: "put a rectifier between the convolution and the pool, or use a smaller pool")
          ])
      }
      result.nodes[before].operation = .convolution(convolution.followed(byMeanOver: window))
      result.nodes[before].shape = nodes[index].shape
      replacement[index] = before
    }
    result.output = replacement[output]
    return result
  }
}
