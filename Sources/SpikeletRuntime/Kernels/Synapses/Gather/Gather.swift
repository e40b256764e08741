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
  /// and go to the lanes less 8 for each row.
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

    /// The rows of the source that the windows of the outputs touch: those to be listed before.
    var sourceRows: Range<Int> {
      let low = min(max(0, 0 &- top), list.height)
      let end = (outputHeight &- 1) &* strideHeight &- top &+ layout.kernelHeight
      return low..<max(low, min(list.height, end))
    }

    /// Adds the weights of every listed spike.
    ///
    /// - Parameters:
    ///   - lists: what `list` wrote: `sourceRows` at least.
    ///   - membranes: all outputs, channels last, padded to blocks of eight.
    ///   - isWide: whether membranes have 32 bits, or 16.
    /// - Returns: the synaptic operations.
    func add(
      _ lists: Region, _ weights: ReadRegion, to membranes: Region, isWide: Bool
    ) -> Int {
      var channel = 0
      var spikes = 0
      let channels = padded(layout.outputChannels)
      let job = Job(lists: lists, weights: weights, membranes: membranes, isWide: isWide)
      if layout.isGrouped { return addSites(job) &* layout.outputChannels }
      while channel < channels {
        let lanes = layout.lanes(from: channel)
        switch lanes {
        case 64: spikes = add(job, channel, lanes: GatherLanes64.self)
        case 32: spikes = add(job, channel, lanes: GatherLanes32.self)
        case 16: spikes = add(job, channel, lanes: GatherLanes16.self)
        default: spikes = add(job, channel, lanes: GatherLanes8.self)
        }
        channel &+= lanes
      }
      return spikes &* layout.outputChannels
    }

    private struct Job {
      let lists: Region
      let weights: ReadRegion
      let membranes: Region
      let isWide: Bool
    }

    /// One tile of channels; returns the spikes in all windows.
    @inline(never)
    private func add<Lanes: GatherLanes>(_ job: Job, _ channel: Int, lanes: Lanes.Type) -> Int {
      var passes = Passes(self, channel: channel, lanes: Lanes.count, isWide: job.isWide)
      var spikes = 0
      while passes.next() {
        var pass = passes.pass
        pass.add(job, lanes: Lanes.self)
        spikes &+= pass.spikes
      }
      return spikes
    }

    /// All of up to sixteen channels, four sites at a time and then each of the rest.
    @inline(never)
    private func addSites(_ job: Job) -> Int {
      var passes = Passes(self, channel: 0, lanes: 16, isWide: job.isWide)
      var spikes = 0
      while passes.next() {
        let single = passes.pass
        spikes &+= self.spikes(from: single.start, job.lists)
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
      return spikes
    }

    /// The spikes in the windows of a row of sites whose columns lie side by side: of all differences of
    /// two starts the inner ones cancel out.
    @inline(__always)
    private func spikes(from start: Int, _ lists: Region) -> Int {
      var sum = 0
      var offset = start
      let end = start &+ layout.kernelWidth &* 2
      while offset != end {
        sum &+= Int(lists.load(offset &+ outputWidth &* 2, as: UInt16.self))
        sum &-= Int(lists.load(offset, as: UInt16.self))
        offset &+= 2
      }
      return sum
    }

    /// The rows of outputs, and for each the rows of the kernel that meet the source.
    private struct Passes {
      /// The next pass.
      private(set) var pass: Pass
      private let gather: Gather
      private let rowBytes: Int
      private let lineBytes: Int
      private let firstBase: Int
      private let firstStart: Int
      private var y = -1
      private var firstRow: Int
      private var row = 0
      private var rows = 0

      @inline(never)
      init(_ gather: Gather, channel: Int, lanes: Int, isWide: Bool) {
        let (layout, list) = (gather.layout, gather.list)
        self.gather = gather
        let weightBytes = layout.bits == 4 ? lanes / 2 : lanes
        let columnBytes = layout.columnStep &* weightBytes
        rowBytes = layout.columns &* layout.inputChannels &* weightBytes
        // Entries count from column 0 of the map, or backwards from its last.
        let before = layout.isGrouped ? list.width &- 3 &- layout.kernelWidth : 0
        firstBase = layout.offset(tile: channel) &+ (gather.left &+ before) &* columnBytes
        firstStart = (list.left &- gather.left) &* 2
        let siteBytes = padded(layout.outputChannels) &* (isWide ? 4 : 2)
        lineBytes = gather.outputWidth &* siteBytes
        firstRow = 0 &- gather.top &- gather.strideHeight
        let end = channel &* (isWide ? 4 : 2)
        pass = Pass(
          isWide: isWide, isNarrow: layout.bits == 4, slot: 0, start: 0,
          startStep: gather.strideWidth &* 2, kernelBytes: layout.kernelWidth &* 2, base: 0,
          baseStep: gather.strideWidth &* columnBytes, target: end &- lineBytes, end: end,
          siteBytes: siteBytes)
      }

      @inline(never)
      mutating func next() -> Bool {
        row &+= 1
        if row < rows {
          pass.slot &+= gather.list.rowBytes
          if pass.slot == gather.list.byteCount { pass.slot = 0 }
          pass.base &+= rowBytes
        } else {
          repeat {
            y &+= 1
            if y == gather.outputHeight { return false }
            firstRow &+= gather.strideHeight
            pass.target &+= lineBytes
            row = max(0, 0 &- firstRow)
            rows = min(gather.layout.kernelHeight, gather.list.height &- firstRow)
          } while row >= rows
          pass.end = pass.target &+ lineBytes
          pass.slot = gather.list.slot(firstRow &+ row)
          pass.base = firstBase &+ row &* rowBytes
        }
        pass.start = pass.slot &+ firstStart
        return true
      }
    }

    /// One row of the kernel passing over one row of sites. All in bytes.
    private struct Pass {
      let isWide: Bool
      let isNarrow: Bool
      var slot: Int
      /// Where the list of the window's first column starts.
      var start: Int
      var startStep: Int
      var kernelBytes: Int
      /// Where the row of weights of entry 0 would lie; may be negative.
      var base: Int
      var baseStep: Int
      var target: Int
      var end: Int
      var siteBytes: Int
      /// Spikes in the windows.
      var spikes = 0

      /// Adds what lies below the row of the kernel, from `target` to `end`.
      @inline(__always)
      mutating func add<Lanes: GatherLanes>(_ job: Job, lanes: Lanes.Type) {
        let (lists, weights, membranes) = (job.lists, job.weights, job.membranes)
        let most = isNarrow ? 17 : isWide ? 255 : Int.max
        while target != end {
          let first = Int(lists.load(start, as: UInt16.self))
          var rest = Int(lists.load(start &+ kernelBytes, as: UInt16.self)) &- first
          var spike = slot &+ first &* 2
          spikes &+= rest
          while rest != 0 {
            let part = min(rest, most)
            let stop = spike &+ part &* 2
            rest &-= part
            var lanes = isWide ? Lanes() : Lanes(membranes, target)
            if isNarrow {
              var nibbles = Lanes.noNibbles
              repeat {
                let entry = Int(lists.load(spike, as: UInt16.self))
                Lanes.add(weights, base &+ entry &* (Lanes.step / 2), to: &nibbles)
                spike &+= 2
              } while spike != stop
              lanes.add(nibbles, rows: part)
            } else {
              repeat {
                let entry = Int(lists.load(spike, as: UInt16.self))
                lanes.add(weights, base &+ entry &* Lanes.step)
                spike &+= 2
              } while spike != stop
            }
            if isWide { lanes.add(to: membranes, target) } else { lanes.store(membranes, target) }
          }
          start &+= startStep
          base &-= baseStep
          target &+= siteBytes
        }
      }
    }
  }

#endif
