/// The records of a model, wherever they lie: in a file that is open, or in the compiler's hands before
/// there is a file.
///
/// What buffers a plan needs, how large and how long, follows from the records alone. Written once
/// against this protocol, it is what the compiler plans with and what the loader demands.
package protocol RecordSource: ~Escapable {
  var header: ModelHeader { get }
  func layer(_ index: Int) -> LayerRecord
  func connection(_ index: Int) -> ConnectionRecord
}

extension RecordSource where Self: ~Escapable {
  package var layerCount: Int { Int(header.layerCount) }

  /// The layout of the spike map that `source` stands for: 0 is the input, i is layer i − 1.
  @inline(never)
  func map(_ source: Int) -> SpikeMap {
    let header = header
    if source == 0 {
      return SpikeMap(
        channels: Int(header.inputChannels), height: Int(header.inputHeight),
        width: Int(header.inputWidth))
    }
    let layer = layer(source &- 1)
    return SpikeMap(
      channels: Int(layer.channels) &* max(1, Int(layer.thresholdCount)),
      height: Int(layer.height), width: Int(layer.width))
  }

  /// Whether a connection turns pixels into a constant current.
  func isDirect(_ connection: ConnectionRecord) -> Bool {
    connection.source == 0 && header.inputMode == InputMode.direct.rawValue
  }

  /// Whether a layer's membranes and counters outlive a timestep.
  var keepsState: Bool { header.maximumTimesteps > 1 }

  /// Whether any connection of a layer turns pixels into a current.
  func hasDirectInput(_ layer: LayerRecord) -> Bool {
    for c in 0..<Int(layer.connectionCount)
    where isDirect(connection(Int(layer.firstConnection) &+ c)) { return true }
    return false
  }

  /// The max pool that runs inside a layer, if there is one.
  func fusedPool(after index: Int) -> (layer: LayerRecord, window: PoolView)? {
    guard index &+ 1 < layerCount else { return nil }
    let next = layer(index &+ 1)
    guard next.kind == LayerKind.maxPool.rawValue, next.isFused != 0 else { return nil }
    return (next, PoolView(connection(Int(next.firstConnection))))
  }

  /// Whether a layer runs as one tile.
  func isWhole(_ layer: LayerRecord) -> Bool {
    layer.bandRows == layer.height && layer.bandColumns == layer.width
  }

  /// Whether all potentials of a layer are there after it has run: not where it runs in tiles, nor
  /// where a fused pool leaves out what no window covers.
  package func keepsPotentials(layer index: Int) -> Bool {
    let layer = layer(index)
    return layer.kind == LayerKind.neurons.rawValue && isWhole(layer)
      && fusedPool(after: index) == nil
  }

  /// Whether a max pool may run inside the layer before it: in a model of one timestep, where each
  /// spike lies in at most one window and nothing else reads it.
  package func canFuse(_ pool: LayerRecord, _ index: Int32) -> Bool {
    let c = connection(Int(pool.firstConnection))
    guard pool.kind == LayerKind.maxPool.rawValue, !keepsState, index >= 1, c.source == index,
      layer(Int(index) &- 1).kind == LayerKind.neurons.rawValue,
      c.poolHeight == c.poolStrideHeight, c.poolWidth == c.poolStrideWidth,
      c.poolPaddingTop == 0, c.poolPaddingLeft == 0
    else { return false }
    for other in Int(index)..<layerCount {
      let layer = layer(other)
      for k in 0..<Int(layer.connectionCount)
      where other != Int(index) && connection(Int(layer.firstConnection) &+ k).source == index {
        return false
      }
    }
    return true
  }
}
