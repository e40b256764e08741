import Foundation

/// Files that somebody made to do harm: each small, and each with a reason why it is refused.
struct HostileFile: CustomStringConvertible, Sendable {
  var name: String
  var bytes: [UInt8]
  /// A part of the message; nil where the file is a strange network, but a network.
  var reason: String?

  var description: String { name }

  init(_ name: String, _ bytes: [UInt8], _ reason: String?) {
    self.name = name
    self.bytes = bytes
    self.reason = reason
  }

  init(_ name: String, _ model: Model, _ reason: String?) {
    self.init(name, model.bytes, reason)
  }

  static let all = extents + constants + work + layers + attributes + graphs + syntax
}

/// Flattens the picture and multiplies it by "w", whatever makes "w".
func hostileDense(
  _ tensors: [Tensor], _ nodes: [Node] = [], transposed: Bool = false,
  extents: [Int] = [1, 1, 4, 4]
) -> Model {
  let last =
    transposed
    ? Node("Gemm", ["f", "w"], "y", ["transB": .integer(1)]) : Node("MatMul", ["f", "w"], "y")
  return Model(extents, tensors, nodes + [Node("Flatten", ["x"], "f"), last])
}

func emptyTensor(_ name: String, _ extents: [Int], type: Int = 1) -> Tensor {
  Tensor(name, extents, .raw([], type: type))
}

func shapeTensor(_ name: String, _ values: [Int]) -> Tensor {
  Tensor(name, [values.count], .int64s(values))
}

/// A convolution, a comparison, and a dense layer, with one attribute wrong.
func hostileSpikes(
  _ attributes: [String: Node.Attribute] = [:], kernel: [Int] = [1, 1, 1, 1],
  extents: [Int] = [1, 1, 4, 4], outputs: Int? = nil, threshold: Float = 0.5
) -> Model {
  let features = outputs ?? kernel[0] * extents[2] * extents[3]
  return Model(
    extents,
    [
      Tensor("k", kernel), Tensor("th", [], .floats([threshold])), Tensor("w", [2, features]),
    ],
    [
      Node("Conv", ["x", "k"], "a", attributes), Node("Greater", ["a", "th"], "g"),
      Node("Cast", ["g"], "s", ["to": .integer(1)]), Node("Flatten", ["s"], "f"),
      Node("Gemm", ["f", "w"], "y", ["transB": .integer(1)]),
    ])
}
