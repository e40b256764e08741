/// What an exit policy looks at, as a model file states it.
package enum ExitKind: Int32, Sendable {
  case none = 0
  case margin = 1
  case count = 2
  case stable = 3
  case marginPerTimestep = 4
}

/// The words of an exit policy in a model's header.
package struct ExitRecord: Equatable, Sendable {
  /// An `ExitKind`.
  package var kind: Int32
  /// A margin, a score, a number of timesteps, or the entries of a table; 0 for none.
  package var parameter: Int32
  /// The margin that `stable` demands as well; 0 demands none.
  package var minimumMargin: Int32 = 0
  package var minimumTimestep: Int32

  /// The words of a policy. Values beyond 32 bits become the largest or the smallest.
  ///
  /// - Parameter entries: the entries of the table of a policy that has one.
  package init(_ policy: ExitPolicy, entries: Int) {
    let (kind, value): (ExitKind, Int) =
      switch policy {
      case .none: (.none, 0)
      case .margin(let margin, _): (.margin, margin)
      case .count(let score, _): (.count, score)
      case .stable(let timesteps, _, _): (.stable, timesteps)
      case .marginPerTimestep: (.marginPerTimestep, entries)
      }
    self.kind = kind.rawValue
    parameter = Int32(clamping: value)
    if case .stable(_, let margin, _) = policy { minimumMargin = Int32(clamping: margin) }
    minimumTimestep = Int32(clamping: policy.firstTimestep)
  }

  /// The words of a header.
  package init(_ header: borrowing ModelHeader) {
    kind = header.exitKind
    parameter = header.exitParameter
    minimumMargin = header.exitMinimumMargin
    minimumTimestep = header.exitMinimumTimestep
  }

  /// The policy that the words state; of an unknown kind `none`.
  package var policy: ExitPolicy {
    let (value, first) = (Int(parameter), Int(minimumTimestep))
    return switch ExitKind(rawValue: kind) ?? .none {
    case .none: .none
    case .margin: .margin(value, from: first)
    case .count: .count(value, from: first)
    case .stable: .stable(value, margin: Int(minimumMargin), from: first)
    case .marginPerTimestep: .marginPerTimestep(from: first)
    }
  }
}
