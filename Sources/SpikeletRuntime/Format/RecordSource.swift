/// The records of a model, wherever they lie: in a file that is open, or in the compiler's hands before
/// there is a file.
///
/// What buffers a plan needs, how large and how long, follows from the records alone. Written once
/// against this protocol, it is what the compiler plans with and what the loader demands.
package protocol RecordSource: ~Escapable {
  var header: ModelHeader { get }
  /// What a layer's record begins with.
  func layer(_ index: Int) -> LayerRecord
  /// The record of a layer of neurons.
  func neurons(_ index: Int) -> NeuronRecord
  /// The record of a max pool.
  func maxPool(_ index: Int) -> MaxPoolRecord
  func connection(_ index: Int) -> ConnectionRecord
}

extension RecordSource where Self: ~Escapable {
  package var layerCount: Int { Int(header.layerCount) }

  /// The layout of the spike map that `source` stands for: 0 is the input, i is layer i − 1.
  @inline(never)
  package func map(_ source: Int) -> SpikeMap {
    if source == 0 {
      let header = header
      return SpikeMap(
        channels: Int(header.inputChannels), height: Int(header.inputHeight),
        width: Int(header.inputWidth))
    }
    let layer = layer(source &- 1)
    return SpikeMap(
      channels: Int(layer.spikeChannels), height: Int(layer.height), width: Int(layer.width))
  }

  /// Whether a connection turns pixels into a constant current.
  func isDirect(_ connection: ConnectionRecord) -> Bool {
    connection.source == 0 && header.inputMode == InputMode.direct.rawValue
  }

  /// Whether a connection of a layer reads what the timestep before has left: that of a layer which does
  /// not run before this one.
  @inline(__always)
  package func isLate(_ connection: ConnectionRecord, in index: Int) -> Bool {
    #if SPIKELET_WITHOUT_RECURRENCE
      return false
    #else
      return Int(connection.source) > index
    #endif
  }

  /// Whether the second timestep is a look at the picture's mirror image, for which every layer but the
  /// scores begins afresh.
  @inline(__always)
  package var looksAtMirror: Bool {
    #if SPIKELET_WITHOUT_LOOKS
      return false
    #else
      return header.mirrorLooks != 0
    #endif
  }

  /// Whether a layer's membranes and counters outlive a timestep.
  /// Where the second one looks at the mirror image, only the scores do.
  package var keepsState: Bool { header.maximumTimesteps > 1 && !looksAtMirror }

  /// Whether any connection of a layer turns pixels into a current. The connections of a layer are in
  /// the order of their sources, so it is the first.
  func hasDirectInput(_ layer: LayerRecord) -> Bool {
    isDirect(connection(Int(layer.firstConnection)))
  }

  package func isMaxPool(_ index: Int) -> Bool {
    layer(index).kind == LayerKind.maxPool.rawValue
  }

  /// Whether the layer behind a layer is a max pool that runs inside it.
  @inline(never)
  func isPooled(_ index: Int) -> Bool {
    let next = index &+ 1
    return next < layerCount && isMaxPool(next) && maxPool(next).isFused != 0
  }

  /// Whether a layer runs as one tile.
  func isWhole(_ neurons: NeuronRecord) -> Bool {
    neurons.tileRows == neurons.height && neurons.tileColumns == neurons.width
  }

  /// Whether all potentials of a layer are there after it has run: not where it runs in tiles, nor
  /// where a fused pool leaves out what no window covers.
  package func keepsPotentials(layer index: Int) -> Bool {
    !isMaxPool(index) && isWhole(neurons(index)) && !isPooled(index)
  }

  /// Whether a max pool may run inside the layer before it: in a model of one timestep, where each
  /// spike lies in at most one window and nothing else reads it.
  package func canFuse(_ index: Int) -> Bool {
    guard index >= 1, isMaxPool(index), !keepsState, !isMaxPool(index &- 1) else { return false }
    let pool = layer(index)
    let c = connection(Int(pool.firstConnection))
    // Readers come after the layer that they read, so the last one can only be the pool itself.
    return Int(c.source) == index && layer(index &- 1).lastReader == c.source &+ 1
      && c.poolHeight == c.poolStrideHeight && c.poolWidth == c.poolStrideWidth
      && c.poolPaddingTop == 0 && c.poolPaddingLeft == 0
  }
}
