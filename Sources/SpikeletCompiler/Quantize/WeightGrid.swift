/// Weights that are whole multiples of one step.
enum WeightGrid {
  /// How far from a whole number a weight may lie, in steps: what float32 products of whole numbers
  /// and scales leave, many times over.
  private static let tolerance = 2e-4

  /// The step of which all weights are whole multiples of at most `limit`, or nil where there is none
  /// (or nothing but zeros). A negative multiple may be one larger, as −128 of 8 bits is.
  ///
  /// The step is the largest possible, so that sums stay small.
  ///
  /// - Parameter fillsRange: makes the largest weight the limit where it can be, as in the file that
  ///   the weights come from.
  static func step(of weights: [Double], limit: Int, fillsRange: Bool) -> Double? {
    let largest = weights.reduce(0) { max($0, abs($1)) }
    guard largest > 0 else { return nil }
    for multiple in (fillsRange ? [limit] : []) + Array(1...limit) {
      let step = largest / Double(multiple)
      let fits = weights.allSatisfy { weight in
        let exact = weight / step
        return abs(exact - exact.rounded()) <= tolerance
      }
      if fits { return step }
    }
    guard fillsRange, let lowest = weights.min(), -lowest == largest else { return nil }
    let step = largest / Double(limit + 1)
    let fits = weights.allSatisfy { weight in
      let exact = weight / step
      return abs(exact - exact.rounded()) <= tolerance && exact <= Double(limit) + tolerance
    }
    return fits ? step : nil
  }
}
