import SpikeletRuntime
import SpikeletSupport

/// How an integer network runs: everything that is decided between its numbers and its file.
///
/// The plan says which max pools run inside the layer before them, in which tiles a layer runs, where
/// the weights of a connection lie, and which ranges of the arena hold what and when. It computes
/// nothing: another plan of the same network gives the same bits from another arena, at another speed.
public struct ExecutionPlan: Sendable, Equatable {
  /// What is decided for one layer.
  public struct Layer: Sendable, Equatable {
    /// The layer's name in the network.
    public var name: String
    /// The rows and columns of potentials that exist at a time; 0 × 0 for a max pool.
    public var tile: TileSize
    /// Whether a max pool runs inside the layer before it, so that the map between is not stored.
    public var isFused: Bool
    /// Its connections in the order of the file: that of their sources. None for a max pool.
    public var connections: [Connection] = []
  }

  /// How the synapses of one connection run.
  public struct Connection: Sendable, Equatable, CustomStringConvertible {
    package var kernel: SynapseKernel
    package var weightOrder: WeightOrder { kernel.weightOrder }
    /// The bits of a weight in the file: those of the network, or 8 where the kernel reads bytes.
    public var weightBits: Int
    /// The rows of its source that a gather lists at a time; 0 for other kernels.
    public var listRows: Int
    /// What the kernel needs beside the potentials while its layer runs.
    public var scratchBytes: Int

    /// The kernel as reports name it.
    public var description: String { kernel.text }
  }

  /// The rows and columns of potentials that a layer computes at a time.
  public struct TileSize: Sendable, Equatable {
    /// Rows of potentials.
    public var rows: Int
    /// Columns of potentials.
    public var columns: Int

    /// Makes a size of both extents.
    public init(rows: Int, columns: Int) {
      self.rows = rows
      self.columns = columns
    }
  }

  /// A named range of the arena.
  public struct Buffer: Sendable, Equatable {
    package var kind: BufferKind
    /// The index of the layer that it belongs to; nil for the encoded input.
    public var layer: Int?
    /// A multiple of 16.
    public var offset: Int
    /// The bytes that it needs, not rounded up.
    public var bytes: Int
    /// The slots of a timestep in which it holds something: slot 0 encodes the input, slot i runs
    /// layer i − 1.
    public var slots: ClosedRange<Int>
  }

  /// What is decided for each layer, in the order in which they run.
  public var layers: [Layer]
  /// The input first, then layer by layer.
  public var buffers: [Buffer]
  /// The bytes of the whole arena.
  public var arenaBytes: Int
  /// The largest sum of bytes alive at once, each buffer rounded up to 16: no plan is smaller.
  public var lowerBound: Int
}

extension ExecutionPlan {
  /// Plans a network.
  ///
  /// - Parameters:
  ///   - network: the quantized network.
  ///   - tiling: how a model of one timestep is cut into tiles. A model of several timesteps keeps
  ///     every potential.
  ///   - kernels: which kernel runs which connection.
  ///   - budget: the bytes of arena that the kernels may make of the smallest one, unless `tiling`
  ///     has a say; nil for any.
  /// - Throws: which buffers no arena can hold, because their sizes do not fit 31 bits.
  public init(
    _ network: IntegerNetwork, tiling: TilingPolicy = .automatic(budget: nil),
    kernels: KernelPolicy = .automatic, budget: Int? = nil
  ) throws(Diagnostics) {
    try self.init(
      network, tiling: tiling, kernels: kernels, budget: budget,
      cost: CostModel(DraftRecords(network), rates: .assumed, target: .aarch64))
  }

  /// The same with estimates of one's own.
  init(
    _ network: IntegerNetwork, tiling: TilingPolicy, kernels: KernelPolicy, budget: Int?,
    cost: CostModel
  ) throws(Diagnostics) {
    var draft = DraftRecords(network)
    if !network.keepsState {
      try tiling.apply(to: &draft, kernels: kernels, cost: cost)
    } else {
      try kernels.apply(to: &draft, limit: budget, cost: cost)
      kernels.growLists(of: &draft, limit: budget)
    }
    self = try draft.plan(names: network.layers.map(\.name))
  }
}

extension DraftRecords {
  /// The buffers that the records need, each placed, and what was decided before.
  func plan(names: [String] = []) throws(Diagnostics) -> ExecutionPlan {
    var buffers: [ExecutionPlan.Buffer] = []
    var problems: [Problem] = []
    for layer in Int32(-1)..<Int32(layers.count) {
      for kind in BufferKind.all where needs(kind, layer: layer) {
        guard let bytes = requiredBytes(kind, layer: layer).value else {
          let name = layer < 0 ? "input" : names.isEmpty ? "layer \(layer)" : names[Int(layer)]
          problems.append(
            .init(
              name, "its \(kind) would take more than 2 GB of arena", advice: "make it smaller"))
          continue
        }
        let life = requiredLifetime(kind, layer: layer)
        buffers.append(
          ExecutionPlan.Buffer(
            kind: kind, layer: layer < 0 ? nil : Int(layer), offset: 0, bytes: Int(bytes),
            slots: Int(life.first)...Int(life.last)))
      }
    }
    let placed = MemoryPlanner.plan(
      buffers.map {
        MemoryPlanner.Request(
          bytes: $0.bytes, firstUse: $0.slots.lowerBound, lastUse: $0.slots.upperBound)
      }, slots: layers.count, alignment: Int(ModelFormat.bufferAlignment))
    if problems.isEmpty, placed.arenaBytes > Int(Int32.max - ModelFormat.bufferAlignment) {
      problems.append(
        .init(
          "arena", "needs \(placed.arenaBytes) bytes, more than 2 GB", advice: "make it smaller"))
    }
    guard problems.isEmpty else { throw Diagnostics("the network does not fit a model", problems) }
    for index in buffers.indices { buffers[index].offset = placed.offsets[index] }
    let layers = names.indices.map { index in
      let record = neurons(index)
      return ExecutionPlan.Layer(
        name: names[index],
        tile: .init(rows: Int(record.tileRows), columns: Int(record.tileColumns)),
        isFused: maxPool(index).isFused != 0, connections: plannedConnections(of: index))
    }
    return ExecutionPlan(
      layers: layers, buffers: buffers, arenaBytes: placed.arenaBytes,
      lowerBound: placed.lowerBound)
  }

  private func plannedConnections(of index: Int) -> [ExecutionPlan.Connection] {
    guard case .neurons(let record) = layers[index] else { return [] }
    return connections(of: index).map {
      .init(
        kernel: SynapseKernel(rawValue: $0.kernel) ?? .scatter, weightBits: Int($0.weightBits),
        listRows: Int($0.listRows),
        scratchBytes: Int(scratchBytes($0, of: record).value ?? 0))
    }
  }
}

extension BufferKind {
  /// Every kind, in the order of its value. The runtime has no such list: it would be a heap array.
  static let all = (inputSpikes.rawValue...scratch.rawValue).compactMap(Self.init(rawValue:))
}
