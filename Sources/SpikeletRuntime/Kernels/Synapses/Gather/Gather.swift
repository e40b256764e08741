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
  /// **Cost** in aarch64 instructions: for a spike below a row of the kernel 12 for 64 lanes of 8 bits
  /// (8 additions, 2 loads), 8 for 32, 6 for 16 or 8; of 4 bits 10, 7, 7 and 8. About 25 for a row of the
  /// kernel at a site where anything fired, 9 where nothing did, and 8 or 30 to load and store 64
  /// membranes of 16 or 32 bits.
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
      while channel < channels {
        let lanes = layout.lanes(from: channel)
        spikes = 0
        for y in 0..<outputHeight {
          let firstRow = y &* strideHeight &- top
          let end = min(layout.kernelHeight, list.height &- firstRow)
          var row = max(0, 0 &- firstRow)
          while row < end {
            var run = Run(self, y: y, row: row, channel: channel, lanes: lanes, isWide: isWide)
            if layout.isGrouped {
              spikes &+= run.addSites(lists, weights, to: membranes)
            } else {
              switch lanes {
              case 64: run.add(lists, weights, to: membranes, lanes: GatherLanes64.self)
              case 32: run.add(lists, weights, to: membranes, lanes: GatherLanes32.self)
              case 16: run.add(lists, weights, to: membranes, lanes: GatherLanes16.self)
              default: run.add(lists, weights, to: membranes, lanes: GatherLanes8.self)
              }
              spikes &+= run.spikes
            }
            row &+= 1
          }
        }
        channel &+= lanes
      }
      return spikes &* layout.outputChannels
    }

    /// One row of the kernel passing over one row of sites, for one tile of channels. All in bytes.
    private struct Run {
      let isWide: Bool
      let isNarrow: Bool
      /// The row's list, and in it the start of the first window's first column.
      let slot: Int
      var start: Int
      var kernelBytes: Int
      var startStep: Int
      /// Where the row of weights of entry 0 would lie for the first window; may be negative.
      var base: Int
      var baseStep: Int
      var target: Int
      var end: Int
      var siteBytes: Int
      /// Spikes in all windows so far.
      var spikes = 0

      init(_ gather: Gather, y: Int, row: Int, channel: Int, lanes: Int, isWide: Bool) {
        let (layout, list) = (gather.layout, gather.list)
        self.isWide = isWide
        isNarrow = layout.bits == 4
        slot = list.slot(y &* gather.strideHeight &- gather.top &+ row)
        start = slot &+ (list.left &- gather.left) &* 2
        kernelBytes = layout.kernelWidth &* 2
        startStep = gather.strideWidth &* 2
        let lineBytes = isNarrow ? lanes / 2 : lanes
        let columnBytes = layout.columnStep &* lineBytes
        // Entries count from column 0 of the map, or backwards from its last.
        let before = layout.isGrouped ? list.width &- 3 &- layout.kernelWidth : 0
        base =
          layout.offset(tile: channel)
          &+ row &* layout.columns &* layout.inputChannels &* lineBytes
          &+ (gather.left &+ before) &* columnBytes
        baseStep = gather.strideWidth &* columnBytes
        let size = isWide ? 4 : 2
        siteBytes = padded(layout.outputChannels) &* size
        target = y &* gather.outputWidth &* siteBytes &+ channel &* size
        end = target &+ gather.outputWidth &* siteBytes
      }

      /// Adds to four sites at a time, then to each of the rest; returns the spikes in their windows.
      @inline(never)
      mutating func addSites(
        _ lists: Region, _ weights: ReadRegion, to membranes: Region
      ) -> Int {
        var counted = 0
        var from = start
        let sites = (end &- target) / siteBytes
        for _ in 0..<sites {
          counted &+= Int(lists.load(from &+ kernelBytes, as: UInt16.self))
          counted &-= Int(lists.load(from, as: UInt16.self))
          from &+= 2
        }
        var groups = self
        groups.kernelBytes = kernelBytes &+ 6
        groups.startStep = 8
        groups.baseStep = baseStep &* 4
        groups.siteBytes = siteBytes &* 4
        groups.end = target &+ sites / 4 &* groups.siteBytes
        groups.add(lists, weights, to: membranes, lanes: GatherSites.self)
        groups.kernelBytes = kernelBytes
        groups.startStep = startStep
        groups.baseStep = baseStep
        groups.siteBytes = siteBytes
        groups.end = end
        groups.add(lists, weights, to: membranes, lanes: GatherLanes16.self)
        return counted
      }

      /// Adds what lies below the row of the kernel, from `target` to `end`.
      @inline(never)
      @_optimize(speed)
      mutating func add<Lanes: GatherLanes>(
        _ lists: Region, _ weights: ReadRegion, to membranes: Region, lanes: Lanes.Type
      ) {
        var (start, base, target, total) = (start, base, target, 0)
        let (slot, end, isWide, isNarrow) = (slot, end, isWide, isNarrow)
        let (kernelBytes, startStep, baseStep) = (kernelBytes, startStep, baseStep)
        let siteBytes = siteBytes
        let most = isNarrow ? 17 : isWide ? 255 : Int.max
        while target != end {
          let first = Int(lists.load(start, as: UInt16.self))
          var rest = Int(lists.load(start &+ kernelBytes, as: UInt16.self)) &- first
          var spike = slot &+ first &* 2
          total &+= rest
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
        (self.start, self.base, self.target) = (start, base, target)
        spikes &+= total
      }
    }
  }

#endif
