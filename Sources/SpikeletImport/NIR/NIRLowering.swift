import SpikeletNetwork
import SpikeletSupport

/// Turns a graph of NIR into a network.
///
/// Every node becomes the operations that compute it in one timestep. What the equations say between
/// timesteps becomes the membranes of thresholds, in units of the current: a potential is divided by
/// what it takes in of one, so that weights stay as they are.
struct NIRLowering {
  /// What a node passes on.
  struct Value {
    /// The node of the network.
    var node: Int
    /// The extents as the file has them; the network's are the same values as a map.
    var dims: [Int]
    /// How many spikes of a neuron lie behind each other, threshold by threshold.
    var stack = 1
    /// The potential of a node that integrates and never fires, which only its reader makes something
    /// of.
    var potential: Potential?
  }

  /// An integrator whose spikes or scores are still to come.
  struct Potential {
    var name: String
    var dynamics: NeuronDynamics
  }

  let graph: NIRFlatGraph
  let semantics: NeuronSemantics
  var nodes: [Network.Node] = []
  var neurons: [Network.Interpretation.Neuron] = []
  var problems: [Problem] = []
  var notes: [String]
  var scoresLeak: Network.Membrane.Leak?
  var scoresSynapse: Network.Synapse?
  var usage = Usage()
  private(set) var values: [Int: Value] = [:]
  /// Whether what a neuron feeds back to itself becomes a part of its reset, where it can.
  let foldsLoops: Bool
  /// What leads back: for a node the nodes whose spikes of one timestep before it reads.
  var delayed: [Int: [Int]] = [:]
  /// The nodes of the network that hold the spikes of one timestep before, by the node that fires them.
  var delayedNodes: [Int: Value] = [:]
  /// The node through which a node of neurons feeds its own spikes back, by its number.
  private(set) var loops: [Int: Int] = [:]
  private(set) var edges: [(source: Int, target: Int)] = []

  init(_ graph: NIRFlatGraph, semantics: NeuronSemantics, foldsLoops: Bool = true) {
    self.graph = graph
    self.foldsLoops = foldsLoops
    self.semantics = semantics
    notes = graph.notes
  }

  /// The network, or nil where there are problems.
  mutating func network(output: Int, name: String) -> Network? {
    var kept = graph
    if foldsLoops { findLoops() }
    // What feeds a neuron's own spikes back is part of the neuron.
    let inside = Set(loops.values)
    kept.edges.removeAll { edge in
      loops[edge.target].map { $0 == edge.source } ?? false || inside.contains(edge.source)
        || inside.contains(edge.target)
    }
    let needed = kept.ancestors(of: output)
    kept.edges = cutCycles(kept, needed)
    edges = kept.edges
    let (order, cycle) = ordered(kept, needed)
    let inputs = needed.filter {
      graph.nodes[$0].node.type == "Input" && !graph.nodes[$0].isPassage
    }
    if inputs.count != 1 { noteInputs(inputs.sorted(), output) }
    noteCycle(cycle)
    for index in needed.sorted() where !cycle.isEmpty && !order.contains(index) {
      // What comes after a cycle has no value; whether it is known at all can be told.
      noteUnknownType(index)
    }
    // The input is node 0 of a network.
    for index in inputs.sorted() + order.filter({ !inputs.contains($0) }) {
      do throws(Rejection) {
        values[index] = try lower(index)
        try checkDelayed(index)
      } catch {
        reject(index, error)
      }
    }
    guard problems.isEmpty, let value = values[output] else {
      if problems.isEmpty { reject(output, .because("gets no value")) }
      return nil
    }
    var network = Network(name: name, nodes: nodes, output: value.node, notes: notes)
    network.scoresLeak = scoresLeak
    network.scoresSynapse = scoresSynapse
    return network.withoutUnusedNodes()
  }

  mutating func reject(_ index: Int, _ rejection: Rejection) {
    let node = graph.nodes[index]
    switch rejection {
    case .unknownInput: break
    case .problem(let reason, let hint):
      problems.append(
        Problem(node: node.name, operation: node.node.type, reason: reason, advice: hint))
    }
  }

  private mutating func noteInputs(_ inputs: [Int], _ output: Int) {
    guard !inputs.isEmpty else {
      return reject(output, .because("depends on no Input of the graph"))
    }
    let list = inputs.map { "'\(graph.nodes[$0].name.printableName)'" }.joined(separator: ", ")
    for index in inputs.dropFirst() {
      reject(
        index,
        .because(
          "is one of \(inputs.count) inputs (\(list)), and a model reads one picture",
          hint: "make one input with more channels"))
    }
  }

  private mutating func noteCycle(_ cycle: [Int]) {
    guard let first = cycle.first else { return }
    let path = (cycle + [first]).map { "'\(graph.nodes[$0].name.printableName)'" }
    reject(
      first,
      .because(
        "feeds back through \(path.joined(separator: " → ")) without neurons that fire on the way; the "
          + "engine runs every layer once a timestep, and carries back spikes alone",
        hint: "put neurons into the loop, or unroll it"))
  }

  private mutating func noteUnknownType(_ index: Int) {
    let type = graph.nodes[index].node.type
    if !Self.types.contains(type) { reject(index, Self.unknown(type)) }
  }

  /// Finds nodes of neurons that feed their spikes back to themselves: through a node of weights that
  /// nothing else reads or feeds, or directly.
  private mutating func findLoops() {
    var targets: [Int: [Int]] = [:]
    var sources: [Int: [Int]] = [:]
    for edge in graph.edges {
      targets[edge.source, default: []].append(edge.target)
      sources[edge.target, default: []].append(edge.source)
    }
    for (index, node) in graph.nodes.enumerated()
    where ["IF", "LIF", "CubaLIF"].contains(node.node.type) && !keepsCurrent(index) {
      for back in targets[index] ?? [] {
        if back == index {
          loops[index] = index
        } else if ["Affine", "Linear", "Scale"].contains(graph.nodes[back].node.type),
          targets[back] == [index], sources[back] == [index], isDiagonal(back)
        {
          loops[index] = back
        }
      }
    }
  }

  private func isDiagonal(_ index: Int) -> Bool {
    let node = graph.nodes[index].node
    if node.type == "Scale" { return true }
    guard case .success(let weight)? = node.parameters["weight"], weight.shape.count == 2,
      weight.shape[0] == weight.shape[1]
    else { return false }
    let count = weight.shape[0]
    return weight.numbers.indices.allSatisfy {
      $0 / max(1, count) == $0 % max(1, count) || weight.numbers[$0] == 0
    }
  }

  /// What a node reads: the sum of all that leads to it.
  func sources(of index: Int) -> [Int] {
    edges.filter { $0.target == index }.map(\.source).sorted()
  }

  /// How many nodes read one.
  func readers(of index: Int) -> [Int] {
    edges.filter { $0.source == index }.map(\.target)
  }

  /// The value that a node reads, with the spikes of a neuron behind each other.
  mutating func input(_ index: Int) throws(Rejection) -> Value {
    let sources = sources(of: index)
    let late = delayed[index] ?? []
    guard !sources.isEmpty || !late.isEmpty else { throw .because("nothing leads to it") }
    var inputs: [Value] = []
    for source in sources {
      guard let value = values[source] else { throw .unknownInput }
      inputs.append(value)
    }
    for source in late { inputs.append(try before(source, for: index)) }
    if inputs.count == 1 { return inputs[0] }
    var terms: [Value] = []
    for value in inputs {
      guard value.potential == nil else {
        throw .because(
          "adds the potential of neurons that never fire to something else",
          hint: "let it lead to an Output or a Threshold alone")
      }
      terms.append(try unstacked(value, for: index))
    }
    let dims = terms[0].dims
    guard terms.allSatisfy({ $0.dims == dims }) else {
      let list = terms.map { Self.shown($0.dims) }.joined(separator: " and ")
      throw .because("adds values of the shapes \(list)")
    }
    let node = try append(
      .add, name: graph.nodes[index].name + ".sum", inputs: terms.map(\.node),
      shape: nodes[terms[0].node].shape)
    return Value(node: node, dims: dims)
  }

  /// The same with the potential of neurons that never fire refused.
  mutating func firing(_ index: Int) throws(Rejection) -> Value {
    let value = try input(index)
    guard value.potential == nil else {
      throw .because(
        "reads the potential of '\(value.potential?.name.printableName ?? "")', which never fires; "
          + "the engine passes on spikes",
        hint: "let it lead to an Output or a Threshold alone")
    }
    return value
  }

  /// Appends a node to the network.
  mutating func append(
    _ operation: Network.Operation, name: String, inputs: [Int], shape: Shape
  ) throws(Rejection) -> Int {
    guard nodes.count < Limits.layers else {
      throw .because("makes a network of more than \(Limits.layers) layers; that is the limit")
    }
    let extents = [shape.channels, shape.height, shape.width]
    guard extents.allSatisfy({ (1...Limits.extent).contains($0) }) else {
      throw .because("has the shape \(shape); extents are 1 to \(Limits.extent)")
    }
    _ = try Limits.checked(extents)
    try usage.map(shape.count)
    nodes.append(Network.Node(name: name, operation: operation, inputs: inputs, shape: shape))
    return nodes.count - 1
  }

  /// Extents for messages.
  static func shown(_ dims: [Int]) -> String {
    dims.isEmpty ? "a scalar" : dims.map { "\($0)" }.joined(separator: "×")
  }
}
