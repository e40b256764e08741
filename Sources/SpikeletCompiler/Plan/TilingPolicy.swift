import Foundation
import SpikeletRuntime
import SpikeletSupport

/// What a model of one timestep keeps: which max pools run inside the layer before them, and how many
/// rows and columns of potentials a layer has at a time.
public enum TilingPolicy: Sendable {
  /// Fuses every pool that can be, and chooses kernels and the largest tiles with which the arena fits a
  /// budget, in bytes; what it takes of that, or without one, the choice says. Without a choice it is
  /// what is fastest within a budget, and without a budget what is balanced.
  case automatic(budget: Int?, Choice? = nil)
  /// Keeps every map and every potential.
  case whole
  /// Tiles of the given size, or of what there is, in every layer; for tests.
  case tiles(ExecutionPlan.TileSize, fusesPools: Bool)

  /// What an arena is worth.
  public enum Choice: Sendable {
    /// All of the budget, if it is of use; without one whatever makes the model fastest.
    case fastest
    /// An arena that grows, within a budget, while twice as much of it saves a tenth of the instructions.
    case balanced
    /// As little as possible.
    case smallest
  }

  /// A tile is at least this many kernels wide: what it looks at twice stays below a half.
  static let kernelWidths = 2
  /// The arena that costs nothing: half of the smallest data cache.
  static let smallArena = 16_384
  /// What must be left of the instructions in twice the arena.
  static let worthDoubling = 0.9
  /// Into how many parts the last step between two arenas is cut.
  static let refinements = 8

  /// Fills in the tiles and fused pools of a draft's layers, and the kernels of its connections.
  func apply(
    to draft: inout DraftRecords, kernels: KernelPolicy, cost: CostModel
  ) throws(Diagnostics) {
    switch self {
    case .whole: try kernels.apply(to: &draft, limit: nil, cost: cost)
    case .tiles(let size, let fusesPools):
      if fusesPools { fusePools(of: &draft) }
      for index in draft.layers.indices {
        draft.changeNeurons(index) {
          $0.tile = .init(
            rows: min(size.rows, Int($0.height)), columns: min(size.columns, Int($0.width)))
        }
      }
      try kernels.apply(to: &draft, limit: nil, cost: cost)
    case .automatic(let budget, let choice):
      fusePools(of: &draft)
      let options = draft.layers.indices.map { Self.tiles(of: $0, in: draft) }
      for index in options.indices {
        if let smallest = options[index].last { draft.changeNeurons(index) { $0.tile = smallest } }
      }
      let smallest = try draft.plan().arenaBytes
      func plan(_ limit: Int) throws(Diagnostics) -> DraftRecords {
        try Self.chooseTiles(draft, options, kernels, limit: max(smallest, limit), cost)
      }
      switch choice ?? (budget == nil ? .balanced : .fastest) {
      case .smallest: draft = try plan(smallest)
      case .balanced:
        draft = try Self.best(smallest, budget ?? .max, Self.worthDoubling, cost, plan)
      case .fastest: draft = try Self.best(smallest, budget ?? .max, 1, cost, plan)
      }
    }
  }

  /// The plan of the fewest instructions, where twice the arena counts as many more as it must save.
  /// Of equals it is the smallest; what there is below the small arena is free.
  ///
  /// - Parameters:
  ///   - smallest: the least arena.
  ///   - limit: the largest that may be.
  ///   - worth: what must be left of the instructions in twice the arena, over any number of doublings.
  ///   - plan: the plan with the largest tiles and the most kernels that an arena has room for. More
  ///     room is not always faster: larger tiles keep potentials that smaller ones never store.
  private static func best(
    _ smallest: Int, _ limit: Int, _ worth: Double, _ cost: CostModel,
    _ plan: (_ limit: Int) throws(Diagnostics) -> DraftRecords
  ) throws(Diagnostics) -> DraftRecords {
    func price(_ draft: DraftRecords) throws(Diagnostics) -> Double {
      let arena = max(smallArena, try draft.plan().arenaBytes)
      let doublings = log2(Double(arena) / Double(smallArena))
      return cost.estimate(draft, cost.typical).total / pow(worth, doublings)
    }
    var (best, size) = (try plan(smallest), smallest)
    var least = try price(best)
    func consider(_ bytes: Int) throws(Diagnostics) {
      let candidate = try plan(bytes)
      let price = try price(candidate)
      if price < least { (best, size, least) = (candidate, bytes, price) }
    }
    let largest = min(limit, try plan(limit).plan().arenaBytes)
    // Half as much again, as long as that is less than what all kernels and whole maps need.
    var next = smallest + smallest / 2
    while next < largest {
      try consider(next)
      next += next / 2
    }
    if largest > smallest { try consider(largest) }
    // Between the best of these and the one before it lists may find room in less.
    let below = max(smallest, size * 2 / 3)
    let above = size
    for part in 1..<refinements {
      try consider(below + (above - below) * part / refinements)
    }
    return best
  }

  private func fusePools(of draft: inout DraftRecords) {
    for index in draft.layers.indices where draft.canFuse(index) {
      draft.changePool(index) { $0.isFused = 1 }
    }
  }

  /// The largest tiles of each layer and the kernels with which the arena keeps to a limit.
  private static func chooseTiles(
    _ small: DraftRecords, _ options: [[ExecutionPlan.TileSize]], _ kernels: KernelPolicy,
    limit: Int, _ cost: CostModel
  ) throws(Diagnostics) -> DraftRecords {
    var draft = small
    // A gather is worth more than a larger tile; picture blocks are worth it only in large tiles.
    try kernels.apply(to: &draft, limit: limit, source: .spikes, cost: cost)
    for index in options.indices {
      for option in options[index] {
        draft.changeNeurons(index) { $0.tile = option }
        if let plan = try? draft.plan(), plan.arenaBytes <= limit { break }
      }
    }
    try kernels.apply(to: &draft, limit: limit, source: .pixels, cost: cost)
    kernels.improve(&draft, limit: limit, cost: cost)
    kernels.growLists(of: &draft, limit: limit)
    return draft
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
