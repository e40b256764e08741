import SpikeletSupport

/// Why a file could not become a network: every problem that was found in it, not just the first.
public struct ImportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One reason, where it lies and what to do about it.
  public struct Problem: Hashable, Sendable, CustomStringConvertible {
    /// The name of the node or tensor in the file; nil where the whole file is meant.
    public var node: String?
    /// The operator of the node, such as `Conv`; nil where no node is meant.
    public var op: String?
    /// What is wrong or not supported.
    public var reason: String
    /// What to do about it, where that can be said.
    public var hint: String?

    public init(node: String? = nil, op: String? = nil, reason: String, hint: String? = nil) {
      self.node = node
      self.op = op
      self.reason = reason
      self.hint = hint
    }

    public var description: String {
      var text = ""
      if let node { text += "'\(node.escaped)'" }
      if let op { text += text.isEmpty ? op.escaped : " (\(op.escaped))" }
      if !text.isEmpty { text += ": " }
      text += reason
      if let hint { text += "; \(hint)" }
      // Other names of the file stand in the reason.
      return text.escapedLines.replacing("\n", with: "\\u{A}")
    }
  }

  /// The name of the file, without its folder.
  public var file: String
  /// At least one problem, in the order of the graph.
  public var problems: [Problem]

  /// How many problems a message lists.
  static let shownProblems = 100

  public init(file: String, problems: [Problem]) {
    self.file = file
    self.problems = problems
  }

  public init(file: String, reason: String, hint: String? = nil) {
    self.init(file: file, problems: [Problem(reason: reason, hint: hint)])
  }

  public var description: String {
    if problems.count == 1 { return "\(file.escaped): \(problems[0])" }
    var lines = problems.prefix(Self.shownProblems).map { "\n  \($0)" }
    let rest = problems.count - lines.count
    if rest > 0 { lines.append("\n  … and \(rest) more") }
    return "\(file.escaped): \(problems.count) problems" + lines.joined()
  }
}

/// Why one node cannot be converted, before it is known which node that is.
enum Rejection: Error {
  case problem(reason: String, hint: String?)
  /// An input of the node has no value because of a problem that is already reported.
  case unknownInput

  static func because(_ reason: String, hint: String? = nil) -> Rejection {
    .problem(reason: reason, hint: hint)
  }
}
