import SpikeletSupport

/// Why a file could not become a network: every problem that was found in it, not just the first.
public struct ImportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The name of the file, without its folder.
  public var file: String
  /// At least one problem, in the order of the graph.
  public var problems: [Problem]

  /// Makes an error of a file's problems.
  public init(file: String, problems: [Problem]) {
    self.file = file
    self.problems = problems
  }

  /// Makes an error of one problem of the whole file.
  public init(file: String, reason: String, hint: String? = nil) {
    self.init(file: file, problems: [Problem(reason: reason, advice: hint)])
  }

  /// The file and its problem, or one line for each of several.
  public var description: String {
    if problems.count == 1 { return "\(file.printable): \(problems[0])" }
    return "\(file.printable): \(problems.count) problems\n" + problems.shownLines
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
