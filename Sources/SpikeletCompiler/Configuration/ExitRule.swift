/// When an inference ends before its last timestep.
///
/// People write it as
///
///     none   count:8   margin:6   stable:4   stable:4:12   margin-per-step:90,70,-,40   margin:6@2
///
/// where the number after `@` is the first timestep that may end a run, and `-` in a table stands
/// for a timestep that never does.
public struct ExitRule: Equatable, Sendable {
  /// What must hold after a timestep for it to be the last.
  public enum Condition: Equatable, Sendable {
    /// Nothing ends a run.
    case none
    /// The largest score is at least this.
    case count(Int)
    /// The largest score leads the second by at least this.
    case margin(Int)
    /// The prediction was the same at the last `timesteps` timesteps, this one included, and leads by
    /// at least `margin`.
    case stable(timesteps: Int, margin: Int)
    /// The largest score leads the second by at least the timestep's own entry; nil for a timestep
    /// that never ends a run. After the table's end the last entry counts.
    case marginPerStep([Int?])
  }

  /// What must hold after a timestep.
  public var condition: Condition
  /// The first timestep that may end a run, counted from 1.
  public var minimumTimestep: Int

  /// Makes a rule of a condition.
  public init(_ condition: Condition, minimumTimestep: Int = 1) {
    self.condition = condition
    self.minimumTimestep = minimumTimestep
  }

  /// Runs every timestep.
  public static let none = ExitRule(.none)

  /// The kind of the condition; nil where nothing ends a run.
  public var criterion: ExitCriterion? {
    switch condition {
    case .none: nil
    case .count: .count
    case .margin: .margin
    case .stable: .stable
    case .marginPerStep: .marginPerStep
    }
  }
}

/// The kinds of conditions that end an inference, in the order in which they are shown.
public enum ExitCriterion: String, CaseIterable, Sendable {
  /// A large score.
  case count
  /// A large lead.
  case margin
  /// The same prediction several times.
  case stable
  /// A lead as large as the timestep's own.
  case marginPerStep = "margin-per-step"

  /// The criterion as configurations and options name it.
  public var name: String { rawValue }
}

extension ExitRule: CustomStringConvertible {
  /// The rule as people write it.
  public var description: String {
    let text =
      switch condition {
      case .none: "none"
      case .count(let score): "count:\(score)"
      case .margin(let lead): "margin:\(lead)"
      case .stable(let timesteps, 0): "stable:\(timesteps)"
      case .stable(let timesteps, let margin): "stable:\(timesteps):\(margin)"
      case .marginPerStep(let margins):
        "margin-per-step:" + margins.map { $0.map(String.init) ?? "-" }.joined(separator: ",")
      }
    return minimumTimestep != 1 ? text + "@\(minimumTimestep)" : text
  }

  /// Reads a rule as `description` writes it.
  ///
  /// - Returns: nil where the text is no rule; whether a model can use it is another question.
  public init?(_ text: String) {
    let halves = text.split(separator: "@", omittingEmptySubsequences: false)
    guard halves.count <= 2 else { return nil }
    var first = 1
    if halves.count == 2 {
      guard let number = Self.number(halves[1]) else { return nil }
      first = number
    }
    let parts = halves[0].split(separator: ":", omittingEmptySubsequences: false)
    guard parts[0] != "none" else {
      guard parts.count == 1 else { return nil }
      self.init(.none)
      return
    }
    guard let criterion = ExitCriterion(rawValue: String(parts[0])), parts.count >= 2 else {
      return nil
    }
    if criterion == .marginPerStep {
      guard parts.count == 2, let margins = Self.margins(parts[1]) else { return nil }
      self.init(.marginPerStep(margins), minimumTimestep: first)
      return
    }
    let numbers = parts.dropFirst().compactMap(Self.number)
    guard numbers.count == parts.count - 1 else { return nil }
    switch (criterion, numbers.count) {
    case (.count, 1): self.init(.count(numbers[0]), minimumTimestep: first)
    case (.margin, 1): self.init(.margin(numbers[0]), minimumTimestep: first)
    case (.stable, 1...2):
      let margin = numbers.count == 2 ? numbers[1] : 0
      self.init(.stable(timesteps: numbers[0], margin: margin), minimumTimestep: first)
    default: return nil
    }
  }

  /// A whole number that fits the words of a model file.
  private static func number(_ text: Substring) -> Int? { Int32(text).map { Int($0) } }

  /// The entries of a table, or nil where one is neither a number nor `-`.
  private static func margins(_ text: Substring) -> [Int?]? {
    var margins: [Int?] = []
    for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard entry != "-" else {
        margins.append(nil)
        continue
      }
      guard let margin = number(entry) else { return nil }
      // The largest number is what the file writes for "never".
      margins.append(margin == Int(Int32.max) ? nil : margin)
    }
    return margins
  }
}
