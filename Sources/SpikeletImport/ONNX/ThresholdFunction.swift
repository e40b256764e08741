/// A value of the graph that depends only on which side of a threshold another value lies.
///
/// Exporters write a spike in many ways: a comparison and a cast, a choice by `Where`, a sign that is
/// shifted and halved. All of them are functions of three cases, so they are followed as such, and
/// only what reads the result decides whether it is a spike.
struct ThresholdFunction: Hashable {
  /// The node of the network that is compared.
  var node: Int
  /// Its extents without the batch.
  var extents: [Int]
  /// The order in which these extents go over the node's values.
  var order: ValueOrder
  /// One a channel.
  var thresholds: [Float]
  var levels: Levels
  /// Whether the value is true or false, not yet a number.
  var isTruth: Bool
  /// The name of the node that compares first; metadata calls the neurons by it.
  var label: String

  /// The results below the threshold, at it, and above it.
  struct Levels: Hashable {
    var below: Float
    var at: Float
    var above: Float

    func map(_ function: (Float) -> Float) -> Levels {
      Levels(below: function(below), at: function(at), above: function(above))
    }

    func combined(_ other: Levels, _ function: (Float, Float) -> Float) -> Levels {
      Levels(
        below: function(below, other.below), at: function(at, other.at),
        above: function(above, other.above))
    }
  }

  /// Whether both are functions of the same comparison, so that they can be combined.
  func isOf(_ other: ThresholdFunction) -> Bool {
    node == other.node && extents == other.extents && order == other.order
      && thresholds == other.thresholds
  }

  func mapped(isTruth: Bool = false, _ function: (Float) -> Float) -> ThresholdFunction {
    var result = self
    result.levels = levels.map(function)
    result.isTruth = isTruth
    return result
  }
}

extension ThresholdFunction {
  /// A threshold function as the comparison that a layer of neurons makes.
  struct Comparison {
    /// Whether the value is negated first, because it fires below its threshold.
    var isNegated: Bool
    /// Of the value, or of the negated value.
    var thresholds: [Float]
    var isStrict: Bool
    /// Whether the value at the threshold itself is neither of the two, and is taken as no spike.
    var isRounded = false
    /// What a spike adds to the value without one.
    var scale: Float = 1
    /// The value without a spike.
    var offset: Float = 0
  }

  /// The comparison, if its results are two values, as those of spikes are.
  func comparison() throws(Rejection) -> Comparison {
    if isTruth { throw .because("is a truth value, not a number", hint: "cast it to floats") }
    let (low, high) = (levels.below, levels.above)
    guard low != high, low.isFinite, high.isFinite else {
      throw .because(
        "the comparison '\(label)' gives \(low) below its threshold and \(high) above it; "
          + "needed two values",
        hint: "a spike is one of two values, such as 0 and 1")
    }
    let isNegated = low > high
    let (none, spike) = isNegated ? (high, low) : (low, high)
    guard (none...spike).contains(levels.at) else {
      throw .because(
        "the comparison '\(label)' gives \(low) below its threshold, \(levels.at) at it "
          + "and \(high) above it; needed two values",
        hint: "a spike is one of two values, such as 0 and 1")
    }
    return Comparison(
      isNegated: isNegated, thresholds: isNegated ? thresholds.map { -$0 } : thresholds,
      isStrict: levels.at != spike, isRounded: levels.at > none && levels.at < spike,
      scale: spike - none, offset: none)
  }
}
