import SpikeletSupport

/// The model is larger or slower than its configuration allows.
public struct BudgetError: Error, CustomStringConvertible, Sendable {
  /// The name of the model.
  public var name: String
  /// Every budget that is exceeded, by how much.
  public var problems: [Problem]

  /// The name, and one line for each budget.
  public var description: String {
    "\(name) exceeds its budget\n" + problems.map { "  \($0)" }.joined(separator: "\n")
  }
}

extension Compiler.Build {
  /// Fails when the model is larger than its configuration allows.
  func checkBudgets() throws {
    let budgets = configuration.budgets
    var problems: [Problem] = []
    if let limit = budgets.maximumArenaBytes, plan.arenaBytes > limit {
      problems.append(
        .init(
          "budgets.maximumArenaBytes",
          "the arena needs \(plan.arenaBytes) bytes, \(plan.arenaBytes - limit) more than \(limit)",
          advice: "lower maximumTimesteps, use 16-bit membranes, or raise the budget"))
    }
    if let limit = budgets.maximumModelBytes, bytes.count > limit {
      problems.append(
        .init(
          "budgets.maximumModelBytes",
          "the model has \(bytes.count) bytes, \(bytes.count - limit) more than \(limit)",
          advice: "use 4-bit weights, or raise the budget"))
    }
    problems += try costProblems()
    let needed = plan.arenaBytes + bytes.count
    if let board, needed > board.availableBytes {
      problems.append(
        .init(
          "board",
          "arena and model need \(needed) bytes, \(board.name) has \(board.availableBytes) to give",
          advice: "choose a larger board or a smaller network"))
    }
    guard problems.isEmpty else {
      throw BudgetError(name: configuration.name, problems: problems)
    }
  }
}
