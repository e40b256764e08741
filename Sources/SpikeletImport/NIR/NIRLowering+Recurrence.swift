import SpikeletNetwork
import SpikeletSupport

/// Edges that lead back. The spikes of a node arrive along them one timestep later.
extension NIRLowering {
  /// The types of nodes whose values are spikes.
  static let firing: Set = ["IF", "LIF", "CubaLIF", "Threshold"]

  /// The edges of a graph without those that close a cycle, which become delayed ones. A cycle without a
  /// node that fires is left as it is.
  mutating func cutCycles(
    _ graph: NIRFlatGraph, _ needed: Set<Int>
  ) -> [(source: Int, target: Int)] {
    var kept = graph
    while let edge = backEdge(kept, needed) {
      kept.edges.removeAll { $0 == edge }
      delayed[edge.target, default: []].append(edge.source)
      let names = [edge.source, edge.target].map { graph.nodes[$0].name }
      notes.append(
        "the edge from '\(names[0])' to '\(names[1])' leads back: what is fired arrives one timestep "
          + "later")
    }
    for target in delayed.keys { delayed[target]?.sort() }
    return kept.edges
  }

  /// The edge to delay in a cycle that there is: walking from the input, a cycle closes where an edge
  /// leads to a node on the way, and its spikes leave the last node before that which fires.
  private func backEdge(
    _ graph: NIRFlatGraph, _ needed: Set<Int>
  ) -> (source: Int, target: Int)? {
    var targets = [[Int]](repeating: [], count: graph.nodes.count)
    for edge in graph.edges where needed.contains(edge.source) && needed.contains(edge.target) {
      targets[edge.source].append(edge.target)
    }
    for index in targets.indices { targets[index].sort() }
    let inputs = needed.filter { graph.nodes[$0].node.type == "Input" }.sorted()
    var isDone = [Bool](repeating: false, count: graph.nodes.count)
    var place = [Int?](repeating: nil, count: graph.nodes.count)
    for start in inputs + needed.sorted() where !isDone[start] {
      var path = [(node: start, next: 0)]
      place[start] = 0
      while let (node, next) = path.last {
        guard next < targets[node].count else {
          isDone[node] = true
          place[node] = nil
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let target = targets[node][next]
        if let first = place[target] {
          let fired = path.indices.last {
            $0 >= first && Self.firing.contains(graph.nodes[path[$0].node].node.type)
          }
          if let fired {
            return (path[fired].node, fired + 1 < path.count ? path[fired + 1].node : target)
          }
        } else if !isDone[target] {
          place[target] = path.count
          path.append((target, 0))
        }
      }
    }
    return nil
  }

  /// The nodes of a graph in order. Who reads what comes back waits for the other nodes that the source
  /// reads, where it can: they tell the shape of what comes back.
  func ordered(_ graph: NIRFlatGraph, _ needed: Set<Int>) -> (order: [Int], cycle: [Int]) {
    guard !delayed.isEmpty else { return graph.ordered(needed) }
    var waiting = graph
    for (target, sources) in delayed.sorted(by: { $0.key < $1.key }) {
      for source in sources {
        for edge in graph.edges where edge.target == source && edge.source != target {
          guard !graph.ancestors(of: edge.source).contains(target) else { continue }
          waiting.edges.append((edge.source, target))
        }
      }
    }
    let result = waiting.ordered(needed)
    return result.cycle.isEmpty ? result : graph.ordered(needed)
  }

  /// The spikes that a node fired one timestep before.
  mutating func before(_ source: Int, for index: Int) throws(Rejection) -> Value {
    guard semantics.recurrentDelay == 1 else {
      throw .because(
        "gets the spikes of '\(graph.nodes[source].name.printableName)' "
          + "\(semantics.recurrentDelay) timesteps later; the engine can after one",
        hint: "recurrentDelay 1")
    }
    if let value = delayedNodes[source] { return value }
    let dims = try firedDims(source, for: index)
    let stack = firesRepeatedly(source) ? semantics.spikes : 1
    var shape = Self.map(dims)
    shape.channels *= stack
    let name = graph.nodes[source].name
    let value = Value(
      node: try append(.delayed(name), name: name + ".before", inputs: [], shape: shape),
      dims: dims, stack: stack)
    delayedNodes[source] = value
    return value
  }

  /// The extents of the spikes of a node that is still to come.
  private func firedDims(_ source: Int, for index: Int) throws(Rejection) -> [Int] {
    for other in sources(of: source) {
      if let value = values[other] { return value.dims }
    }
    let reader = graph.nodes[index].node
    if ["Affine", "Linear"].contains(reader.type), let weight = try optional(index, "weight"),
      weight.shape.count == 2
    {
      return [weight.shape[1]]
    }
    for key in ["v_threshold", "threshold", "tau", "tau_mem", "r"] {
      if let parameter = try optional(source, key, allowsInfinity: true),
        parameter.numbers.count > 1
      {
        return parameter.shape
      }
    }
    throw .because(
      "reads what '\(graph.nodes[source].name.printableName)' has fired, whose shape nothing before it "
        + "tells", hint: "give a parameter of that node one value for each neuron")
  }

  private func firesRepeatedly(_ source: Int) -> Bool {
    switch graph.nodes[source].node.type {
    case "IF": semantics.ifReset == .subtract
    case "Threshold": false
    default: semantics.reset == .subtract
    }
  }

  /// Checks that a node fires what has been read of it before it was known.
  func checkDelayed(_ index: Int) throws(Rejection) {
    guard let before = delayedNodes[index], let value = values[index] else { return }
    guard before.dims == value.dims, before.stack == value.stack,
      nodes[before.node].shape == nodes[value.node].shape
    else {
      throw .because(
        "fires spikes of the shape \(Self.shown(value.dims)), and what leads back reads "
          + "\(Self.shown(before.dims))")
    }
  }
}
