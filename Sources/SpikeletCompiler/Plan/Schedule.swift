import SpikeletRuntime

/// What a model of one timestep keeps: which max pools run inside the layer before them, and how many
/// rows and columns of potentials a layer has at a time.
public enum Schedule: Sendable {
  /// Fuses every pool that can be, and chooses the largest bands with which the arena fits a budget,
  /// in bytes; without a budget, bands for an arena that any board's cache holds.
  case automatic(budget: Int?)
  /// Keeps every map and every potential.
  case whole
  /// Bands of the given rows and columns, or as many as there are, in every layer; for tests.
  case bands(rows: Int, columns: Int, fusesPools: Bool)

  /// A tile is at least this many kernels wide: what it looks at twice stays below a half.
  static let kernelWidths = 2
  /// Without a budget, the share that larger bands may add to the smallest arena, and the arena that
  /// they may always take: half of the smallest data cache. Each band looks at the rows that its kernels
  /// reach once more, so fewer are faster: a LeNet-5 takes a third fewer instructions in 16 KB than
  /// in 2.
  static let slack = 0.1
  static let smallArena = 16_384

  /// Fills in the bands and fused pools of a draft's layers.
  ///
  /// - Parameters:
  ///   - arena: the bytes of the arena for the given layers.
  func apply(
    to layers: inout [LayerRecord], connections: [ConnectionRecord],
    canFuse: (Int, [LayerRecord]) -> Bool, arena: ([LayerRecord]) -> Int
  ) {
    if case .whole = self { return }
    for index in layers.indices where layers[index].kind == LayerKind.maxPool.rawValue {
      if case .bands(_, _, false) = self { continue }
      if canFuse(index, layers) { layers[index].isFused = 1 }
    }
    if case .bands(let rows, let columns, _) = self {
      for index in layers.indices where layers[index].kind == LayerKind.neurons.rawValue {
        layers[index].bandRows = min(Int32(rows), layers[index].height)
        layers[index].bandColumns = min(Int32(columns), layers[index].width)
      }
      return
    }
    let options = layers.map { Self.bands($0, connections: connections) }
    for index in layers.indices { layers[index].set(options[index].last) }
    let smallest = arena(layers)
    var limit = max(Self.smallArena, Int(Double(smallest) * (1 + Self.slack)))
    if case .automatic(let budget?) = self { limit = max(smallest, budget) }
    for index in layers.indices {
      for option in options[index] {
        layers[index].set(option)
        if arena(layers) <= limit { break }
      }
    }
  }

  typealias Band = (rows: Int32, columns: Int32)

  /// The bands that a layer may run in, the largest first: half of the rows, a quarter …, one row,
  /// half of a row …
  private static func bands(
    _ layer: LayerRecord, connections: [ConnectionRecord]
  ) -> [Band] {
    guard layer.kind == LayerKind.neurons.rawValue else { return [] }
    let own = connections[Int(layer.firstConnection)...].prefix(Int(layer.connectionCount))
    let kernel = own.map { ($0.kernelWidth + $0.strideWidth - 1) / $0.strideWidth }.max() ?? 1
    var result: [Band] = [(layer.height, layer.width)]
    while let last = result.last {
      if last.rows > 1 {
        result.append(((last.rows + 1) / 2, last.columns))
      } else {
        let half = (last.columns + 1) / 2
        guard half < last.columns, half >= Int32(kernelWidths) * kernel else { break }
        result.append((1, half))
      }
    }
    return result
  }
}

extension LayerRecord {
  fileprivate mutating func set(_ band: Schedule.Band?) {
    guard let band else { return }
    (bandRows, bandColumns) = (band.rows, band.columns)
  }
}
