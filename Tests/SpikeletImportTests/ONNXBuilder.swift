import SpikeletRuntime

/// Writes protobuf messages, as far as the tests need them.
struct ProtobufWriter {
  var bytes: [UInt8] = []

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func integer(_ field: Int, _ value: Int) {
    varint(UInt64(field << 3))
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func float(_ field: Int, _ value: Float) {
    varint(UInt64(field << 3 | 5))
    bytes += Self.raw([value])
  }

  mutating func bytes(_ field: Int, _ value: [UInt8]) {
    varint(UInt64(field << 3 | 2))
    varint(UInt64(value.count))
    bytes += value
  }

  mutating func string(_ field: Int, _ value: String) {
    bytes(field, Array(value.utf8))
  }

  mutating func message(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
    var writer = ProtobufWriter()
    body(&writer)
    bytes(field, writer.bytes)
  }

  static func raw(_ values: [Float]) -> [UInt8] {
    values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }
  }
}

/// An ONNX tensor; by default float32 in raw bytes.
struct Tensor {
  enum Values {
    case floats([Float])
    case int64s([Int])
    case typedFloats([Float])
    case packedInt32s([Int], type: Int)
    case raw([UInt8], type: Int)
    case external([String: String])
  }

  var name: String
  var extents: [Int]
  var values: Values

  init(_ name: String, _ extents: [Int], _ values: Values) {
    self.name = name
    self.extents = extents
    self.values = values
  }

  /// Floats of a simple pattern.
  init(_ name: String, _ extents: [Int]) {
    let count = extents.reduce(1, *)
    self.init(name, extents, .floats((0..<count).map { Float($0 % 7) * 0.25 - 0.5 }))
  }

  func write(_ writer: inout ProtobufWriter) {
    for extent in extents { writer.integer(1, extent) }
    writer.string(8, name)
    switch values {
    case .floats(let values):
      writer.integer(2, 1)
      writer.bytes(9, ProtobufWriter.raw(values))
    case .int64s(let values):
      writer.integer(2, 7)
      for value in values { writer.integer(7, value) }
    case .typedFloats(let values):
      writer.integer(2, 1)
      for value in values { writer.float(4, value) }
    case .packedInt32s(let values, let type):
      writer.integer(2, type)
      var packed = ProtobufWriter()
      for value in values { packed.varint(UInt64(bitPattern: Int64(value))) }
      writer.bytes(5, packed.bytes)
    case .raw(let bytes, let type):
      writer.integer(2, type)
      writer.bytes(9, bytes)
    case .external(let entries):
      writer.integer(2, 1)
      for (key, value) in entries.sorted(by: { $0.key < $1.key }) {
        writer.message(13) {
          $0.string(1, key)
          $0.string(2, value)
        }
      }
      writer.integer(14, 1)
    }
  }
}

/// A node with its attributes.
struct Node {
  enum Attribute {
    case integer(Int)
    case integers([Int])
    case float(Float)
    case string(String)
    case tensor(Tensor)
  }

  var op: String
  var inputs: [String]
  var outputs: [String]
  var attributes: [String: Attribute]
  var domain = ""

  init(
    _ op: String, _ inputs: [String], _ output: String, _ attributes: [String: Attribute] = [:]
  ) {
    self.op = op
    self.inputs = inputs
    outputs = [output]
    self.attributes = attributes
  }

  func write(_ writer: inout ProtobufWriter) {
    for input in inputs { writer.string(1, input) }
    for output in outputs { writer.string(2, output) }
    writer.string(3, "node_" + (outputs.first ?? ""))
    writer.string(4, op)
    if !domain.isEmpty { writer.string(7, domain) }
    for (name, attribute) in attributes.sorted(by: { $0.key < $1.key }) {
      writer.message(5) {
        $0.string(1, name)
        switch attribute {
        case .float(let value):
          $0.float(2, value)
          $0.integer(20, 1)
        case .integer(let value):
          $0.integer(3, value)
          $0.integer(20, 2)
        case .string(let value):
          $0.string(4, value)
          $0.integer(20, 3)
        case .tensor(let value):
          $0.message(5) { value.write(&$0) }
          $0.integer(20, 4)
        case .integers(let values):
          for value in values { $0.integer(8, value) }
          $0.integer(20, 7)
        }
      }
    }
  }
}

/// A model of one graph; "x" is its input and "y" its output unless said otherwise.
struct Model {
  /// -1 stands for an extent with a name.
  var inputs: [(name: String, extents: [Int])] = [("x", [1, 2, 6, 6])]
  var inputType = 1
  var outputs = ["y"]
  var opset: Int? = 17
  var tensors: [Tensor] = []
  var nodes: [Node] = []
  var metadata: [(key: String, value: String)] = []

  init(_ extents: [Int] = [1, 2, 6, 6], _ tensors: [Tensor] = [], _ nodes: [Node]) {
    inputs = [("x", extents)]
    self.tensors = tensors
    self.nodes = nodes
  }

  var bytes: [UInt8] {
    var writer = ProtobufWriter()
    writer.integer(1, 8)
    if let opset {
      writer.message(8) {
        $0.string(1, "")
        $0.integer(2, opset)
      }
    }
    writer.message(7) { graph in
      for node in nodes { graph.message(1) { node.write(&$0) } }
      graph.string(2, "graph")
      for tensor in tensors { graph.message(5) { tensor.write(&$0) } }
      for input in inputs { graph.message(11) { write(input, &$0) } }
      for output in outputs { graph.message(12) { $0.string(1, output) } }
    }
    for entry in metadata {
      writer.message(14) {
        $0.string(1, entry.key)
        $0.string(2, entry.value)
      }
    }
    return writer.bytes
  }

  private func write(
    _ input: (name: String, extents: [Int]), _ writer: inout ProtobufWriter
  ) {
    writer.string(1, input.name)
    writer.message(2) {
      $0.message(1) { tensor in
        tensor.integer(1, inputType)
        tensor.message(2) { shape in
          for extent in input.extents {
            shape.message(1) {
              if extent == -1 { $0.string(2, "n") } else { $0.integer(1, extent) }
            }
          }
        }
      }
    }
  }
}
