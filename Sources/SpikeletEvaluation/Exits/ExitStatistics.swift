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

  /// The fewest timesteps that any exit can need to be right as often as the run to the end.
  ///
  /// A picture costs at least the first timestep at which it is right where it is to be right, and one
  /// timestep otherwise. So, of R pictures that the full run has right: the R that are right first end
  /// there, all others at timestep 1. Whatever ends pictures, by whatever rule, has a sum of timesteps
  /// at least as large if it is right R times or more: the R pictures that it has right cost it no less
  /// than the R cheapest, the others no less than 1.
  ///
  /// It needs the labels, so nothing can be deployed that does this. (The "optimal cutoff" of Wu et al.
  /// 2023 ends each picture where its decision stays right, and is no bound: a picture that turns wrong
  /// later, or that is wrong at the end, may end sooner.)
  package var oracle: ExitStatistics {
    let needed = statistics(fixed: timesteps).correct
    var firsts: [(timestep: Int, image: Int)] = []
    for image in 0..<images {
      if let first = (1...timesteps).first(where: { isRight(image, after: $0) }) {
        firsts.append((first, image))
      }
    }
    var ends = [Int](repeating: 1, count: images)
    for (timestep, image) in firsts.sorted(by: <).prefix(needed) { ends[image] = timestep }
    return statistics { ends[$0] }
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
