/// One thing that is wrong: where, what, and what to do about it.
///
/// Every error of the host that can find several things wrong holds a list of these.
public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where something is wrong.
  public enum Place: Hashable, Sendable {
    /// A node or tensor, by its name in the network's file; messages put it into quotes.
    case node(String)
    /// A key of a configuration, an option of the tool, a layer, a file.
    case key(String)

    /// The name without quotes.
    public var name: String {
      switch self {
      case .node(let name), .key(let name): name
      }
    }
  }

  /// Where it is wrong; nil where the whole file is meant.
  public var place: Place?
  /// The operator of the node, such as `Conv`; nil where no node is meant.
  public var operation: String?
  /// What is wrong or not supported, and what was needed instead.
  public var reason: String
  /// What to do about it, where that can be said.
  public var advice: String?

  /// A problem of a key, an option, a layer or a file; no advice where it is empty.
  public init(_ key: String, _ reason: String, advice: String = "") {
    place = .key(key)
    self.reason = reason
    self.advice = advice.isEmpty ? nil : advice
  }

  /// A problem of a node or tensor of a network's file, or of the whole file.
  public init(
    node: String? = nil, operation: String? = nil, reason: String, advice: String? = nil
  ) {
    place = node.map { .node($0) }
    self.operation = operation
    self.reason = reason
    self.advice = advice
  }

  /// Place, reason and advice on one line, without anything that could steer a terminal.
  public var description: String {
    var text =
      switch place {
      case .node(let name): "'\(name.printableName)'"
      case .key(let name): name.printableName
      case nil: ""
      }
    let operation = operation?.printableName
    if let operation { text += text.isEmpty ? operation : " (\(operation))" }
    if !text.isEmpty { text += ": " }
    text += reason
    if let advice { text += "; \(advice)" }
    return text.printable
  }
}
