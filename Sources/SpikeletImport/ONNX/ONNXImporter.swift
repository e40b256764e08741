import Foundation
import SpikeletNetwork
import SpikeletSupport

/// Reads ONNX files: the inference graphs that PyTorch's exporters and their like write.
///
/// The network must be a graph of convolutions, dense layers, batch normalizations, ReLUs, pools,
/// sums and concatenations from one picture to class scores. Everything else is refused by name,
/// all of it at once. A softmax at the very end is dropped, because it moves no maximum.
///
/// A picture of (rows, columns, channels), as Keras has it, is read as (channels, rows, columns):
/// that is how pixels are given to the network.
public enum ONNXImporter {
  /// Imports a file, and the files of weights that it names in the same folder.
  ///
  /// - Parameters:
  ///   - url: An ONNX file with operator set 7 or later and a picture of fixed extents as input:
  ///     (batch, features), (batch, rows, columns) or (batch, channels, rows, columns).
  ///   - output: Which of the graph's outputs holds the class scores. Only a graph of several
  ///     outputs needs it. What no score depends on is ignored.
  /// - Throws: ``ImportError`` with every problem that was found.
  public static func importNetwork(
    contentsOf url: URL, output: String? = nil
  ) throws(ImportError) -> Network {
    let file = url.lastPathComponent
    let bytes: [UInt8]
    do {
      bytes = try InputFile.read(url.path, limit: maximumFileSize)
    } catch {
      throw ImportError(file: file, reason: error.reason)
    }
    return try importNetwork(
      bytes: bytes, name: file, externalData: url.deletingLastPathComponent(),
      output: output)
  }

  /// Imports the bytes of an ONNX file.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: What messages call the file; its part before the first dot names the network.
  ///   - externalData: The folder of the files of weights that the model names. Without it, such
  ///     models are refused.
  ///   - output: Which of the graph's outputs holds the class scores, where there are several.
  /// - Throws: ``ImportError`` with every problem that was found.
  public static func importNetwork(
    bytes: [UInt8], name: String, externalData: URL? = nil, output: String? = nil
  ) throws(ImportError) -> Network {
    guard !bytes.isEmpty else { throw ImportError(file: name, reason: "the file is empty") }
    let model: ONNXModel
    do {
      model = try ONNXModel(bytes)
    } catch {
      if let kind = FileKind.describe(bytes) {
        throw ImportError(file: name, reason: "this is \(kind.reason)", hint: kind.hint)
      }
      let what = error.isLimit ? "the file is too large" : "not an ONNX file, or a damaged one"
      throw ImportError(
        file: name, reason: "\(what): \(error.reason) (at byte \(error.offset))")
    }
    guard let graph = model.graph, !graph.nodes.isEmpty || !graph.outputs.isEmpty else {
      if let kind = FileKind.describe(bytes) {
        throw ImportError(file: name, reason: "this is \(kind.reason)", hint: kind.hint)
      }
      throw ImportError(file: name, reason: "not an ONNX file: it holds no graph")
    }
    guard let opset = model.opsets[""], opset >= oldestOperatorSet else {
      throw ImportError(
        file: name,
        reason: "the operator set is \(model.opsets[""].map { "\($0)" } ?? "not given")",
        hint: "export with opset_version=\(oldestOperatorSet) or later")
    }
    let scores = try selectOutput(of: graph, named: output, file: name)
    var metadata = Metadata(model.metadata)
    metadata.check(against: graph)
    var converter = ONNXLowering(
      graph: graph, opset: opset, externalData: ExternalData(directory: externalData),
      metadata: metadata)
    let stem = name.split(separator: ".").first.map(String.init) ?? name
    if let network = converter.convert(output: scores, name: stem) { return network }
    throw ImportError(file: name, problems: converter.problems)
  }

  /// Before it, sums of unequal shapes meant something else.
  private static let oldestOperatorSet: Int64 = 7
  /// The most bytes of a file: more than the tensors that are read can take, in any type.
  public static let maximumFileSize = 1 << 28

  private static func selectOutput(
    of graph: ONNXGraph, named name: String?, file: String
  ) throws(ImportError) -> String {
    let names = graph.outputs.map(\.name)
    let list = names.prefix(20).map { "'\($0)'" }.joined(separator: ", ")
    if let name {
      guard names.contains(name) else {
        throw ImportError(
          file: file, reason: "there is no output '\(name)'", hint: "the outputs are \(list)")
      }
      return name
    }
    guard let first = names.first else {
      throw ImportError(file: file, reason: "the graph has no output")
    }
    guard Set(names).count == 1 else {
      throw ImportError(
        file: file, reason: "the graph has \(names.count) outputs: \(list)",
        hint: "name the one that holds the class scores: the configuration's key \"output\"")
    }
    return first
  }
}
