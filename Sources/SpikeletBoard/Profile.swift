#if !SPIKELET_WITHOUT_PROFILE

  import CBoardPlatform
  import SpikeletRuntime

  /// What each layer took: sums over all timesteps that were profiled.
  ///
  /// Layers are timed in runs of their own, without an early exit: a clock between them costs time as
  /// well, so that their sum is a little more than an inference of as many timesteps.
  struct Profile: ~Copyable {
    private enum Figure: Int { case ticks, spikes, additions, weightBytes }
    private static var figures: Int { 4 }

    private var sums: Memory
    private var timesteps: UInt32 = 0
    /// Tenths of a microsecond of the first inference, when nothing was in a cache.
    private(set) var first: UInt32?

    init(_ model: Model) throws(BoardError) {
      sums = try Memory(byteCount: model.layerCount &* Self.figures &* 8)
    }

    /// Takes the time of an inference, of which only the first counts here.
    mutating func add(_ ticks: UInt32) {
      if first == nil { first = ticks }
    }

    /// Runs one picture layer by layer.
    mutating func measure(
      _ engine: inout Engine, _ pixels: Span<UInt8>, image: UInt32, timesteps: Int, name: FileName
    ) throws(BoardError) {
      engine.begin()
      var counted = engine.synapticOperations.low
      for _ in 0..<timesteps {
        try engine.beginTimestep(pixels, image: image, name: name)
        self.timesteps &+= 1
        for layer in 0..<engine.model.layerCount {
          let start = platform_ticks()
          engine.runLayer(layer, input: pixels)
          add(platform_ticks() &- start, to: .ticks, of: layer)
          // A layer adds less than 2^32 in a timestep.
          let additions = engine.synapticOperations.low &- counted
          counted = engine.synapticOperations.low
          add(additions, to: .additions, of: layer)
          let bits = UInt32(truncatingIfNeeded: engine.model.weightBits(layer: layer))
          add(platform_ratio(additions, bits, 8), to: .weightBytes, of: layer)
          let spikes = engine.spikeCount(source: layer &+ 1)
          add(UInt32(truncatingIfNeeded: spikes), to: .spikes, of: layer)
        }
      }
    }

    private mutating func add(_ value: UInt32, to figure: Figure, of layer: Int) {
      sums.add(value, at: layer &* Self.figures &+ figure.rawValue)
    }

    /// Prints the whole, and a line for each layer.
    func report(_ latency: borrowing LatencyHistogram, _ model: Model, _ out: Output) {
      out.put("first          ").put(first ?? 0, decimals: 1).put(" µs\n")
      out.put("p50, p90, p99  ").put(latency.quantile(50), decimals: 1).put(", ")
        .put(latency.quantile(90), decimals: 1).put(", ").put(latency.quantile(99), decimals: 1)
        .put(" µs\n")
      out.put("layers         means of ").put(timesteps)
        .put(
          """
           timesteps without an early exit
          kernel                 µs    spikes      rows   additions  weight bytes  layer

          """)
      for layer in 0..<model.layerCount {
        let kernel = Self.name(of: model.kernel(layer: layer))
        out.put(kernel)
        let ticks = mean(.ticks, of: layer)
        put(ticks / 10, width: 23 &- kernel.utf8CodeUnitCount, out)
        out.put(".").put(ticks % 10)
        put(mean(.spikes, of: layer), width: 10, out)
        let additions = mean(.additions, of: layer)
        let each = UInt32(truncatingIfNeeded: model.additionsOfRow(layer: layer))
        put(platform_ratio(additions, 1, each), width: 10, out)
        put(additions, width: 12, out)
        put(mean(.weightBytes, of: layer), width: 14, out)
        out.put("  ").put(model.layerName(layer)).put("\n")
      }
    }

    private func mean(_ figure: Figure, of layer: Int) -> UInt32 {
      sums.mean(at: layer &* Self.figures &+ figure.rawValue, of: timesteps)
    }

    /// The names that `spikelet inspect --plan` prints.
    private static func name(of kernel: SynapseKernel?) -> StaticString {
      switch kernel {
      case .scatter: "scatter"
      case .gather: "gather"
      case .pictureBlocks: "pictureBlocks"
      case .grayLines: "grayLines"
      case nil: "max pool"
      }
    }

    /// Prints a number at the right of a column.
    private func put(_ value: UInt32, width: Int, _ out: Output) {
      var (left, rest) = (width &- 1, value / 10)
      while rest > 0 {
        left &-= 1
        rest /= 10
      }
      while left > 0 {
        out.put(" ")
        left &-= 1
      }
      out.put(value)
    }
  }

  extension Memory {
    /// Adds to one of the memory's sums of 64 bits.
    fileprivate mutating func add(_ value: UInt32, at position: Int) {
      guard let sums = unsafe address(ofSum: position) else { return }
      unsafe platform_sum_add(sums, position, value)
    }

    /// A sum divided by a number, rounded.
    fileprivate func mean(at position: Int, of count: UInt32) -> UInt32 {
      guard let sums = unsafe address(ofSum: position) else { return 0 }
      return unsafe platform_sum_ratio(sums, position, count)
    }
  }

#endif
