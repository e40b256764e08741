import SpikeletNetwork
import SpikeletSupport

/// Turns the nodes of an ONNX graph into those of a network, one after the other.
///
/// A node that cannot be converted is noted and its output unknown from there on, so that one
/// pass finds all problems.
struct ONNXLowering {
  /// What is known of a value of the ONNX graph.
  enum Value {
    case activation(Activation)
    case constant(Constant)
    /// The result of a comparison, which becomes spikes where something reads it.
    case thresholded(ThresholdFunction)
    /// Nothing, because of a problem already noted.
    case unknown
  }

  /// The output of a network's node, as the ONNX graph sees it.
  struct Activation {
    /// The node of the network.
    var node: Int
    /// The extents without the batch: features, or rows and columns, or channels, rows, columns.
    var extents: [Int]
    /// The order in which these extents go over the node's values.
    var order: ValueOrder
    /// Whether more than one node reads the value, so that a later node must not change it.
    var isShared = false
    /// Zeros around the map that the next convolution or pool has to add.
    var padding: Window.Padding?
    /// The name of a softmax, or its like, that was dropped, after which nothing may compute.
    var ending: String?
    /// The scale and zero point of a value that the graph holds as integers.
    var quantization: Quantization?
  }

  let graph: ONNXGraph
  let opset: Int64
  let externalData: ExternalData
  let metadata: Metadata
  private(set) var problems: [Problem] = []
  private var reported: Set<Problem> = []
  private(set) var uses: [String: Int] = [:]
  var values: [String: Value] = [:]
  var initializers: [String: Int] = [:]
  private(set) var producers: [String: Int] = [:]
  /// The needed nodes that read a name.
  private(set) var readerIndices: [String: [Int]] = [:]
  /// Nodes that subtract what is a threshold over several timesteps, not a bias.
  var thresholdOffsets: Set<Int> = []
  /// How often the nodes still to come read a name.
  private var pending: [String: Int] = [:]
  var usage = Usage()
  /// The batch that the input declares; nil when it is left open.
  var declaredBatch: Int?
  var nodes: [Network.Node] = []
  /// The spikes that are nodes already, so that two readers share one layer.
  var spikeNodes: [Spikes: Activation] = [:]
  /// Nodes with the negated values of others.
  var negatedNodes: [Int: Int] = [:]
  private var notes: [String] = []
  /// The nodes between which and the output nothing changes the order of the scores.
  private var endings: Set<Int> = []
  /// Whether the node that is converted is one of them.
  private(set) var isEnding = false

  init(graph: ONNXGraph, opset: Int64, externalData: ExternalData, metadata: Metadata) {
    self.graph = graph
    self.opset = opset
    self.externalData = externalData
    self.metadata = metadata
    problems = metadata.problems
    for (index, tensor) in graph.initializers.enumerated() {
      if initializers.updateValue(index, forKey: tensor.name) != nil {
        note(tensor.name, "initializer", "is there twice")
      }
    }
  }

  /// The network, or nil when there are problems.
  mutating func convert(output: String, name: String) -> Network? {
    indexProducers()
    let order = orderedNodes(for: output)
    for index in order {
      for name in Set(graph.nodes[index].inputs) {
        uses[name, default: 0] += 1
        readerIndices[name, default: []].append(index)
      }
    }
    uses[output, default: 0] += 1
    pending = uses
    endings = endingNodes(of: output, among: order)
    convertInput(order: order)
    for index in order {
      isEnding = endings.contains(index)
      convert(graph.nodes[index])
    }

    var result: Int?
    do {
      let scores = try activation(named: output)
      result = scores.node
      if scores.padding != nil { note(output, nil, "is padded with zeros that nothing reads") }
      if !scores.order.isIdentity { note(output, nil, "holds the scores in another order") }
      if scores.node == 0 { note(output, nil, "is the input itself: there are no layers") }
    } catch {
      note(output, nil, error)
    }
    guard problems.isEmpty, let result else {
      if problems.isEmpty { note(output, nil, "cannot be computed") }
      return nil
    }
    var network = Network(
      name: name, nodes: nodes, output: result, timesteps: metadata.timesteps, notes: notes)
    network.scoresLeak = metadata.scoresLeak
    // Where comparisons were moved to another value, perhaps nothing reads the one they were on.
    return network.withoutUnusedNodes()
  }

  private mutating func convert(_ node: ONNXNode) {
    var result = Value.unknown
    do throws(Rejection) {
      try chargeReading(node)
      result = try converted(node)
      if case .activation(var activation) = result, activation.quantization == nil,
        let kept = keptQuantization(node)
      {
        activation.quantization = kept
        result = .activation(activation)
      }
      // Whatever an operator does to extents, they stay those of its values.
      if case .constant(let constant) = result {
        guard try Limits.checked(constant.extents) == constant.elements.count else {
          throw Rejection.because("has no values for the extents \(constant.extents)")
        }
        try usage.hold(constant.elements.count)
      }
    } catch {
      result = .unknown
      note(node.label, node.op, error)
    }
    for (position, name) in node.outputs.enumerated() where !name.isEmpty {
      values[name] = position == 0 ? result : .unknown
      if position > 0, uses[name] != nil {
        note(
          node.label, node.op, "output \(position + 1), '\(name)', is used; only the first may be")
      }
      if case .activation(var activation)? = values[name], uses[name, default: 0] > 1 {
        activation.isShared = true
        values[name] = .activation(activation)
      }
    }
    releaseInputs(of: node)
  }

  /// Counts what a node is going to look at, so that no graph makes its reader go over the same
  /// values without end.
  private mutating func chargeReading(_ node: ONNXNode) throws(Rejection) {
    for name in node.inputs {
      switch values[name] {
      case .constant(let constant): try usage.read(constant.elements.count)
      case .thresholded(let function): try usage.read(function.thresholds.count)
      case .activation(let activation): try usage.read(nodes[activation.node].shape.channels)
      case .unknown, nil: break
      }
    }
  }

  /// Lets go of constants that no other node reads.
  private mutating func releaseInputs(of node: ONNXNode) {
    for name in Set(node.inputs) {
      guard let count = pending[name], count > 0 else { continue }
      pending[name] = count - 1
      if count == 1, case .constant(let constant)? = values[name] {
        usage.release(constant.elements.count)
        values[name] = .unknown
      }
    }
  }

  /// Keeps what the user must know though it is no problem.
  mutating func keep(note: String) {
    if !notes.contains(note) { notes.append(note) }
  }

  mutating func note(_ name: String, _ op: String?, _ rejection: Rejection) {
    switch rejection {
    case .problem(let reason, let hint): note(name, op, reason, hint)
    case .unknownInput: break  // Reported where the input was lost.
    }
  }

  mutating func note(
    _ name: String?, _ op: String?, _ reason: String, _ hint: String? = nil
  ) {
    // One long name could stand in the messages about any number of nodes.
    let isLong = reason.utf8.count > Limits.messageBytes
    let reason = isLong ? String(reason.prefix(Limits.messageBytes / 4)) + "…" : reason
    let problem = Problem(node: name, operation: op, reason: reason, advice: hint)
    if reported.insert(problem).inserted { problems.append(problem) }
  }
}

extension ONNXLowering {
  /// The value of a name; initializers are read when the first node asks for them.
  mutating func value(named name: String) throws(Rejection) -> Value {
    if let value = values[name] { return value }
    guard let index = initializers[name] else {
      // A producer that is not converted yet lies on a cycle, which is reported.
      if producers[name] != nil { return .unknown }
      throw .because("reads '\(name)', which nothing in the graph produces")
    }
    var value = Value.unknown
    do {
      let constant = try loaded(graph.initializers[index])
      try usage.hold(constant.elements.count)
      value = .constant(constant)
    } catch {
      note(name, "initializer", error)
    }
    values[name] = value
    return value
  }

  /// The values of a tensor, counted against what a network may hold in all.
  mutating func loaded(_ tensor: ONNXTensor) throws(Rejection) -> Constant {
    try usage.store(try tensor.count())
    return try tensor.constant(externalData)
  }

  /// An activation that a node of the network may read.
  mutating func activation(named name: String) throws(Rejection) -> Activation {
    switch try value(named: name) {
    case .activation(let activation): return activation
    case .unknown: throw .unknownInput
    case .thresholded(let function): return try spikes([function])
    case .constant: throw .because("computes with the constant '\(name)' alone")
    }
  }

  private mutating func indexProducers() {
    for (index, node) in graph.nodes.enumerated() {
      for name in node.outputs where !name.isEmpty {
        if producers[name] != nil || initializers[name] != nil {
          note(node.label, node.op, "produces '\(name)', which something else produces as well")
        }
        producers[name] = index
      }
    }
  }

  /// The nodes that the output depends on, each after those that it reads.
  ///
  /// The walk keeps its own stack, since a graph may be deeper than a thread's.
  private mutating func orderedNodes(for output: String) -> [Int] {
    enum Mark { case open, done }
    var marks: [Int: Mark] = [:]
    var order: [Int] = []
    var stack: [(node: Int, next: Int)] = []
    if let start = producers[output] {
      stack.append((start, 0))
      marks[start] = .open
    }
    while let (index, next) = stack.last {
      let inputs = graph.nodes[index].inputs
      guard next < inputs.count else {
        marks[index] = .done
        order.append(index)
        stack.removeLast()
        continue
      }
      stack[stack.count - 1].next += 1
      guard let producer = producers[inputs[next]] else { continue }
      switch marks[producer] {
      case .done: break
      case .open:
        let node = graph.nodes[producer]
        note(node.label, node.op, "depends on its own output: the graph has a cycle")
      case nil:
        marks[producer] = .open
        stack.append((producer, 0))
      }
    }
    // Most files are in order, and their order reads better than that of the walk.
    let sorted = order.sorted()
    return isTopological(sorted) ? sorted : order
  }

  private func isTopological(_ order: [Int]) -> Bool {
    order.allSatisfy { index in
      graph.nodes[index].inputs.allSatisfy { name in producers[name].map { $0 < index } ?? true }
    }
  }
}
