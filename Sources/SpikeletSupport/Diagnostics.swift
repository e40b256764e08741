/// Why something cannot be done: every problem that was found, not just the first.
///
/// The compiler throws it for networks that cannot be converted and configurations that cannot be
/// used, the command line for options that contradict each other.
public struct Diagnostics: Error, Hashable, Sendable, CustomStringConvertible {
  /// What cannot be done, or which file cannot be used, as the first line says it.
  public var subject: String
  /// At least one problem.
  public var problems: [Problem]

  /// Makes an error of a first line and its problems.
  public init(_ subject: String, _ problems: [Problem]) {
    self.subject = subject
    self.problems = problems
  }

  /// The subject, and one line for each problem.
  public var description: String {
    let count = problems.count == 1 ? "" : " (\(problems.count) problems)"
    return "\(subject.printable)\(count)\n" + problems.shownLines
  }
}

extension [Problem] {
  /// One line each, of the first hundred: a file with a million mistakes is not read to its end.
  public var shownLines: String {
    var lines = prefix(100).map { "  \($0)" }
    if count > lines.count { lines.append("  … and \(count - lines.count) more") }
    return lines.joined(separator: "\n")
  }
}
