import SpikeletSupport

/// A graph without graphs inside it: nodes by number, edges between them.
struct NIRFlatGraph {
  struct Node {
    /// Its name; that of a node inside of a graph begins with the graph's.
    var name: String
    var node: NIRNode
    /// Whether it is an input or an output of a graph inside: it passes on what it gets.
    var isPassage: Bool
  }

  private(set) var nodes: [Node] = []
  var edges: [(source: Int, target: Int)] = []
  private(set) var problems: [Problem] = []
  private(set) var notes: [String] = []

  init(_ graph: NIRGraph) {
    _ = add(graph, prefix: "", depth: 0)
    var seen: Set<[Int]> = []
    var repeated: [(source: Int, target: Int)] = []
    edges = edges.filter { edge in
      let isNew = seen.insert([edge.source, edge.target]).inserted
      if !isNew { repeated.append(edge) }
      return isNew
    }
    notes += repeated.prefix(3).map {
      "the edge from '\(nodes[$0.source].name)' to '\(nodes[$0.target].name)' is in the file more "
        + "than once, and counts once"
    }
  }

  /// What edges of the graph around it find of a graph: its inputs and outputs by name.
  private struct Ports {
    var inputs: [String: Int] = [:]
    var outputs: [String: Int] = [:]
  }

  private mutating func note(_ name: String, _ reason: String, _ advice: String? = nil) {
    problems.append(Problem(node: name, reason: reason, advice: advice))
  }

  private mutating func add(_ graph: NIRGraph, prefix: String, depth: Int) -> Ports {
    var ports = Ports()
    var places: [String: Int] = [:]
    var inner: [String: Ports] = [:]
    for name in graph.nodes.keys.sorted() {
      guard let node = graph.nodes[name] else { continue }
      guard nodes.count < Limits.layers else {
        note(prefix + name, "is one node more than the limit, \(Limits.layers)")
        return ports
      }
      if let graph = node.graph {
        inner[name] = add(graph, prefix: prefix + name + ".", depth: depth + 1)
        continue
      }
      places[name] = nodes.count
      if node.type == "Input" { ports.inputs[name] = nodes.count }
      if node.type == "Output" { ports.outputs[name] = nodes.count }
      nodes.append(
        Node(
          name: prefix + name, node: node,
          isPassage: depth > 0 && (node.type == "Input" || node.type == "Output")))
    }
    guard graph.edges.count <= 4 * Limits.layers else {
      note(prefix, "has \(graph.edges.count) edges; the limit is \(4 * Limits.layers)")
      return ports
    }
    for edge in graph.edges {
      let source = place(edge.source, places, inner, isSource: true, prefix)
      let target = place(edge.target, places, inner, isSource: false, prefix)
      if let source, let target { edges.append((source, target)) }
    }
    return ports
  }

  /// The node that an end of an edge means.
  private mutating func place(
    _ name: String, _ places: [String: Int], _ inner: [String: Ports], isSource: Bool,
    _ prefix: String
  ) -> Int? {
    if let place = places[name] { return place }
    let what = isSource ? "output" : "input"
    if let ports = inner[name] {
      let ends = isSource ? ports.outputs : ports.inputs
      if ends.count == 1 { return ends.values.first }
      note(
        prefix + name, "is a graph with \(ends.count) \(what)s, and an edge does not say which",
        ends.isEmpty ? nil : "name it: '\(name).\(ends.keys.sorted()[0])'")
      return nil
    }
    for (graph, ports) in inner.sorted(by: { $0.key.count > $1.key.count })
    where name.hasPrefix(graph + ".") {
      let port = String(name.dropFirst(graph.count + 1))
      if let place = isSource ? ports.outputs[port] : ports.inputs[port] { return place }
    }
    let known = (Array(places.keys) + Array(inner.keys)).sorted().prefix(12).map {
      "'\($0.printableName)'"
    }
    note(
      prefix + name, "is named by an edge, but no node is called so",
      "the nodes are \(known.joined(separator: ", "))")
    return nil
  }

  /// The numbers of the nodes that lead to a node, itself among them.
  func ancestors(of node: Int) -> Set<Int> {
    var sources = [[Int]](repeating: [], count: nodes.count)
    for edge in edges { sources[edge.target].append(edge.source) }
    var found: Set<Int> = [node]
    var open = [node]
    while let next = open.popLast() {
      for source in sources[next] where found.insert(source).inserted { open.append(source) }
    }
    return found
  }

  /// Some nodes, each after those that lead to it, and the nodes of a cycle that has no such order.
  func ordered(_ kept: Set<Int>) -> (order: [Int], cycle: [Int]) {
    var waiting = [Int](repeating: 0, count: nodes.count)
    var targets = [[Int]](repeating: [], count: nodes.count)
    for edge in edges where kept.contains(edge.source) && kept.contains(edge.target) {
      waiting[edge.target] += 1
      targets[edge.source].append(edge.target)
    }
    var order: [Int] = []
    var ready = kept.filter { waiting[$0] == 0 }.sorted(by: >)
    while let next = ready.popLast() {
      order.append(next)
      for target in targets[next].sorted(by: >) {
        waiting[target] -= 1
        if waiting[target] == 0 { ready.append(target) }
      }
    }
    let left = kept.subtracting(order)
    guard var node = left.min() else { return (order, []) }
    // Backwards from a node that waits there is always another one; at last one comes twice.
    var path: [Int] = []
    while !path.contains(node) {
      path.append(node)
      let before = edges.filter { $0.target == node && left.contains($0.source) }
      guard let source = before.map(\.source).min() else { return (order, path.reversed()) }
      node = source
    }
    return (order, path[(path.firstIndex(of: node) ?? 0)...].reversed())
  }
}
