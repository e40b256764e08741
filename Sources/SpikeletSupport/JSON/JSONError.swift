/// Why a text is no JSON document, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Counted from 1.
  public var line: Int
  /// In bytes, counted from 1.
  public var column: Int
  public var reason: String

  /// The place alone.
  public var location: String { "line \(line), column \(column)" }
  public var description: String { "\(location): \(reason)" }
}
