extension ReferenceModel {
  /// The timestep after which a run ends, after docs/semantics.md: in wide numbers, looking back
  /// over all read-outs instead of keeping a state.
  ///
  /// - Parameter readOuts: prediction, largest and second score after timestep 1, 2, ….
  public func exitTimestep(_ readOuts: [(prediction: Int, best: Int, second: Int)]) -> Int {
    let holds = (1...readOuts.count).first { t in
      guard t >= exit.minimumTimestep else { return false }
      let now = readOuts[t - 1]
      let lead = now.best - now.second
      switch exit.kind {
      case 1: return lead >= exit.parameter
      case 2: return now.best >= exit.parameter
      case 3:
        guard t >= exit.parameter, lead >= exit.minimumMargin else { return false }
        return readOuts[(t - exit.parameter)..<t].allSatisfy { $0.prediction == now.prediction }
      case 4:
        let demand = exit.table[min(t, exit.table.count) - 1]
        return demand != 2_147_483_647 && lead >= demand
      default: return false
      }
    }
    return holds ?? readOuts.count
  }
}
