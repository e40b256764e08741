/// Why a network cannot become a spiking network: every problem that was found, by node.
public struct ConversionError: Error, CustomStringConvertible, Sendable {
  public struct Problem: Sendable, CustomStringConvertible {
    /// The node's name in the source file, or the key of the configuration.
    public var place: String
    public var reason: String
    /// What to do about it.
    public var advice: String

    public init(_ place: String, _ reason: String, advice: String = "") {
      self.place = place
      self.reason = reason
      self.advice = advice
    }

    public var description: String {
      advice.isEmpty ? "\(place): \(reason)" : "\(place): \(reason); \(advice)"
    }
  }

  public var subject: String
  public var problems: [Problem]

  public init(_ subject: String, _ problems: [Problem]) {
    self.subject = subject
    self.problems = problems
  }

  public var description: String {
    let count = problems.count == 1 ? "" : " (\(problems.count) problems)"
    return "\(subject)\(count)\n" + problems.map { "  \($0)" }.joined(separator: "\n")
  }
}
