import SpikeletNetwork

/// Where a threshold function is read as spikes, it becomes a layer of neurons.
extension ONNXLowering {
  /// The neurons that comparisons of one value, side by side along the channels, amount to.
  struct Spikes: Hashable {
    /// The value that is compared.
    var node: Int
    var isNegated: Bool
    /// An array a comparison, one value a channel.
    var thresholds: [[Float]]
    var isStrict: Bool
    var labels: [String]
  }

  /// The spikes of comparisons of one value.
  ///
  /// - Parameter functions: at least one; all compare the same value in the same direction.
  mutating func spikes(_ functions: [ThresholdFunction]) throws(Rejection) -> Activation {
    var spikes: Spikes?
    for function in functions {
      let comparison = try function.comparison()
      if comparison.scale != 1 || comparison.offset != 0, functions.count > 1 {
        throw .because(
          "joins comparisons that give \(function.levels.below) and \(function.levels.above)",
          hint: "join spikes of 0 and 1, and scale the weights of the next layer")
      }
      if spikes == nil {
        spikes = Spikes(
          node: function.node, isNegated: comparison.isNegated, thresholds: [],
          isStrict: comparison.isStrict, labels: [])
      }
      spikes?.thresholds.append(comparison.thresholds)
      spikes?.labels.append(function.label)
      if comparison.isRounded {
        keep(
          note:
            "'\(function.label)' gives \(function.levels.at) where a value equals its threshold; "
            + "it is taken as no spike")
      }
    }
    guard let spikes, let input = functions.first else { throw .because("has no inputs") }
    if let known = spikeNodes[spikes] { return try scaled(known, input) }
    try requireAscending(spikes)
    let membrane = try membrane(of: spikes.labels)
    let source = spikes.isNegated ? try negated(input.node) : input.node
    var shape = nodes[source].shape
    shape.channels *= functions.count
    var extents = input.extents
    var order = input.order
    if functions.count > 1 {
      let view = Activation(node: source, extents: extents, order: order)
      let axes = try requiredAxes(of: view)
      // Values of rows and columns alone have one channel, and are never joined along it.
      if let position = axes.firstIndex(of: 0) { extents[position] *= functions.count }
      order = Self.order(axes, of: shape)
    }
    try usage.parameters(spikes.thresholds.reduce(0) { $0 + $1.count })
    try appendNode(
      Network.Node(
        name: spikes.labels[0],
        operation: .threshold(
          .init(thresholds: spikes.thresholds, isStrict: spikes.isStrict, membrane: membrane)),
        inputs: [source], shape: shape))
    let result = Activation(
      node: nodes.count - 1, extents: extents, order: order, isShared: true)
    spikeNodes[spikes] = result
    return try scaled(result, input)
  }

  /// Spikes that stand for other values than 0 and 1, such as −1 and 1.
  private mutating func scaled(
    _ spikes: Activation, _ function: ThresholdFunction
  ) throws(Rejection) -> Activation {
    let comparison = try function.comparison()
    guard comparison.scale != 1 || comparison.offset != 0 else { return spikes }
    let shape = nodes[spikes.node].shape
    func list(_ value: Float) -> [Float] { [Float](repeating: value, count: shape.channels) }
    try usage.parameters(4 * shape.channels)
    try appendNode(
      Network.Node(
        name: function.label + ".values",
        operation: .batchNormalization(
          .init(
            scale: list(comparison.scale), bias: list(comparison.offset), mean: list(0),
            variance: list(1), epsilon: 0)),
        inputs: [spikes.node], shape: shape))
    var result = spikes
    result.node = nodes.count - 1
    return result
  }

  private func requireAscending(_ spikes: Spikes) throws(Rejection) {
    for (level, pair) in zip(spikes.thresholds, spikes.thresholds.dropFirst()).enumerated() {
      guard let channel = pair.0.indices.first(where: { pair.0[$0] > pair.1[$0] }) else { continue }
      let sign: Float = spikes.isNegated ? -1 : 1
      throw .because(
        "joins thresholds that are out of order: in channel \(channel) "
          + "'\(spikes.labels[level + 1])' has \(sign * pair.1[channel]) after "
          + "\(sign * pair.0[channel]) of '\(spikes.labels[level])'",
        hint: "join the comparisons in the order in which they are passed, "
          + "the same in every channel")
    }
  }

  /// The inputs of a concatenation along channels: neighboring comparisons of one value are one
  /// layer of neurons with several thresholds.
  mutating func joined(_ node: ONNXNode) throws(Rejection) -> [Activation] {
    var result: [Activation] = []
    var run: [ThresholdFunction] = []
    for position in node.inputs.indices {
      if case .thresholded(let function) = try value(node, position) {
        if let last = run.last {
          let (before, this) = (try last.comparison(), try function.comparison())
          if function.node != last.node || function.extents != last.extents
            || function.order != last.order || before.isNegated != this.isNegated
            || before.isStrict != this.isStrict
          {
            result.append(try spikes(run))
            run = []
          }
        }
        run.append(function)
      } else {
        if !run.isEmpty { result.append(try spikes(run)) }
        run = []
        result.append(try activation(node, position))
      }
    }
    if !run.isEmpty { result.append(try spikes(run)) }
    return result
  }

  /// A node with the negated values of another, for neurons that fire below their threshold.
  ///
  /// Weights change their signs, which is exact. The other node stays for whatever else reads it.
  private mutating func negated(_ index: Int, depth: Int = 0) throws(Rejection) -> Int {
    if let known = negatedNodes[index] { return known }
    guard depth <= 256 else {
      throw .because("fires below its threshold, more than 256 layers after the last weights")
    }
    var node = nodes[index]
    try usage.parameters(Self.parameterCount(node.operation))
    switch node.operation {
    case .convolution(var layer):
      layer.weights = layer.weights.map { -$0 }
      layer.bias = layer.bias.map { -$0 }
      node.operation = .convolution(layer)
    case .dense(var layer):
      layer.weights = layer.weights.map { -$0 }
      layer.bias = layer.bias.map { -$0 }
      node.operation = .dense(layer)
    case .batchNormalization(var layer):
      layer.scale = layer.scale.map { -$0 }
      layer.bias = layer.bias.map { -$0 }
      node.operation = .batchNormalization(layer)
    case .averagePool, .flatten, .add, .concatenate:
      for position in node.inputs.indices {
        node.inputs[position] = try negated(node.inputs[position], depth: depth + 1)
      }
    case .input:
      let channels = node.shape.channels
      let zeros = [Float](repeating: 0, count: channels)
      node.operation = .batchNormalization(
        .init(
          scale: [Float](repeating: -1, count: channels), bias: zeros, mean: zeros,
          variance: [Float](repeating: 1, count: channels), epsilon: 0))
      node.inputs = [index]
    case .relu, .threshold, .maxPool, .delayed:
      throw .because(
        "fires below its threshold, and no weights before it could change their sign",
        hint: "compare the other way round, or right after a convolution or dense layer")
    }
    try appendNode(node)
    negatedNodes[index] = nodes.count - 1
    return nodes.count - 1
  }

  private static func parameterCount(_ operation: Network.Operation) -> Int {
    switch operation {
    case .convolution(let layer): layer.weights.count + layer.bias.count
    case .dense(let layer): layer.weights.count + layer.bias.count
    case .batchNormalization(let layer): 4 * layer.scale.count
    default: 0
    }
  }

  /// What the file's metadata say of the neurons of some comparisons.
  private func membrane(of labels: [String]) throws(Rejection) -> Network.Membrane? {
    let known = labels.compactMap { metadata.neurons[$0] }
    guard let first = known.first else {
      guard metadata.timesteps ?? 1 == 1 else {
        throw .because(
          "has no entry \(Metadata.neuronsPrefix)\(labels[0]) in the metadata, "
            + "which \(metadata.timesteps ?? 1) timesteps need",
          hint: "give its leak and reset, see docs/import.md")
      }
      return nil
    }
    guard known.allSatisfy({ $0 == first }) else {
      throw .because(
        "has comparisons of one potential with different leaks or resets in the metadata",
        hint: "give all of them the same entry, or only one of them an entry")
    }
    return first
  }

  /// The thresholds that a value's spikes were compared with, through pools and flattening; nil
  /// where they come from elsewhere.
  func thresholdCount(_ index: Int) -> Int? {
    var index = index
    while true {
      switch nodes[index].operation {
      case .threshold(let layer): return layer.thresholds.count
      case .averagePool, .maxPool, .flatten, .batchNormalization: index = nodes[index].inputs[0]
      default: return nil
      }
    }
  }
}
