import SpikeletRuntime
import SpikeletSupport

/// Which kernel runs which connection. All give the same bits.
public enum KernelPolicy: Sendable {
  /// That of the fewest estimated instructions of those that suit the connection and whose scratch the
  /// arena has room for. Of pixels an estimate is worth nothing unless somebody has counted how many are
  /// blank, so without that a rule of thumb chooses.
  case automatic
  /// The same among the kernels whose weights take no more bytes than those of a scatter: the smallest
  /// model.
  case compact
  /// Each spike adds its weights: no scratch, the smallest arena.
  case scatter
  /// The named kernel wherever it suits, a scatter elsewhere: what prices are measured with.
  case preferring(String)
  /// For each connection any that suits it; for tests.
  case random(seed: UInt64)

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
  ///   - cost: what instructions are estimated with.
  func apply(
    to draft: inout DraftRecords, limit: Int?, source: Source? = nil, cost: CostModel
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
        draft.set(.init(kernel: suited[index]), of: place)
        guard suited[index] == .gather, random.chance(2) else { continue }
        let rows = random.pick(1...Int(draft.connections[place.connection].pooledHeight))
        draft.connections[place.connection].listRows = Int32(rows)
      }
    case .automatic, .compact:
      let limit = max(limit ?? .max, limit == nil ? 0 : try draft.plan().arenaBytes)
      // Where not all scratch fits, it goes to the connections that save most.
      let gains = all.flatMap { place in
        Self.follows(cost, place, in: draft)
          ? changes(of: place, in: draft, cost) : usualChange(of: place, in: draft, cost)
      }
      var decided: Set<Int> = []
      for change in gains.sorted(by: { ($0.saved, $1.number) > ($1.saved, $0.number) })
      where !decided.contains(change.place.connection) {
        draft.set(change.option, of: change.place)
        if let plan = try? draft.plan(), plan.arenaBytes <= limit {
          decided.insert(change.place.connection)
        } else {
          draft.set(.init(kernel: .scatter), of: change.place)
        }
      }
    case .preferring(let name):
      for place in all {
        guard let kernel = SynapseKernel.all.first(where: { $0.text == name }),
          draft.suits(kernel, place)
        else { continue }
        draft.set(.init(kernel: kernel), of: place)
      }
    }
  }

  /// A kernel that may run a connection.
  struct Option {
    var kernel: SynapseKernel
    /// Whether its list holds a single row of the source: less scratch, more work.
    var isShort = false
  }

  /// A kernel that takes fewer instructions than a scatter.
  private struct Change {
    var place: Place
    var option: Option
    /// Instructions of a timestep, or of a picture.
    var saved: Double

    /// Orders changes that save the same.
    var number: Int {
      place.connection * 16 + Int(option.kernel.rawValue) * 2 + (option.isShort ? 1 : 0)
    }
  }

  /// Whether the kernel of a connection follows the estimates.
  static func follows(_ cost: CostModel, _ place: Place, in draft: DraftRecords) -> Bool {
    if case .measured = cost.rates { return true }
    return !draft.isOfPixels(place)
  }

  /// The kernel of pixels that is usually faster than a scatter, if there is one: gray pictures are
  /// mostly blank, colour ones are not.
  private func usualChange(
    of place: Place, in draft: DraftRecords, _ cost: CostModel
  ) -> [Change] {
    let kernel: SynapseKernel
    if draft.suits(.grayLines, place) {
      kernel = .grayLines
    } else if draft.isTall(place), draft.suits(.pictureBlocks, place) {
      // Each tile looks at all rows of pixels under its kernels again; in low ones a scatter is faster.
      kernel = .pictureBlocks
    } else {
      return []
    }
    guard allows(kernel, of: place, in: draft) else { return [] }
    let saved =
      Self.instructions(.init(kernel: .scatter), of: place, in: draft, cost)
      - Self.instructions(.init(kernel: kernel), of: place, in: draft, cost)
    return [Change(place: place, option: .init(kernel: kernel), saved: saved)]
  }

  /// The kernels that beat a scatter of a connection, in the tiles that there are.
  private func changes(
    of place: Place, in draft: DraftRecords, _ cost: CostModel
  ) -> [Change] {
    let scatter = Self.instructions(.init(kernel: .scatter), of: place, in: draft, cost)
    return options(of: place, in: draft).compactMap { option in
      if option.kernel == .scatter { return nil }
      let saved = scatter - Self.instructions(option, of: place, in: draft, cost)
      return saved > 0 ? Change(place: place, option: option, saved: saved) : nil
    }
  }

  /// What a connection would take with a kernel, in the tiles that there are.
  private static func instructions(
    _ option: Option, of place: Place, in draft: DraftRecords, _ cost: CostModel
  ) -> Double {
    var changed = draft
    changed.set(option, of: place)
    return cost.instructions(
      changed.connections[place.connection], place.connection, in: draft.neurons(place.layer),
      changed)
  }

  /// What this policy chooses a connection's kernel from.
  private func options(of place: Place, in draft: DraftRecords) -> [Option] {
    draft.options(of: place).filter { allows($0.kernel, of: place, in: draft) }
  }

  /// Whether the weights of a connection may lie as a kernel wants them.
  private func allows(_ kernel: SynapseKernel, of place: Place, in draft: DraftRecords) -> Bool {
    guard case .compact = self else { return true }
    return draft.weightBytes(kernel, of: place) <= draft.weightBytes(.scatter, of: place)
  }

  private var isAutomatic: Bool {
    switch self {
    case .automatic, .compact: true
    case .scatter, .preferring, .random: false
    }
  }

  /// Chooses again where another kernel is faster in the tiles that a draft has in the end.
  ///
  /// - Parameter limit: the arena that there is; nil for any.
  func improve(_ draft: inout DraftRecords, limit: Int?, cost: CostModel) {
    guard isAutomatic else { return }
    for place in Self.places(in: draft) where Self.follows(cost, place, in: draft) {
      var best = draft
      var least = cost.instructions(
        draft.connections[place.connection], place.connection, in: draft.neurons(place.layer),
        draft)
      for option in options(of: place, in: draft) {
        let price = Self.instructions(option, of: place, in: draft, cost)
        guard price < least else { continue }
        var changed = draft
        changed.set(option, of: place)
        if let plan = try? changed.plan(), plan.arenaBytes <= limit ?? .max {
          (best, least) = (changed, price)
        }
      }
      draft = best
    }
  }

  /// Lets gathers list all rows of their sources at a time, where the arena has room: the weights of a
  /// tile of channels then pass by once.
  func growLists(of draft: inout DraftRecords, limit: Int?) {
    guard isAutomatic else { return }
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

  static func places(in draft: DraftRecords) -> [Place] {
    draft.layers.indices.flatMap { index -> [Place] in
      guard case .neurons = draft.layers[index] else { return [] }
      // Potentials are added without weights.
      return draft.connections(of: index).indices.compactMap {
        draft.connections[$0].kernel == 0 ? nil : Place(layer: index, connection: $0)
      }
    }
  }
}

extension DraftRecords {
  func suits(_ kernel: SynapseKernel, _ place: KernelPolicy.Place) -> Bool {
    suits(kernel, record(kernel, of: place), of: neurons(place.layer))
  }

  /// The kernels that suit a connection; a gather also with a list of one row.
  fileprivate func options(of place: KernelPolicy.Place) -> [KernelPolicy.Option] {
    SynapseKernel.all.flatMap { kernel -> [KernelPolicy.Option] in
      guard suits(kernel, place) else { return [] }
      let usual = KernelPolicy.Option(kernel: kernel)
      return record(kernel, of: place).listRows > 1
        ? [usual, .init(kernel: kernel, isShort: true)] : [usual]
    }
  }

  /// The bytes of a connection's weights with a kernel, or with the one that it has.
  func weightBytes(_ kernel: SynapseKernel? = nil, of place: KernelPolicy.Place) -> Int {
    let own = connections[place.connection]
    let record = kernel.map { self.record($0, of: place) } ?? own
    return Int(weightLayout(record, of: neurons(place.layer).layer).size.value ?? .max)
  }

  mutating func set(_ option: KernelPolicy.Option, of place: KernelPolicy.Place) {
    connections[place.connection] = record(option.kernel, of: place)
    if option.isShort { connections[place.connection].listRows = 1 }
  }

  /// The record of a connection with a kernel.
  private func record(_ kernel: SynapseKernel, of place: KernelPolicy.Place) -> ConnectionRecord {
    var record = connections[place.connection]
    record.kernel = kernel.rawValue
    record.weightOrder = kernel.weightOrder.rawValue
    record.listRows = kernel == .gather ? usualListRows(record) : 0
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
}

extension WeightOrder {
  /// Whether every weight is a byte.
  fileprivate var hasBytes: Bool { self == .pictureBlocks || self == .grayLines }
}

extension SynapseKernel {
  static let all = [scatter, gather, pictureBlocks, grayLines]

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
