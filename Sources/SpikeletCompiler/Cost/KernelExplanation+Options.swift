import SpikeletRuntime
import SpikeletSupport

extension KernelExplanation {
  /// The kernels that could run a connection, the one taken first, and why it was.
  ///
  /// - Parameters:
  ///   - arena: what the plan takes.
  ///   - limit: what it may take; nil for any.
  static func options(
    _ place: KernelPolicy.Place, _ records: DraftRecords, _ model: CostModel, arena: Int,
    limit: Int?
  ) -> [Option] {
    let taken = records.connections[place.connection]
    let layer = records.neurons(place.layer)
    func cost(_ record: ConnectionRecord) -> Double {
      model.instructions(record, place.connection, in: layer, records)
    }
    let price = cost(taken)
    var others: [Option] = []
    // Why those were not taken that would be faster.
    var reasons: Set<String> = []
    for kernel in SynapseKernel.all where kernel.rawValue != taken.kernel {
      guard records.suits(kernel, place) else { continue }
      var changed = records
      changed.set(.init(kernel: kernel), of: place)
      let record = changed.connections[place.connection]
      var option = Option(
        kernel: kernel.text, instructions: cost(record),
        scratchBytes: Int(records.scratchBytes(record, of: layer).value ?? 0), isTaken: false,
        reason: "")
      if option.instructions >= price {
        let more = Int(((option.instructions / max(1, price) - 1) * 100).rounded())
        option.reason = "\(more) % more"
      } else {
        let needed = (try? changed.plan().arenaBytes) ?? 0
        let (reason, summary) = Self.reason(
          needed: needed, arena: arena, limit: limit,
          weights: records.weightBytes(kernel, of: place) - records.weightBytes(of: place),
          isEstimated: KernelPolicy.follows(model, place, in: records), kernel.text)
        option.reason = reason
        reasons.insert(summary)
      }
      others.append(option)
    }
    others.sort { ($0.instructions, $0.kernel) < ($1.instructions, $1.kernel) }
    let own = Option(
      kernel: SynapseKernel(rawValue: taken.kernel)?.text ?? "?", instructions: price,
      scratchBytes: Int(records.scratchBytes(taken, of: layer).value ?? 0), isTaken: true,
      reason: others.isEmpty
        ? "no other fits the layer"
        : reasons.isEmpty ? "the fewest instructions" : reasons.sorted().joined(separator: ", "))
    return [own] + others
  }

  /// Why a kernel was not taken that would be faster, and what that says of the one that was.
  private static func reason(
    needed: Int, arena: Int, limit: Int?, weights: Int, isEstimated: Bool, _ kernel: String
  ) -> (reason: String, summary: String) {
    if let limit, needed > limit {
      return ("needs an arena of \(needed.grouped)", "no room for \(kernel)")
    }
    if weights > 0, needed <= arena {
      return (
        "needs \(weights.grouped) bytes more of weights", "no room for the weights of \(kernel)"
      )
    }
    if !isEstimated {
      return ("fewer only if no pixel is blank", "by rule: blank pixels were not counted")
    }
    return needed > arena
      ? ("needs an arena of \(needed.grouped)", "saves too little for its arena: \(kernel)")
      : ("fewer at these rates", "chosen for other rates or another machine")
  }
}
