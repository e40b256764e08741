import SpikeletHDF5
import SpikeletSupport

/// The form that others write beside HDF5: what `NIRGraph.to_dict` gives, as JSON. It is nobody's
/// standard; lists are arrays, and "inf" stands for what JSON has no number for.
extension NIRFile {
  init(json bytes: [UInt8], name: String) throws(ImportError) {
    let document: JSONValue
    do {
      document = try JSONParser.parse(bytes)
    } catch {
      throw ImportError(
        file: name, reason: "neither an HDF5 file nor JSON: \(error)",
        hint: "write it with nir.write")
    }
    var reader = NIRDocumentReader()
    let place = document["node"] == nil ? "" : "node"
    let node = reader.node(document["node"] ?? document, path: place, depth: 0)
    guard reader.problems.isEmpty, let node else {
      throw ImportError(file: name, problems: reader.problems)
    }
    guard let graph = node.graph else {
      throw ImportError(
        file: name, reason: "its node is of the type \(node.type.printableName), needed NIRGraph")
    }
    self.init(graph: graph)
    if case .string(let text)? = document["version"] { version = text }
  }
}

private struct NIRDocumentReader {
  var problems: [Problem] = []

  private mutating func note(_ path: String, _ reason: String) {
    problems.append(Problem(node: path, reason: reason))
  }

  mutating func node(_ value: JSONValue, path: String, depth: Int) -> NIRNode? {
    guard depth <= NIRFile.depth else {
      note(path, "graphs lie more than \(NIRFile.depth) deep in each other")
      return nil
    }
    guard case .object(let members) = value, case .string(let type)? = members["type"] else {
      note(path, "is no node of NIR: needed an object with the key \"type\"")
      return nil
    }
    var node = NIRNode(type: type)
    guard type == "NIRGraph" else {
      for (key, member) in members where key != "type" && key != "metadata" {
        // What the package writes of a parameter that is not there.
        if case .null = member { continue }
        node.parameters[key] = parameter(member, path: path + "/" + key)
      }
      return node
    }
    var graph = NIRGraph()
    if case .object(let nodes)? = members["nodes"] {
      for name in nodes.keys.sorted() {
        guard let member = nodes[name] else { continue }
        graph.nodes[name] = self.node(member, path: path + "/nodes/" + name, depth: depth + 1)
      }
    } else {
      note(path + "/nodes", "is missing, needed an object of nodes")
    }
    if case .array(let pairs)? = members["edges"] {
      for (index, pair) in pairs.enumerated() {
        guard case .array(let names) = pair, names.count == 2, case .string(let source) = names[0],
          case .string(let target) = names[1]
        else {
          note(path + "/edges/\(index)", "is no pair of names")
          continue
        }
        graph.edges.append((source, target))
      }
    } else {
      note(path + "/edges", "is missing, needed pairs of names")
    }
    node.graph = graph
    return node
  }

  private func parameter(_ value: JSONValue, path: String) -> Result<NIRParameter, HDF5Error> {
    if case .string(let word) = value, Self.number(value) == nil {
      return .success(NIRParameter(word: word))
    }
    var numbers: [Double] = []
    do throws(HDF5Error) {
      let shape = try Self.read(value, into: &numbers, path: path, depth: 0)
      return .success(NIRParameter(shape: shape, numbers: numbers))
    } catch {
      return .failure(error)
    }
  }

  private static func number(_ value: JSONValue) -> Double? {
    switch value {
    case .number(let number): number
    case .boolean(let flag): flag ? 1 : 0
    case .string(let word):
      switch word.lowercased() {
      case "inf", "infinity", "+inf": .infinity
      case "-inf", "-infinity": -.infinity
      case "nan": .nan
      default: nil
      }
    default: nil
    }
  }

  /// Appends the numbers of nested arrays; the result is their shape.
  private static func read(
    _ value: JSONValue, into numbers: inout [Double], path: String, depth: Int
  ) throws(HDF5Error) -> [Int] {
    if let number = number(value) {
      numbers.append(number)
      return []
    }
    guard case .array(let items) = value, depth < 8 else {
      throw HDF5Error(path: path, "is \(value.kind), needed numbers or arrays of them")
    }
    var inner: [Int]?
    for item in items {
      let shape = try read(item, into: &numbers, path: path, depth: depth + 1)
      guard inner ?? shape == shape else {
        throw HDF5Error(path: path, "has arrays of unequal lengths")
      }
      inner = shape
    }
    return [items.count] + (inner ?? [])
  }
}
