extension CostTable {
  /// What the inner loops alone would take if nothing stood around them: the operations that the
  /// arithmetic itself needs, of which docs/performance.md has the list. A piece that is not named is
  /// work beside the loops.
  ///
  /// - Returns: nil for a target whose loops nobody has looked at.
  package static func ideal(_ target: CostTarget) -> CostTable? {
    // Windows of which eight channels are summed at a time: two multiplications each.
    let windows = Double(target.pictureWindows)
    switch target {
    case .aarch64, .armv7:
      return CostTable(
        target: target, prices: neonLoops.merging(["first.column": 2 * windows]) { $1 })
    case .x86: return nil
    }
  }

  /// The same on both Arm targets, whose vectors have sixteen bytes.
  private static let neonLoops: [String: Double] = [
    // A spike: loads of weights, additions that widen, the spike, its address, count and branch.
    "gather.entry.byte.plain.64": 14, "gather.entry.byte.plain.4x16": 14,
    "gather.entry.byte.plain.32": 9, "gather.entry.byte.plain.16": 6,
    "gather.entry.byte.plain.8": 5,
    // A count: three more, to load and to multiply.
    "gather.entry.byte.counted.64": 17, "gather.entry.byte.counted.4x16": 17,
    "gather.entry.byte.counted.32": 12, "gather.entry.byte.counted.16": 9,
    "gather.entry.byte.counted.8": 8,
    // Halves of bytes: half the loads, and sums of bytes.
    "gather.entry.nibble.plain.64": 11, "gather.entry.nibble.plain.4x16": 11,
    "gather.entry.nibble.plain.32": 8, "gather.entry.nibble.plain.16": 6,
    "gather.entry.nibble.plain.8": 5,
    "gather.entry.nibble.counted.64": 14, "gather.entry.nibble.counted.4x16": 14,
    "gather.entry.nibble.counted.32": 11, "gather.entry.nibble.counted.16": 9,
    "gather.entry.nibble.counted.8": 8,
    // Sixteen sums: weights, sums, additions that widen, sums.
    "scatter.once.16": 5, "scatter.once.32": 11, "scatter.times.16": 5, "scatter.times.32": 11,
    // Eight.
    "scatter.odd.16": 4, "scatter.odd.32": 6, "scatter.wide.16": 4, "scatter.wide.32": 5,
    "scatter.narrow.16": 7, "scatter.narrow.32": 9, "scatter.single": 4,
    // A pixel and a row of forty sums of 32 bits: ten multiplications, ten loads and stores.
    "first.grayAdd.32": 20,
    // The same where neighbours share four sites of five: ten, and two to load and store.
    "first.graySlide": 12,
    // Eight potentials: load, add, compare, reset, clamp, store, and the bits of their spikes.
    "neurons.keep.16": 14, "neurons.keep.32": 24,
    "neurons.keep.current.16": 14, "neurons.keep.current.32": 24,
    // Sums that meet thresholds once.
    "neurons.single.32": 7, "neurons.once.16": 6, "neurons.once.32": 7,
    "neurons.level.16": 6, "neurons.level.32": 7,
    "neurons.level.gathered.16": 6, "neurons.level.gathered.32": 7,
    "neurons.integrate.32": 5,
  ]
}
