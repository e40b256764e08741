#if !SPIKELET_WITHOUT_GATHER

  /// Synapses from the side of the outputs: each site adds up the weights of the spikes in its window.
  ///
  /// One tile of up to 64 output channels is kept in registers, 16 bits a lane, while the spikes below a
  /// row of the kernel pass by: of each a row of weights is loaded and added, and nothing is stored in
  /// between. The spikes come from a `SpikeList`, in which those below a row of the kernel are one run.
  /// The weights of a row of the kernel stay in the cache while a row of sites passes by, those of a
  /// tile while all do. For every output and channel,
  ///
  ///     membrane ← membrane + Σ weight · spikes
  ///
  /// **Ranges.** Membranes of 16 bits begin in the lanes; what wraps comes back, as the proof holds for
  /// the result. To membranes of 32 bits the lanes are added after 255 rows of 8-bit weights at most
  /// (255 · 128 < 2^15). 4-bit weights lie as 0…15: 17 rows at most are summed in bytes (17 · 15 = 255)
  /// and go to the lanes less 8 for each row. Of a sum pool an entry has a count, which multiplies its
  /// weights on the way into the lanes.
  ///
  /// **Cost** in aarch64 instructions: for a spike below a row of the kernel 14 for 64 lanes of 8 bits
  /// (8 additions, 2 loads), 9 for 32, 6 for 16 or 8; of 4 bits 11 for 64, and 40 for every 17 spikes. For
  /// a row of the kernel at a site 9 where nothing fired, otherwise about 30, and 8 or 32 to load and
  /// store 64 membranes of 16 or 32 bits.
  ///
  /// Geometry as in `Convolution`: a tile of outputs is a convolution with another padding. A dense
  /// layer is a convolution whose kernel is as large as the map.
  struct Gather {
    let layout: GatherLayout
    let list: SpikeList
    let strideHeight: Int
    let strideWidth: Int
    /// The distance from the first output's window to the source's first row; may be negative.
    let top: Int
    let left: Int
    let outputHeight: Int
    let outputWidth: Int

    /// How many lines of outputs the rows that the list holds are enough for.
    var linesAtOnce: Int {
      list.rows == list.height
        ? outputHeight : quotient(list.rows &- layout.kernelHeight, strideHeight) &+ 1
    }

    /// The rows of the source that the windows of some lines of outputs touch: those to be listed before.
    func sourceRows(_ line: Int, _ count: Int) -> Range<Int> {
      let first = line &* strideHeight &- top
      let low = min(max(0, first), list.height)
      let end = first &+ (count &- 1) &* strideHeight &+ layout.kernelHeight
      return low..<max(low, min(list.height, end))
    }

    /// Adds the weights of every listed spike to some lines of outputs.
    ///
    /// - Parameters:
    ///   - lists: what `list` wrote: `sourceRows` at least.
    ///   - membranes: all outputs, channels last, padded to blocks of eight.
    /// - Returns: the synaptic operations.
    func add(
      line: Int, count: Int, _ lists: Region, _ weights: ReadRegion, to membranes: Membranes
    ) -> Int {
      var channel = 0
      let channels = padded(layout.outputChannels)
      let job = Job(
        lists: lists, weights: weights, membranes: membranes.region, isWide: membranes.isWide,
        line: line, end: line &+ count)
      if layout.isGrouped { return addSites(job) &* layout.outputChannels }
      var spikes = 0
      while channel < channels {
        let lanes = layout.lanes(from: channel)
        switch lanes {
        case 64: spikes &+= add(job, channel, lanes: GatherLanes64.self)
        case 32: spikes &+= add(job, channel, lanes: GatherLanes32.self)
        case 16: spikes &+= add(job, channel, lanes: GatherLanes16.self)
        default: spikes &+= add(job, channel, lanes: GatherLanes8.self)
        }
        channel &+= lanes
      }
      return spikes &* layout.outputChannels
    }

    struct Job {
      let lists: Region
      let weights: ReadRegion
      let membranes: Region
      let isWide: Bool
      /// The lines of outputs.
      let line: Int
      let end: Int
    }

    /// One tile of channels; of the first the spikes in all windows.
    @inline(never)
    private func add<Lanes: GatherLanes>(_ job: Job, _ channel: Int, lanes: Lanes.Type) -> Int {
      var passes = Passes(self, job, channel: channel, lanes: Lanes.count)
      var sum = 0
      while passes.next() {
        var pass = passes.pass
        if channel == 0 { sum &+= spikes(from: pass.start, job.lists) }
        pass.add(job, lanes: Lanes.self)
      }
      return sum
    }

    /// All of up to sixteen channels, four sites at a time and then each of the rest.
    @inline(never)
    private func addSites(_ job: Job) -> Int {
      var passes = Passes(self, job, channel: 0, lanes: 16)
      var sum = 0
      while passes.next() {
        let single = passes.pass
        sum &+= spikes(from: single.start, job.lists)
        var pass = single
        pass.siteBytes = single.siteBytes &* 4
        pass.end = single.target &+ outputWidth / 4 &* pass.siteBytes
        pass.kernelBytes = single.kernelBytes &+ 6
        pass.startStep = 8
        pass.baseStep = single.baseStep &* 4
        pass.add(job, lanes: GatherSites.self)
        (pass.end, pass.kernelBytes, pass.siteBytes) =
          (single.end, single.kernelBytes, single.siteBytes)
        (pass.startStep, pass.baseStep) = (single.startStep, single.baseStep)
        pass.add(job, lanes: GatherLanes16.self)
      }
      return sum
    }

    /// The spikes in the windows of a row of sites: what a row's list says of the columns.
    @inline(never)
    private func spikes(from start: Int, _ lists: Region) -> Int {
      var offset = start &+ list.countsOffset
      let kernelBytes = layout.kernelWidth &* 2
      // Of neighbours one column apart the inner differences cancel out.
      let isDense = strideWidth == 1 && outputWidth > layout.kernelWidth
      let (step, reach, steps) =
        isDense
        ? (2, outputWidth &* 2, layout.kernelWidth) : (strideWidth &* 2, kernelBytes, outputWidth)
      var sum = 0
      for _ in 0..<steps {
        sum &+= Int(lists.load(offset &+ reach, as: UInt16.self))
        sum &-= Int(lists.load(offset, as: UInt16.self))
        offset &+= step
      }
      return sum
    }
  }

#endif
