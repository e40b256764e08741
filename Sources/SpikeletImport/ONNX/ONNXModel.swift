/// The parts of an ONNX file that matter here, as they are stored: nothing is checked but syntax.
///
/// The names and field numbers are those of `onnx.proto`.
struct ONNXModel {
  var graph: ONNXGraph?
  /// The version of each operator set, by domain; the default domain is "".
  var opsets: [String: Int64] = [:]
  /// What the file says of itself, in its order.
  var metadata: [Metadata] = []

  struct Metadata {
    var key = ""
    /// UTF-8, decoded by who reads it: other tools keep whole documents here.
    var value: ArraySlice<UInt8> = []
  }
}

struct ONNXGraph {
  var name = ""
  var nodes: [ONNXNode] = []
  var initializers: [ONNXTensor] = []
  var inputs: [ONNXValueInfo] = []
  var outputs: [ONNXValueInfo] = []
}

struct ONNXNode {
  var name = ""
  var op = ""
  var domain = ""
  /// The names of the values that the node reads; "" for one left out.
  var inputs: [String] = []
  var outputs: [String] = []
  var attributes: [String: ONNXAttribute] = [:]

  /// What messages call the node: many files leave the name out, none leaves the output out.
  var label: String { name.isEmpty ? outputs.first ?? "" : name }
}

/// A constant parameter of a node; only the member that its type names is meant.
struct ONNXAttribute {
  enum Kind: Int64 {
    case float = 1
    case integer, string, tensor, graph, floats, integers, strings
  }

  var name = ""
  var kind: Int64 = 0
  var float: Float = 0
  var integer: Int64 = 0
  var string = ""
  var tensor: ONNXTensor?
  var floats: [Float] = []
  var integers: [Int64] = []
}

/// The type of a graph's input or output.
struct ONNXValueInfo {
  enum Extent: Hashable {
    case known(Int64)
    /// An extent with a name in place of a value, "" where even the name is missing.
    case symbolic(String)
  }

  var name = ""
  var elementType: Int64 = 0
  /// Nil when the file does not say.
  var extents: [Extent]?
}

extension ONNXModel {
  typealias Failure = ProtobufReader.Failure

  init(_ bytes: [UInt8]) throws(Failure) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 7: graph = try ONNXGraph(field)
      case 8:
        var domain = ""
        var version: Int64 = 0
        var opset = try ProtobufReader(nested: field)
        while let field = try opset.next() {
          if field.number == 1 { domain = try field.string() }
          if field.number == 2 { version = try field.integer() }
        }
        opsets[domain == "ai.onnx" ? "" : domain] = version
      case 14:
        var entry = Metadata()
        var reader = try ProtobufReader(nested: field)
        while let field = try reader.next() {
          if field.number == 1 { entry.key = try field.string() }
          if field.number == 2 { entry.value = try field.bytes() }
        }
        metadata.append(entry)
      default: break
      }
    }
  }
}

extension ONNXGraph {
  init(_ field: ProtobufReader.Field) throws(ProtobufReader.Failure) {
    var reader = try ProtobufReader(nested: field)
    while let field = try reader.next() {
      switch field.number {
      case 1:
        guard nodes.count < Limits.nodes else {
          throw ProtobufReader.Failure(
            offset: field.offset, reason: "its graph has more than \(Limits.nodes) nodes",
            isLimit: true)
        }
        nodes.append(try ONNXNode(field))
      case 2: name = try field.string()
      case 5: initializers.append(try ONNXTensor(field))
      case 11: inputs.append(try ONNXValueInfo(field))
      case 12: outputs.append(try ONNXValueInfo(field))
      default: break
      }
    }
  }
}

extension ONNXNode {
  init(_ field: ProtobufReader.Field) throws(ProtobufReader.Failure) {
    var reader = try ProtobufReader(nested: field)
    while let field = try reader.next() {
      switch field.number {
      case 1: inputs.append(try field.string())
      case 2: outputs.append(try field.string())
      case 3: name = try field.string()
      case 4: op = try field.string()
      case 5:
        let attribute = try ONNXAttribute(field)
        attributes[attribute.name] = attribute
      case 7: domain = try field.string()
      default: break
      }
    }
    if domain == "ai.onnx" { domain = "" }
  }
}

extension ONNXAttribute {
  init(_ field: ProtobufReader.Field) throws(ProtobufReader.Failure) {
    var reader = try ProtobufReader(nested: field)
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.string()
      case 2: float = try field.float()
      case 3: integer = try field.integer()
      case 4: string = try field.string()
      case 5: tensor = try ONNXTensor(field)
      case 7: try field.append(to: &floats)
      case 8: try field.append(to: &integers)
      case 20: kind = try field.integer()
      default: break
      }
    }
  }
}

extension ONNXValueInfo {
  init(_ field: ProtobufReader.Field) throws(ProtobufReader.Failure) {
    var reader = try ProtobufReader(nested: field)
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.string()
      case 2:
        // Types that are not tensors, such as sequences, have other field numbers than 1.
        var type = try ProtobufReader(nested: field)
        while let field = try type.next() {
          if field.number == 1 { try readTensorType(field) }
        }
      default: break
      }
    }
  }

  private mutating func readTensorType(
    _ field: ProtobufReader.Field
  ) throws(ProtobufReader.Failure) {
    var reader = try ProtobufReader(nested: field)
    while let field = try reader.next() {
      switch field.number {
      case 1: elementType = try field.integer()
      case 2:
        var shape = try ProtobufReader(nested: field)
        var list: [Extent] = []
        while let field = try shape.next() {
          if field.number == 1 { list.append(try Self.extent(field)) }
        }
        extents = list
      default: break
      }
    }
  }

  private static func extent(
    _ field: ProtobufReader.Field
  ) throws(ProtobufReader.Failure) -> Extent {
    var reader = try ProtobufReader(nested: field)
    var result = Extent.symbolic("")
    while let field = try reader.next() {
      if field.number == 1 { result = .known(try field.integer()) }
      if field.number == 2 { result = .symbolic(try field.string()) }
    }
    return result
  }
}
