import SpikeletCompiler
import SpikeletSupport

/// The parameters of a conversion, for others to simulate it: what an independent implementation
/// needs beside the float network.
package struct ConversionParameters: Sendable {
  package var build: Compiler.Build

  package init(_ build: Compiler.Build) { self.build = build }

  package var json: JSONValue {
    let configuration = build.configuration
    let input = configuration.input
    var members: [String: JSONValue] = [
      "mode": .string("\(input.mode)"), "scale": .number(input.scale),
      "mean": .array(input.mean.map { .number($0) }),
      "std": .array(input.std.map { .number($0) }),
    ]
    if input.looksAtMirror { members["looks"] = .string("mirrored") }
    return .object([
      "format": .integer(1),
      "name": .string(configuration.name),
      "network": .string(configuration.network),
      "input": .object(members),
      "readOut": .string("\(configuration.readOut)"),
      "averagePooling": .string(configuration.conversion.averagePooling.rawValue),
      "layers": .array(build.spiking.layers.map(Self.layer)),
    ])
  }

  /// One layer: the node of the float network whose values its spikes stand for, and λ.
  private static func layer(_ layer: SpikingNetwork.Layer) -> JSONValue {
    var members: [String: JSONValue] = [
      "name": .string(layer.name), "node": .string(layer.node),
      "shape": .array([
        .integer(layer.shape.channels), .integer(layer.shape.height), .integer(layer.shape.width),
      ]),
    ]
    switch layer.kind {
    case .maxPool(let rule):
      members["kind"] = .string("maxPool")
      members["rule"] = .string("\(rule)")
    case .neurons(let neurons):
      members["kind"] = .string(
        neurons.fires ? "neurons" : neurons.isCurrent ? "current" : "readOut")
      members["reset"] = .string("\(neurons.reset)")
      members["leak"] = .number(neurons.leak.factor)
      members["initialShare"] = .number(neurons.initialShare)
      members["lambda"] = .array(neurons.lambda.map { .number($0) })
    }
    return .object(members)
  }
}
