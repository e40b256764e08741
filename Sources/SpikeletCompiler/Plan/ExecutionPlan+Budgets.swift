import SpikeletRuntime
import SpikeletSupport

extension ExecutionPlan {
  /// Plans a network within budgets, with the kernels that take the fewest instructions.
  ///
  /// - Parameters:
  ///   - network: the quantized network.
  ///   - budgets: how large the arena may be, and how it is chosen where that leaves a choice.
  ///   - rates: how often neurons fire.
  ///   - target: the machine whose instructions count.
  ///   - kernels: which kernel runs which connection.
  /// - Throws: which buffers no arena can hold, because their sizes do not fit 31 bits.
  package init(
    _ network: IntegerNetwork, _ budgets: Configuration.Budgets, rates: FiringRates,
    target: CostTarget, kernels: KernelPolicy
  ) throws(Diagnostics) {
    let model = CostModel(DraftRecords(network), rates: rates, target: target)
    let isSmallest = budgets.arena == .smallest
    let choice: TilingPolicy.Choice? =
      switch budgets.arena {
      case .smallest: .smallest
      case .fastest: .fastest
      case .balanced: .balanced
      case nil: nil
      }
    let limit = budgets.maximumArenaBytes
    // Without tiles the smallest arena is the one that kernels add nothing to.
    try self.init(
      network, tiling: .automatic(budget: limit, choice), kernels: kernels,
      budget: isSmallest ? 0 : limit, cost: model)
  }
}
