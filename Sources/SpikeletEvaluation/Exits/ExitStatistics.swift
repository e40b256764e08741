import SpikeletCompiler
import SpikeletRuntime

/// When the pictures of a data set end, and how often they are right then.
package struct ExitStatistics: Sendable, Equatable {
  /// Pictures that end after timestep 1, 2, ….
  package var exits: [Int]
  /// Those of them whose decision is right.
  package var rights: [Int]
  /// Synaptic operations of all pictures up to their exit.
  package var synapticOperations: UInt64

  package init(timesteps: Int) {
    exits = [Int](repeating: 0, count: timesteps)
    rights = exits
    synapticOperations = 0
  }

  package mutating func add(timestep: Int, isRight: Bool, synapticOperations count: UInt64) {
    exits[timestep - 1] += 1
    if isRight { rights[timestep - 1] += 1 }
    synapticOperations += count
  }

  package var images: Int { exits.reduce(0, +) }
  package var correct: Int { rights.reduce(0, +) }
  /// 0…1
  package var accuracy: Double { Double(correct) / Double(max(1, images)) }

  package var meanTimesteps: Double {
    let sum = exits.enumerated().reduce(0) { $0 + ($1.offset + 1) * $1.element }
    return Double(sum) / Double(max(1, images))
  }

  package var synapticOperationsPerImage: Double {
    Double(synapticOperations) / Double(max(1, images))
  }

  /// The first timestep after which at least this share of the pictures has ended.
  package func timestep(quantile: Double) -> Int {
    let needed = (Double(images) * quantile).rounded(.up)
    var ended = 0
    for (index, count) in exits.enumerated() {
      ended += count
      if Double(ended) >= needed { return index + 1 }
    }
    return exits.count
  }

  package var medianTimestep: Int { timestep(quantile: 0.5) }
  package var p99Timestep: Int { timestep(quantile: 0.99) }
}

extension DecisionTrace {
  /// The timestep at which a rule ends a picture, decided as the engine does.
  package func exit(of image: Int, by rule: ExitRule) -> Int {
    var monitor = ExitMonitor(rule.policy)
    for t in 1..<max(1, timesteps) {
      let ranking = decision(image, after: t).ranking
      if monitor.ends(after: t, ranking, demand: rule.demand(at: t)) { return t }
    }
    return timesteps
  }

  /// What a rule makes of these pictures.
  package func statistics(_ rule: ExitRule) -> ExitStatistics {
    statistics { exit(of: $0, by: rule) }
  }

  /// Every picture run to the same timestep.
  package func statistics(fixed timestep: Int) -> ExitStatistics {
    statistics { _ in timestep }
  }

  /// The lower bound of every policy: each picture ends at the first timestep after which its
  /// decision stays right; a picture that is wrong at the end runs to the end.
  ///
  /// It needs the labels, so nothing can be deployed that does this ("optimal cutoff" of Wu et al.
  /// 2023).
  package var oracle: ExitStatistics {
    statistics { image in
      var first = timesteps
      for t in stride(from: timesteps, through: 1, by: -1) {
        guard isRight(image, after: t) else { break }
        first = t
      }
      return first
    }
  }

  private func statistics(exit: (Int) -> Int) -> ExitStatistics {
    var result = ExitStatistics(timesteps: timesteps)
    for image in 0..<images {
      let t = exit(image)
      result.add(
        timestep: t, isRight: isRight(image, after: t),
        synapticOperations: decision(image, after: t).synapticOperations)
    }
    return result
  }

  /// The same pictures, run to fewer timesteps.
  package func prefix(timesteps count: Int) -> DecisionTrace {
    precondition(count >= 1 && count <= timesteps)
    return DecisionTrace(
      timesteps: count, labels: labels,
      decisions: (0..<images).flatMap {
        decisions[$0 * timesteps..<$0 * timesteps + count]
      })
  }
}
