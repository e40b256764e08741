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

    private struct Job {
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

    /// The rows of outputs, and for each the rows of the kernel that meet the source.
    private struct Passes {
      /// The next pass.
      private(set) var pass: Pass
      private let rowBytes: Int
      private let lineBytes: Int
      private let firstBase: Int
      private let firstStart: Int
      private let strideHeight: Int
      private let kernelHeight: Int
      private let height: Int
      private let slotBytes: Int
      private let ringBytes: Int
      private let ringRows: Int
      private var linesLeft: Int
      private var firstRow: Int
      private var row = 0
      private var rows = 0

      @inline(never)
      init(_ gather: borrowing Gather, _ job: Job, channel: Int, lanes: Int) {
        let isWide = job.isWide
        let weightBytes = gather.layout.bits == 4 ? lanes / 2 : lanes
        let columnBytes = gather.layout.columnStep &* weightBytes
        rowBytes = gather.layout.columns &* gather.layout.inputChannels &* weightBytes
        // Entries count from column 0 of the map, or backwards from its last.
        let before =
          gather.layout.isGrouped ? gather.list.width &- 3 &- gather.layout.kernelWidth : 0
        firstBase =
          gather.layout.offset(tile: channel) &+ (gather.left &+ before) &* columnBytes
        firstStart = (gather.list.left &- gather.left) &* 2
        let siteBytes = padded(gather.layout.outputChannels) &* (isWide ? 4 : 2)
        lineBytes = gather.outputWidth &* siteBytes
        (strideHeight, kernelHeight) = (gather.strideHeight, gather.layout.kernelHeight)
        (height, ringRows) = (gather.list.height, gather.list.rows)
        slotBytes = gather.list.rowBytes
        ringBytes = ringRows &* slotBytes
        linesLeft = job.end &- job.line
        firstRow = (job.line &- 1) &* strideHeight &- gather.top
        let end = channel &* (isWide ? 4 : 2) &+ job.line &* lineBytes
        // Rows that an entry can be worth.
        let worth = min(gather.list.area, 7)
        let isNarrow = gather.layout.bits == 4
        let most = isNarrow ? quotient(17, worth) : isWide ? quotient(255, worth) : Int.max
        pass = Pass(
          isWide: isWide, isNarrow: isNarrow, isCounted: gather.list.isCounted, most: most, slot: 0,
          start: 0, startStep: gather.strideWidth &* 2,
          kernelBytes: gather.layout.kernelWidth &* 2, base: 0,
          baseStep: gather.strideWidth &* columnBytes, target: end &- lineBytes, end: end,
          siteBytes: siteBytes)
      }

      @inline(never)
      mutating func next() -> Bool {
        row &+= 1
        if row < rows {
          pass.slot &+= slotBytes
          if pass.slot == ringBytes { pass.slot = 0 }
          pass.base &+= rowBytes
        } else {
          repeat {
            if linesLeft == 0 { return false }
            linesLeft &-= 1
            firstRow &+= strideHeight
            pass.target &+= lineBytes
            row = max(0, 0 &- firstRow)
            rows = min(kernelHeight, height &- firstRow)
          } while row >= rows
          pass.end = pass.target &+ lineBytes
          let first = firstRow &+ row
          pass.slot = (ringRows == height ? first : first % ringRows) &* slotBytes
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
      let isCounted: Bool
      /// The entries that registers have room for.
      let most: Int
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

      /// Adds what lies below the row of the kernel, from `target` to `end`.
      @inline(__always)
      mutating func add<Lanes: GatherLanes>(_ job: Job, lanes: Lanes.Type) {
        let (lists, weights, membranes) = (job.lists, job.weights, job.membranes)
        let most = most
        while target != end {
          let first = Int(lists.load(start, as: UInt16.self))
          var rest = Int(lists.load(start &+ kernelBytes, as: UInt16.self)) &- first
          var spike = slot &+ first &* 2
          while rest != 0 {
            let part = min(rest, most)
            let stop = spike &+ part &* 2
            rest &-= part
            var lanes = isWide ? Lanes() : Lanes(membranes, target)
            if isNarrow {
              var nibbles = Lanes.noNibbles
              var rows = part
              if isCounted {
                rows = 0
                repeat {
                  let word = lists.load(spike, as: UInt16.self)
                  let offset = base &+ Int(word & SpikeList.mask) &* (Lanes.step / 2)
                  let count = word &>> SpikeList.countShift
                  Lanes.add(
                    weights, offset, to: &nibbles, times: UInt8(truncatingIfNeeded: count))
                  rows &+= Int(count)
                  spike &+= 2
                } while spike != stop
              } else {
                repeat {
                  let entry = Int(lists.load(spike, as: UInt16.self))
                  Lanes.add(weights, base &+ entry &* (Lanes.step / 2), to: &nibbles)
                  spike &+= 2
                } while spike != stop
              }
              lanes.add(nibbles, rows: rows)
            } else if isCounted {
              repeat {
                let word = lists.load(spike, as: UInt16.self)
                let count = Int16(truncatingIfNeeded: word &>> SpikeList.countShift)
                lanes.add(
                  weights, base &+ Int(word & SpikeList.mask) &* Lanes.step, times: count)
                spike &+= 2
              } while spike != stop
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
