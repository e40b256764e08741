import SpikeletHDF5
import SpikeletSupport

/// A graph of NIR as its file has it: nodes by name, and edges between them.
struct NIRGraph {
  var nodes: [String: NIRNode] = [:]
  /// Names of nodes, in the order of the file.
  var edges: [(source: String, target: String)] = []
}

/// A node of a graph.
struct NIRNode {
  /// Its type, such as `LIF`.
  var type: String
  /// What its parameters are, or why they cannot be read.
  var parameters: [String: Result<NIRParameter, HDF5Error>] = [:]
  /// The graph inside of a node of the type `NIRGraph`.
  var graph: NIRGraph?
}

/// A parameter of a node: numbers of any shape, or a word.
struct NIRParameter {
  /// The extents; empty for a scalar.
  var shape: [Int]
  var numbers: [Double]
  /// The word, where it is one.
  var word: String?

  init(shape: [Int], numbers: [Double]) {
    self.shape = shape
    self.numbers = numbers
  }

  init(word: String) {
    self.init(shape: [], numbers: [])
    self.word = word
  }
}

/// A file of NIR.
struct NIRFile {
  /// The version of the `nir` package that wrote it; empty where it does not say.
  var version = ""
  var graph: NIRGraph

  /// Graphs inside graphs, at most.
  static let depth = 32

  init(graph: NIRGraph) { self.graph = graph }

  /// Reads a file of either form.
  init(_ bytes: [UInt8], name: String) throws(ImportError) {
    if bytes.starts(with: HDF5File.signature) {
      let root: HDF5Item
      do {
        root = try HDF5File.read(bytes)
      } catch {
        throw ImportError(
          file: name,
          problems: [
            Problem(
              node: error.path.isEmpty ? nil : error.path,
              reason: error.reason + (error.offset.map { " (at byte \($0))" } ?? ""),
              advice: error.advice)
          ])
      }
      self = try NIRFile(root, name: name)
    } else {
      self = try NIRFile(json: bytes, name: name)
    }
  }
}

extension NIRParameter {
  init(_ array: HDF5Array) {
    switch array.values {
    case .integers(let values): self.init(shape: array.shape, numbers: values.map(Double.init))
    case .reals(let values): self.init(shape: array.shape, numbers: values)
    case .strings(let values):
      self.init(word: values.first ?? "")
      if values.count > 1 { shape = array.shape }
    }
  }
}
