import SpikeletClassifier
import SpikeletReference

/// What a layer's parameters say beyond `ModelSummary`, read by the judge's reader: rules, clamps and
/// the values of weights.
package struct LayerFacts: Sendable, Equatable {
  package var name: String
  /// How potentials decay and what a spike does to them, in words; empty for a max pool.
  package var rule: String
  /// How many thresholds become spikes at most; "–" where nothing fires.
  package var spikes: String
  /// The share of its integer type that the proven range of potentials needs, 0…1; nil for a max pool.
  package var usedRange: Double?
  /// What the potentials of the channels are held at, below and above; nil where nothing holds them.
  package var lowerClamps: ClosedRange<Int>?
  package var upperClamps: ClosedRange<Int>?
  /// The smallest and the largest weight; nil where there is none.
  package var weights: ClosedRange<Int>?
  /// The share of weights that are zero, 0…1.
  package var zeroShare: Double
  package var biases: ClosedRange<Int>?

  /// The facts of every layer of a model.
  package static func all(_ file: ModelFile) -> [LayerFacts] {
    let model = ReferenceModel(file.bytes)
    let summary = ModelSummary(file)
    return zip(model.layers, summary.layers).map { LayerFacts($0, $1) }
  }

  private init(_ layer: ReferenceModel.Layer, _ summary: ModelSummary.Layer) {
    name = summary.name
    spikes = layer.fires ? "\(layer.thresholdCount)" : "–"
    (rule, usedRange, lowerClamps, upperClamps) = ("", nil, nil, nil)
    if !layer.isMaxPool {
      rule = Self.rule(layer)
      let limit = layer.membraneBits == 16 ? Int(Int16.max) : Int(Int32.max)
      if let range = summary.potentialRange {
        usedRange = Double(max(-range.lowerBound, range.upperBound)) / Double(limit)
      }
      let range = summary.potentialRange ?? 0...0
      // A clamp that no potential can reach holds nothing.
      lowerClamps = Self.span(layer.lowerClamps.filter { $0 >= range.lowerBound })
      upperClamps = Self.span(layer.upperClamps.filter { $0 <= range.upperBound })
    }
    var (low, high, zeros, count) = (Int.max, Int.min, 0, 0)
    for connection in layer.connections {
      for weight in connection.weights {
        low = min(low, weight)
        high = max(high, weight)
        if weight == 0 { zeros += 1 }
      }
      count += connection.weights.count
    }
    weights = count > 0 ? low...high : nil
    zeroShare = Double(zeros) / Double(max(1, count))
    biases = Self.span(layer.biases)
  }

  private static func span(_ values: [Int]) -> ClosedRange<Int>? {
    guard let low = values.min(), let high = values.max() else { return nil }
    return low...high
  }

  private static func rule(_ layer: ReferenceModel.Layer) -> String {
    let leak =
      switch layer.leak {
      case 1: "U − (U >> \(layer.leakShift))"
      case 2: "(U · \(layer.leakMultiplier)) >> \(layer.leakShift)"
      case 3: "U · \(layer.leakMultiplier) / 2^\(layer.leakShift)"
      default: "no leak"
      }
    guard layer.fires else { return "\(leak), never fires" }
    let reset =
      switch layer.reset {
      case 1: "subtracts"
      case 2: "to zero"
      default: "no reset"
      }
    return "\(leak), \(reset == "no reset" ? reset : "reset \(reset)")"
  }
}
