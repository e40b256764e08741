/// A piece of work with a price: `<group>.<piece>[.<bits of a potential>]…`.
///
/// Features are counted from the plan and from what fires; a `CostTable` has the price of each in
/// instructions. The names are those of `scripts/tool cost-model`, which measures the prices.
package struct CostFeature: Hashable, Sendable, Comparable {
  package let name: String

  package init(_ name: String) { self.name = name }

  package static func < (a: CostFeature, b: CostFeature) -> Bool { a.name < b.name }
}

/// How often each piece of work is done.
package struct CostFeatures: Sendable, Equatable {
  package private(set) var counts: [CostFeature: Double] = [:]

  package init() {}

  /// Adds to a piece; what is 0 is left out.
  mutating func add(_ name: String, _ count: Double) {
    guard count != 0 else { return }
    counts[CostFeature(name), default: 0] += count
  }

  mutating func add(_ name: String, _ count: Int) { add(name, Double(count)) }

  /// Adds others, some times over.
  mutating func add(_ other: CostFeatures, times: Double = 1) {
    for (feature, count) in other.counts { counts[feature, default: 0] += count * times }
  }
}

/// The price of each piece of work on one target, in instructions.
package struct CostTable: Sendable {
  package let target: CostTarget
  package let prices: [String: Double]

  package init(target: CostTarget, prices: [String: Double]) {
    (self.target, self.prices) = (target, prices)
  }

  /// The prices that `scripts/tool cost-model --update` has measured.
  package static func measured(_ target: CostTarget) -> CostTable {
    switch target {
    case .aarch64: CostTable(target: target, prices: aarch64Prices)
    case .armv7: CostTable(target: target, prices: armv7Prices)
    case .x86: CostTable(target: target, prices: x86Prices)
    }
  }

  /// The price of a piece of work, or that of the same with potentials of the other width; nil where
  /// neither was measured.
  package func price(of feature: CostFeature) -> Double? {
    if let price = prices[feature.name] { return price }
    let other = feature.name.split(separator: ".").map { part in
      part == "16" ? "32" : part == "32" ? "16" : part
    }
    return prices[other.joined(separator: ".")]
  }

  /// The instructions of some work.
  package func instructions(_ features: CostFeatures) -> Double {
    // In one order: sums of floating-point numbers depend on it.
    features.counts.sorted { $0.key < $1.key }
      .reduce(0) { $0 + $1.value * (price(of: $1.key) ?? 0) }
  }
}
