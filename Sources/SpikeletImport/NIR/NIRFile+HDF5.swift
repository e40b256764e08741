import SpikeletHDF5
import SpikeletSupport

extension NIRFile {
  /// Reads the tree of an HDF5 file.
  init(_ root: HDF5Item, name: String) throws(ImportError) {
    guard case .group(let members) = root else {
      throw ImportError(file: name, reason: "the HDF5 file's root is no group")
    }
    guard let node = members["node"] else {
      let names = members.keys.sorted().prefix(8).map { "'\($0.printableName)'" }
      throw ImportError(
        file: name,
        reason: "an HDF5 file that is no graph of NIR: it has no group 'node', but "
          + (names.isEmpty ? "nothing" : names.joined(separator: ", ")),
        hint: members["model_weights"] != nil || members["layers"] != nil
          ? "export Keras networks to ONNX, with model.export or tf2onnx"
          : "write it with nir.write")
    }
    var reader = NIRTreeReader()
    let graph = reader.node(node, path: "/node", depth: 0)
    guard reader.problems.isEmpty, let graph else {
      throw ImportError(file: name, problems: reader.problems)
    }
    // A file may hold a single node in place of a graph.
    self.init(graph: graph.graph ?? NIRGraph(nodes: ["node": graph]))
    if case .dataset(.success(let array))? = members["version"],
      case .strings(let values) = array.values
    {
      version = values.first ?? ""
    }
  }
}

/// Turns groups into nodes, and notes everything that is not as it has to be.
private struct NIRTreeReader {
  var problems: [Problem] = []

  private mutating func note(_ path: String, _ reason: String, _ advice: String? = nil) {
    problems.append(Problem(node: path, reason: reason, advice: advice))
  }

  mutating func node(_ item: HDF5Item, path: String, depth: Int) -> NIRNode? {
    guard depth <= NIRFile.depth else {
      note(path, "graphs lie more than \(NIRFile.depth) deep in each other")
      return nil
    }
    guard case .group(let members) = item else {
      note(path, "is a dataset, needed a group with the dataset 'type'")
      return nil
    }
    guard let type = word(members["type"], path: path + "/type") else { return nil }
    var node = NIRNode(type: type)
    guard type == "NIRGraph" else {
      for (key, member) in members where key != "type" && key != "metadata" {
        switch member {
        case .dataset(let result): node.parameters[key] = result.map(NIRParameter.init)
        case .link(let what):
          node.parameters[key] = .failure(
            HDF5Error(path: path + "/" + key, "is \(what), needed a dataset"))
        case .group:
          node.parameters[key] = .failure(
            HDF5Error(path: path + "/" + key, "is a group, needed a dataset"))
        }
      }
      return node
    }
    var graph = NIRGraph()
    switch members["nodes"] {
    case .group(let nodes)?:
      for name in nodes.keys.sorted() {
        guard let member = nodes[name] else { continue }
        graph.nodes[name] = self.node(member, path: path + "/nodes/" + name, depth: depth + 1)
      }
    case nil: note(path + "/nodes", "is missing, needed a group of nodes")
    default: note(path + "/nodes", "is no group, needed a group of nodes")
    }
    graph.edges = edges(members["edges"], path: path + "/edges")
    node.graph = graph
    return node
  }

  private mutating func word(_ item: HDF5Item?, path: String) -> String? {
    switch item {
    case nil: note(path, "is missing")
    case .group?: note(path, "is a group, needed a dataset with a word")
    case .link(let what)?: note(path, "is \(what), needed a dataset with a word")
    case .dataset(.failure(let error))?: note(path, error.reason, error.advice)
    case .dataset(.success(let array))?:
      if case .strings(let values) = array.values, values.count == 1 { return values[0] }
      note(path, "holds no single word")
    }
    return nil
  }

  private mutating func edges(
    _ item: HDF5Item?, path: String
  ) -> [(source: String, target: String)] {
    switch item {
    case nil: note(path, "is missing, needed pairs of names")
    case .group?: note(path, "is a group, needed a dataset with pairs of names")
    case .link(let what)?: note(path, "is \(what), needed a dataset with pairs of names")
    case .dataset(.failure(let error))?:
      note(path, error.reason, error.advice)
    case .dataset(.success(let array))?:
      // Without edges, the writer has no text to tell the type from.
      if array.shape.first == 0 { return [] }
      if case .strings(let names) = array.values, array.shape.count == 2, array.shape[1] == 2 {
        return stride(from: 0, to: names.count, by: 2).map { (names[$0], names[$0 + 1]) }
      }
      let shape = array.shape.map { "\($0)" }.joined(separator: "×")
      note(path, "holds other than pairs of names (\(shape) values)")
    }
    return []
  }
}
