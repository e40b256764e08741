extension Network {
  /// The class scores of a network of thresholds after some timesteps, in float32.
  ///
  /// Every timestep gets the whole picture. Potentials are those of the thresholds' inputs, with the
  /// leaks and resets of the file, and leaks are not rounded; scores add up, or leak as well.
  ///
  /// - Parameter input: `inputShape.count` values, in the order channel, row, column.
  public func scores(_ input: [Float], timesteps: Int) -> [Float] {
    scores(timesteps: timesteps) { _ in input }
  }

  /// The same where every timestep gets an input of its own, such as a frame of events.
  ///
  /// - Parameter input: gives the values of a timestep, counted from 0.
  public func scores(timesteps: Int, input: (Int) throws -> [Float]) rethrows -> [Float] {
    guard timesteps > 1 else { return evaluate(try input(0))[output] }
    var potentials = [[Float]](repeating: [], count: nodes.count)
    var currents = potentials
    var scoresCurrent: [Float] = []
    var before: [String: [Float]] = [:]
    let delayed = delayedNames
    var scores = [Float](repeating: 0, count: outputShape.count)
    let kept = scoresLeak.map { Float($0.multiplier) / Float(1 << $0.shift) } ?? 1
    for timestep in 0..<timesteps {
      let values = evaluate(try input(timestep), before: before) { node, current in
        var current = current
        if case .threshold(let layer) = nodes[node].operation, let synapse = layer.synapse {
          current = synapse.integrate(&currents[node], current)
        }
        if potentials[node].isEmpty {
          potentials[node] = current
          if case .threshold(let layer) = nodes[node].operation, !layer.initials.isEmpty {
            let area = current.count / layer.initials.count
            for i in current.indices { potentials[node][i] += layer.initials[i / area] }
          }
        } else {
          for i in current.indices { potentials[node][i] += current[i] }
        }
        return potentials[node]
      }
      let added = scoresSynapse?.integrate(&scoresCurrent, values[output]) ?? values[output]
      for i in scores.indices { scores[i] = scores[i] * kept + added[i] }
      for index in nodes.indices where delayed.contains(nodes[index].name) {
        if case .threshold = nodes[index].operation { before[nodes[index].name] = values[index] }
      }
      for index in thresholdNodes {
        guard case .threshold(let layer) = nodes[index].operation else { continue }
        layer.settle(&potentials[index], spikes: values[index])
      }
    }
    return scores
  }
}

extension Network.Threshold {
  /// Resets the potentials that fired, and lets all of them leak.
  fileprivate func settle(_ potentials: inout [Float], spikes: [Float]) {
    guard let membrane else { return }
    let area = potentials.count / (thresholds.first?.count ?? 1)
    for i in potentials.indices {
      // The thresholds ascend, so that the last spike is that of the largest one crossed.
      let crossed = thresholds.indices.last { spikes[$0 * potentials.count + i] == 1 }
      if let crossed {
        switch membrane.reset {
        case .soft: potentials[i] -= amount(crossed, channel: i / area)
        case .hard: potentials[i] = 0
        case .none: break
        }
      }
      if !floors.isEmpty { potentials[i] = max(potentials[i], floors[i / area]) }
      if let leak = membrane.leak {
        potentials[i] *= Float(leak.multiplier) / Float(1 << leak.shift)
      }
    }
  }
}
