/// Why a text is no JSON document, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Counted from 1.
  public var line: Int
  /// In bytes, counted from 1.
  public var column: Int
  /// What was found there, and what was needed.
  public var reason: String

  /// The place alone.
  public var location: String { "line \(line), column \(column)" }
  /// Location and reason on one line.
  public var description: String { "\(location): \(reason)" }
}
