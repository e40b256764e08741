import SpikeletRuntime
import SpikeletSupport

/// Which kernel runs which connection. All give the same bits.
public enum KernelPolicy: Sendable {
  /// The fastest that suits the connection and whose scratch the arena has room for.
  case automatic
  /// Each spike adds its weights: no scratch, the smallest arena.
  case scatter
  /// For each connection any that suits it; for tests.
  case random(seed: UInt64)

  /// A gather has a fixed cost for each row of a kernel; where few outputs share it, or few weights
  /// are to be added at all, a scatter is as fast.
  static let leastOutputs = 16
  static let leastDenseWeights = 8192

  /// What a connection reads.
  enum Source {
    case spikes
    case pixels
  }

  /// Fills in the kernels of a draft's connections, in the tiles that it has, with the shortest lists.
  ///
  /// - Parameters:
  ///   - limit: the arena that the kernels may make of the one without them; nil for any.
  ///   - source: only of connections that read this; nil for all.
  func apply(
    to draft: inout DraftRecords, limit: Int?, source: Source? = nil
  ) throws(Diagnostics) {
    let all = Self.places(in: draft).filter {
      source == nil || draft.isOfPixels($0) == (source == .pixels)
    }
    switch self {
    case .scatter: break
    case .random(let seed):
      var random = SeededRandom(seed: seed)
      for place in all {
        let suited = SynapseKernel.all.filter { draft.suits($0, place) }
        // The last one suits fewest connections.
        let index = random.chance(2) ? suited.count - 1 : random.pick(0...suited.count - 1)
        draft.set(suited[index], of: place)
        guard suited[index] == .gather, random.chance(2) else { continue }
        let record = draft.connections[place.connection]
        let rows = random.pick(Int(record.listRows)...Int(record.pooledHeight))
        draft.connections[place.connection].listRows = Int32(rows)
      }
    case .automatic:
      let limit = max(limit ?? .max, limit == nil ? 0 : try draft.plan().arenaBytes)
      // Where not all scratch fits, it goes to the connections with the most work.
      let places = all.map { ($0, draft.work(of: $0)) }
      for (place, _) in places.sorted(by: { ($0.1, $1.0.connection) > ($1.1, $0.0.connection) }) {
        let kernel = Self.preferred(place, in: draft)
        if kernel == .scatter { continue }
        draft.set(kernel, of: place)
        if let plan = try? draft.plan(), plan.arenaBytes <= limit { continue }
        draft.set(.scatter, of: place)
      }
    }
  }

  /// Lets gathers list all rows of their sources at a time, where the arena has room: the weights of a
  /// tile of channels then pass by once.
  func growLists(of draft: inout DraftRecords, limit: Int?) {
    guard case .automatic = self else { return }
    for index in draft.connections.indices
    where draft.connections[index].kernel == SynapseKernel.gather.rawValue {
      let (least, all) = (draft.connections[index].listRows, draft.connections[index].pooledHeight)
      // All of them, or some sixteenths less.
      let options = (0..<16).map { all - (all - least) * $0 / 16 } + [least]
      for rows in options {
        draft.connections[index].listRows = rows
        if let plan = try? draft.plan(), plan.arenaBytes <= limit ?? .max { break }
      }
    }
  }

  /// A connection of neurons, and its layer.
  struct Place {
    var layer: Int
    var connection: Int
  }

  private static func places(in draft: DraftRecords) -> [Place] {
    draft.layers.indices.flatMap { index -> [Place] in
      guard case .neurons = draft.layers[index] else { return [] }
      return draft.connections(of: index).indices.map { Place(layer: index, connection: $0) }
    }
  }

  private static func preferred(_ place: Place, in draft: DraftRecords) -> SynapseKernel {
    if draft.suits(.grayLines, place) { return .grayLines }
    // Each tile looks at all rows of pixels under its kernels again; in low ones a scatter is faster.
    if draft.isOfPixels(place) {
      return draft.isTall(place) && draft.suits(.pictureBlocks, place) ? .pictureBlocks : .scatter
    }
    guard draft.suits(.gather, place) else { return .scatter }
    let connection = draft.connections[place.connection]
    guard connection.kind == ConnectionKind.dense.rawValue else { return .gather }
    let outputs = Int(draft.layer(place.layer).channels)
    return outputs >= leastOutputs && draft.work(of: place) >= leastDenseWeights
      ? .gather : .scatter
  }
}

extension DraftRecords {
  fileprivate func suits(_ kernel: SynapseKernel, _ place: KernelPolicy.Place) -> Bool {
    suits(kernel, record(kernel, of: place), of: neurons(place.layer))
  }

  fileprivate mutating func set(_ kernel: SynapseKernel, of place: KernelPolicy.Place) {
    connections[place.connection] = record(kernel, of: place)
  }

  /// The record of a connection with a kernel.
  private func record(_ kernel: SynapseKernel, of place: KernelPolicy.Place) -> ConnectionRecord {
    var record = connections[place.connection]
    record.kernel = kernel.rawValue
    record.weightOrder = kernel.weightOrder.rawValue
    record.listRows = kernel == .gather ? leastListRows(record) : 0
    // The kernels of pixels read bytes: what little an int4 layer would save there is not worth a
    // copy of them.
    let bits = weightBits[place.connection]
    record.weightBits = kernel.weightOrder.hasBytes && bits == 4 ? 8 : bits
    return record
  }

  fileprivate func isOfPixels(_ place: KernelPolicy.Place) -> Bool {
    connections[place.connection].source == 0
      && header.inputMode == InputMode.direct.rawValue
  }

  /// Whether a tile has all columns and the rows of two kernels, or all.
  fileprivate func isTall(_ place: KernelPolicy.Place) -> Bool {
    let layer = neurons(place.layer)
    let rows = 2 * connections[place.connection].window.height
    return layer.tileColumns == layer.width && layer.tileRows >= min(rows, layer.height)
  }

  /// Multiplications of the same connection on dense maps.
  fileprivate func work(of place: KernelPolicy.Place) -> Int {
    let (connection, layer) = (connections[place.connection], layer(place.layer))
    let layout = weightLayout(connection, of: layer)
    let taps = layout.kernelHeight * layout.kernelWidth * layout.inputs / max(1, layout.groups)
    return taps * Int(layer.channels) * Int(layer.height) * Int(layer.width)
  }
}

extension WeightOrder {
  /// Whether every weight is a byte.
  fileprivate var hasBytes: Bool { self == .pictureBlocks || self == .grayLines }
}

extension SynapseKernel {
  fileprivate static let all = [scatter, gather, pictureBlocks, grayLines]

  /// The kernel as reports name it.
  package var text: String {
    switch self {
    case .scatter: "scatter"
    case .gather: "gather"
    case .pictureBlocks: "picture blocks"
    case .grayLines: "gray lines"
    }
  }
}
