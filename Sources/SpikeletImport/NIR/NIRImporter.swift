import Foundation
import SpikeletHDF5
import SpikeletNetwork
import SpikeletSupport

/// Reads graphs of NIR, the neuromorphic intermediate representation: HDF5 files (`.nir`), and the
/// same as JSON.
///
/// The equations of a file become steps of time as a ``NeuronSemantics`` says, and the network's
/// `interpretation` what became of them.
public enum NIRImporter {
  /// Whether a file is one of NIR, by its name and its first bytes: `.nir`, `.nir.json`, or HDF5.
  ///
  /// Keras keeps networks in HDF5 files as well; those are refused with what to do about it.
  public static func reads(_ bytes: [UInt8], name: String) -> Bool {
    isName(name) || bytes.starts(with: HDF5File.signature)
  }

  /// Whether a file's name is that of a graph of NIR.
  public static func isName(_ name: String) -> Bool {
    let name = name.lowercased()
    return name.hasSuffix(".nir") || name.hasSuffix(".nir.json")
  }

  /// Imports the bytes of a file.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: What messages call the file; its part before the first dot names the network.
  ///   - semantics: The answers to what the file leaves open.
  ///   - output: Which of the graph's outputs holds the class scores, where there are several.
  /// - Throws: ``ImportError`` with every problem that was found.
  public static func importNetwork(
    bytes: [UInt8], name: String, semantics: NeuronSemantics, output: String? = nil
  ) throws(ImportError) -> Network {
    guard !bytes.isEmpty else { throw ImportError(file: name, reason: "the file is empty") }
    if !bytes.starts(with: HDF5File.signature), let kind = FileKind.describe(bytes),
      kind.reason != "JSON"
    {
      throw ImportError(file: name, reason: "this is \(kind.reason)", hint: kind.hint)
    }
    let file = try NIRFile(bytes, name: name)
    let graph = NIRFlatGraph(file.graph)
    guard graph.problems.isEmpty else { throw ImportError(file: name, problems: graph.problems) }
    let scores = try selectOutput(of: graph, named: output, file: name)
    let stem = name.split(separator: ".").first.map(String.init) ?? name
    var lowering = NIRLowering(graph, semantics: semantics)
    var network = lowering.network(output: scores, name: stem)
    if network == nil, !lowering.loops.isEmpty {
      // What is no part of a reset can be a connection.
      lowering = NIRLowering(graph, semantics: semantics, foldsLoops: false)
      network = lowering.network(output: scores, name: stem)
    }
    if var network {
      network.interpretation = .init(
        semantics: semantics, version: file.version, neurons: lowering.neurons)
      return network
    }
    throw ImportError(file: name, problems: lowering.problems)
  }

  private static func selectOutput(
    of graph: NIRFlatGraph, named name: String?, file: String
  ) throws(ImportError) -> Int {
    let outputs = graph.nodes.indices.filter {
      graph.nodes[$0].node.type == "Output" && !graph.nodes[$0].isPassage
    }
    let list = outputs.prefix(20).map { "'\(graph.nodes[$0].name.printableName)'" }
      .joined(separator: ", ")
    if let name {
      guard let output = outputs.first(where: { graph.nodes[$0].name == name }) else {
        throw ImportError(
          file: file, reason: "there is no output '\(name.printableName)'",
          hint: outputs.isEmpty ? nil : "the outputs are \(list)")
      }
      return output
    }
    guard let output = outputs.first else {
      throw ImportError(file: file, reason: "the graph has no Output")
    }
    guard outputs.count == 1 else {
      throw ImportError(
        file: file, reason: "the graph has \(outputs.count) outputs: \(list)",
        hint: "name the one that holds the class scores: the configuration's key \"output\"")
    }
    return output
  }
}
