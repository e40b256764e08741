import SpikeletRuntime
import SpikeletSupport

/// What a model of one timestep keeps: which max pools run inside the layer before them, and how many
/// rows and columns of potentials a layer has at a time.
public enum TilingPolicy: Sendable {
  /// Fuses every pool that can be, and chooses the largest tiles with which the arena fits a budget,
  /// in bytes; without a budget, tiles for an arena that any board's cache holds.
  case automatic(budget: Int?)
  /// Keeps every map and every potential.
  case whole
  /// Tiles of the given size, or of what there is, in every layer; for tests.
  case tiles(ExecutionPlan.TileSize, fusesPools: Bool)

  /// A tile is at least this many kernels wide: what it looks at twice stays below a half.
  static let kernelWidths = 2
  /// Without a budget, the share that larger tiles may add to the smallest arena, and the arena that
  /// they may always take: half of the smallest data cache. Each tile looks at the rows that its kernels
  /// reach once more, so fewer are faster: a LeNet-5 takes a third fewer instructions in 16 KB than
  /// in 2.
  static let slack = 0.1
  static let smallArena = 16_384

  /// Fills in the tiles and fused pools of a draft's layers, and the kernels of its connections.
  func apply(to draft: inout DraftRecords, kernels: KernelPolicy) throws(Diagnostics) {
    switch self {
    case .whole: try kernels.apply(to: &draft, limit: nil)
    case .tiles(let size, let fusesPools):
      if fusesPools { fusePools(of: &draft) }
      for index in draft.layers.indices {
        draft.changeNeurons(index) {
          $0.tile = .init(
            rows: min(size.rows, Int($0.height)), columns: min(size.columns, Int($0.width)))
        }
      }
      try kernels.apply(to: &draft, limit: nil)
    case .automatic(let budget):
      fusePools(of: &draft)
      try chooseTiles(of: &draft, kernels, budget: budget)
    }
  }

  private func fusePools(of draft: inout DraftRecords) {
    for index in draft.layers.indices where draft.canFuse(index) {
      draft.changePool(index) { $0.isFused = 1 }
    }
  }

  private func chooseTiles(
    of draft: inout DraftRecords, _ kernels: KernelPolicy, budget: Int?
  ) throws(Diagnostics) {
    let options = draft.layers.indices.map { Self.tiles(of: $0, in: draft) }
    for index in options.indices {
      if let smallest = options[index].last { draft.changeNeurons(index) { $0.tile = smallest } }
    }
    let smallest = try draft.plan().arenaBytes
    let limit =
      budget.map { max(smallest, $0) }
      ?? max(Self.smallArena, Int(Double(smallest) * (1 + Self.slack)))
    // A gather is worth more than a larger tile; picture blocks are worth it only in large tiles.
    try kernels.apply(to: &draft, limit: limit, source: .spikes)
    for index in options.indices {
      for option in options[index] {
        draft.changeNeurons(index) { $0.tile = option }
        if let plan = try? draft.plan(), plan.arenaBytes <= limit { break }
      }
    }
    try kernels.apply(to: &draft, limit: limit, source: .pixels)
    kernels.growLists(of: &draft, limit: limit)
  }

  /// The tiles that a layer may run in, the largest first: half of the rows, a quarter …, one row,
  /// half of a row …
  private static func tiles(of index: Int, in draft: DraftRecords) -> [ExecutionPlan.TileSize] {
    guard case .neurons(let layer) = draft.layers[index] else { return [] }
    let kernel = draft.connections(of: index).map { connection in
      let window = connection.window
      guard connection.kind == ConnectionKind.convolution.rawValue else { return 1 }
      return Int((window.width + window.strideWidth - 1) / window.strideWidth)
    }.max()
    var result = [layer.tile]
    while let last = result.last {
      if last.rows > 1 {
        result.append(.init(rows: (last.rows + 1) / 2, columns: last.columns))
      } else {
        let half = (last.columns + 1) / 2
        guard half < last.columns, half >= kernelWidths * (kernel ?? 1) else { break }
        result.append(.init(rows: 1, columns: half))
      }
    }
    return result
  }
}

extension NeuronRecord {
  fileprivate var tile: ExecutionPlan.TileSize {
    get { .init(rows: Int(tileRows), columns: Int(tileColumns)) }
    set { (tileRows, tileColumns) = (Int32(newValue.rows), Int32(newValue.columns)) }
  }
}
