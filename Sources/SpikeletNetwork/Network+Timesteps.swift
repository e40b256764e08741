extension Network {
  /// The class scores of a network of thresholds after some timesteps, in float32.
  ///
  /// Every timestep gets the whole picture. Potentials are those of the thresholds' inputs, with the
  /// leaks and resets of the file, and leaks are not rounded; scores add up, or leak as well.
  ///
  /// - Parameter input: `inputShape.count` values, in the order channel, row, column.
  public func scores(_ input: [Float], timesteps: Int) -> [Float] {
    guard timesteps > 1 else { return evaluate(input)[output] }
    var potentials = [[Float]](repeating: [], count: nodes.count)
    var scores = [Float](repeating: 0, count: outputShape.count)
    let kept = scoresLeak.map { Float($0.multiplier) / Float(1 << $0.shift) } ?? 1
    for _ in 0..<timesteps {
      let values = evaluate(input) { node, current in
        if potentials[node].isEmpty {
          potentials[node] = current
        } else {
          for i in current.indices { potentials[node][i] += current[i] }
        }
        return potentials[node]
      }
      for i in scores.indices { scores[i] = scores[i] * kept + values[output][i] }
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
        case .soft: potentials[i] -= thresholds[crossed][i / area] * Float(membrane.resetFactor)
        case .hard: potentials[i] = 0
        case .none: break
        }
      }
      if let leak = membrane.leak {
        potentials[i] *= Float(leak.multiplier) / Float(1 << leak.shift)
      }
    }
  }
}
