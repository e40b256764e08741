import SpikeletReference

/// What the random networks must have among them, so that a kernel or a rule that no network used
/// cannot pass for a tested one.
extension ReferenceModel {
  /// Every feature that the format knows and a comparison depends on.
  static let wantedFeatures = [
    // Inputs.
    "direct input", "rate input", "Poisson input", "event input", "pixels in a sum pool",
    "pixels and spikes in one layer", "several timesteps", "one timestep",
    "looks at the mirror image",
    // Synapses.
    "int4 convolution", "int8 convolution", "int16 convolution", "int4 dense", "int8 dense",
    "int16 dense", "channelwise", "groups", "int4 groups", "one channel a group", "strides",
    "sum pool", "overlapping sum pool", "padded sum pool", "several connections",
    // Kernels.
    "scatter int4", "scatter int8", "scatter int16", "gather int4", "gather int8",
    "picture blocks int8", "gray lines int8", "gather of a dense layer", "gather of four sites",
    "gather of 64 lanes", "gather of a sum pool", "gather in bands", "gather with strides",
    "gather beside another connection", "picture blocks in bands", "gray lines in bands",
    // Neurons.
    "16-bit membranes", "32-bit membranes", "no reset", "soft reset", "hard reset", "no leak",
    "leak by a shift", "leak rounded down", "leak rounded toward zero", "rounded current",
    "bias fractions", "initial potentials", "spike count read-out", "potential read-out",
    // Thresholds.
    "2 thresholds", "3 thresholds", "4 thresholds", "8 thresholds", "one-hot", "thermometer",
    "thresholds over several timesteps",
    // Max pools.
    "count maximum", "gated pool", "pool of any", "8-bit counters", "16-bit counters",
    "fused pool", "pool that is not fused", "max pool of several thresholds",
    // Bands.
    "bands of rows", "bands of columns", "several connections, in bands", "strides in bands",
    "sum pool in bands", "fused pool in bands", "pixels and spikes in bands",
  ]

  /// The same of networks that keep more than potentials.
  static let wantedStates = [
    "synaptic current", "current of a read-out", "current of several thresholds",
    "current of a picture", "current with its own bias", "current with an initial value",
    "16-bit current", "32-bit current", "16-bit current of a 32-bit potential",
    "current that leaks",
    "current that lasts", "current beside spikes", "spikes of one timestep before",
    "own spikes of one timestep before", "own spikes of several thresholds",
    "later spikes of one timestep before", "late dense", "late convolution", "late channelwise",
    "late scatter", "late gather", "one timestep before into a current", "late events",
  ]

  /// The features of this model's states beside potentials.
  var states: Set<String> {
    var result: Set<String> = []
    for (index, layer) in layers.enumerated() {
      for c in layer.connections where c.kind == 5 {
        let current = layers[c.source - 1]
        result.insert("synaptic current")
        result.insert("\(current.membraneBits)-bit current")
        result.insert(current.leak == 0 ? "current that lasts" : "current that leaks")
        if current.membraneBits < layer.membraneBits {
          result.insert("16-bit current of a 32-bit potential")
        }
        if !layer.fires { result.insert("current of a read-out") }
        if layer.thresholdCount > 1 { result.insert("current of several thresholds") }
        if layer.connections.count > 1 { result.insert("current beside spikes") }
        if inputMode == 0, current.connections.contains(where: { $0.source == 0 }) {
          result.insert("current of a picture")
        }
        if current.biases.contains(where: { $0 != 0 }) {
          result.insert("current with its own bias")
        }
        if current.initials.contains(where: { $0 != 0 }) {
          result.insert("current with an initial value")
        }
      }
      for c in layer.connections where c.source > index {
        result.insert("spikes of one timestep before")
        result.insert(["", "late convolution", "late dense", "late channelwise"][c.kind])
        result.insert(["", "late scatter", "late gather"][c.kernel])
        if inputMode == 3 { result.insert("late events") }
        if !layer.fires { result.insert("one timestep before into a current") }
        guard c.source == index + 1 else {
          result.insert("later spikes of one timestep before")
          continue
        }
        result.insert("own spikes of one timestep before")
        if layer.thresholdCount > 1 { result.insert("own spikes of several thresholds") }
      }
    }
    return result
  }

  /// The features that this model has.
  var features: Set<String> {
    var result: Set = [
      ["direct input", "rate input", "Poisson input", "event input"][inputMode],
      keepsState ? "several timesteps" : "one timestep",
      readOut == 0 ? "potential read-out" : "spike count read-out",
    ]
    if looksAtMirror { result.insert("looks at the mirror image") }
    for index in layers.indices {
      result.formUnion(layers[index].isMaxPool ? poolFeatures(index) : neuronFeatures(index))
      for connection in layers[index].connections where !layers[index].isMaxPool {
        result.formUnion(synapseFeatures(connection, of: layers[index]))
      }
    }
    return result
  }

  private func poolFeatures(_ index: Int) -> Set<String> {
    let layer = layers[index]
    let source = layer.connections[0].source
    var result: Set<String> = [layer.isFused ? "fused pool" : "pool that is not fused"]
    if keepsState {
      result.insert(["", "count maximum", "gated pool", "pool of any"][layer.poolRule])
      if layer.counterBits > 0 { result.insert("\(layer.counterBits)-bit counters") }
    }
    guard source > 0 else { return result }
    if layers[source - 1].thresholdCount > 1 { result.insert("max pool of several thresholds") }
    if layer.isFused, layers[source - 1].isInBands { result.insert("fused pool in bands") }
    return result
  }

  private func neuronFeatures(_ index: Int) -> Set<String> {
    let layer = layers[index]
    var result: Set = [
      "\(layer.membraneBits)-bit membranes",
      ["no leak", "leak by a shift", "leak rounded down", "leak rounded toward zero"][layer.leak],
    ]
    if layer.fires { result.insert(["no reset", "soft reset", "hard reset"][layer.reset]) }
    if layer.currentShift > 0 { result.insert("rounded current") }
    if layer.biasFractionBits > 0 { result.insert("bias fractions") }
    if layer.initials.contains(where: { $0 != 0 }) { result.insert("initial potentials") }
    if layer.thresholdCount > 1 {
      result.insert("\(layer.thresholdCount) thresholds")
      result.insert(layer.isOneHot ? "one-hot" : "thermometer")
      if keepsState { result.insert("thresholds over several timesteps") }
    }
    let direct = layer.connections.count { inputMode == 0 && $0.source == 0 }
    let isMixed = direct > 0 && layer.connections.count > direct
    if isMixed { result.insert("pixels and spikes in one layer") }
    if layer.connections.count > 1 { result.insert("several connections") }
    guard layer.isInBands else { return result }
    result.insert(layer.tileRows < layer.height ? "bands of rows" : "bands of columns")
    if layer.tileColumns < layer.width { result.insert("bands of columns") }
    if layer.connections.count > 1 { result.insert("several connections, in bands") }
    if isMixed { result.insert("pixels and spikes in bands") }
    return result
  }

  private func synapseFeatures(_ c: Connection, of layer: Layer) -> Set<String> {
    var result: Set<String> = []
    switch c.kind {
    case 1:
      result.insert("int\(c.weightBits) convolution")
      if c.groups > 1 {
        result.insert("groups")
        if c.weightBits == 4 { result.insert("int4 groups") }
        if c.groups == layer.channels { result.insert("one channel a group") }
      }
    case 2: result.insert("int\(c.weightBits) dense")
    default: result.insert("channelwise")
    }
    result.formUnion(kernelFeatures(c, of: layer))
    let isStrided = c.strideHeight * c.strideWidth > 1
    let isPooled = c.poolHeight * c.poolWidth * c.poolStrideHeight * c.poolStrideWidth > 1
    if isStrided { result.insert("strides") }
    if isPooled {
      result.insert("sum pool")
      if inputMode == 0, c.source == 0 { result.insert("pixels in a sum pool") }
      if c.poolStrideHeight < c.poolHeight { result.insert("overlapping sum pool") }
      if c.poolPaddingTop + c.poolPaddingLeft > 0 { result.insert("padded sum pool") }
    }
    if layer.isInBands {
      if isStrided { result.insert("strides in bands") }
      if isPooled { result.insert("sum pool in bands") }
    }
    return result
  }
}

extension ReferenceModel {
  private func kernelFeatures(_ c: Connection, of layer: Layer) -> Set<String> {
    let kernel = ["", "scatter", "gather", "picture blocks", "gray lines"][c.kernel]
    var result: Set = ["\(kernel) int\(c.weightBits)"]
    if layer.isInBands { result.insert("\(kernel) in bands") }
    guard c.kernel == 2 else { return result }
    if c.kind == 2 { result.insert("gather of a dense layer") }
    if c.poolHeight * c.poolWidth > 1 { result.insert("gather of a sum pool") }
    if c.strideHeight > 1, c.strideWidth > 1 { result.insert("gather with strides") }
    if layer.connections.count > 1 { result.insert("gather beside another connection") }
    if layer.channels > 56 { result.insert("gather of 64 lanes") }
    if c.kind == 1, c.strideWidth == 1, layer.width > 3, 9...16 ~= layer.channels {
      result.insert("gather of four sites")
    }
    return result
  }
}

extension ReferenceModel.Layer {
  /// Whether only a part of the potentials exists at a time.
  fileprivate var isInBands: Bool { tileRows < height || tileColumns < width }
}
