#if !SPIKELET_WITHOUT_GATHER

  /// Synapses from the side of the outputs: each site adds up the weights of the spikes in its window.
  ///
  /// One tile of up to 64 output channels is kept in registers, sixteen bits a lane, while the spikes of
  /// the window pass by: of each a row of weights is loaded and added, and nothing is stored before the
  /// window ends. The spikes come from a `SpikeList`, in which those below a row of the kernel are one
  /// run, so a window is as many runs as the kernel has rows. The weights of a tile stay in the cache
  /// while all sites pass by.
  ///
  /// For every output and channel,
  ///
  ///     membrane ← membrane + Σ weight · spikes
  ///
  /// **Ranges.** A membrane of 16 bits: sums wrap and come back, as the proof holds for the result. A
  /// membrane of 32 bits: the lanes are added to it before more than 255 rows of 8-bit weights
  /// (255 · 128 < 2^15) have been summed. 4-bit weights lie as 0…15: up to 17 rows are summed in bytes
  /// (17 · 15 = 255), then added to the lanes, and 8 for each row is taken off at the end; of 4,080 rows
  /// both 15 · 4,080 < 2^16 and −8 · 4,080 > −2^15 hold.
  ///
  /// **Cost** in aarch64 instructions: for a spike below a site 14 for 64 lanes of 8 bits (8 additions,
  /// 2 loads of weights), 12 of 4 bits; about 20 a row of a kernel and 40 a site.
  ///
  /// Geometry as in `Convolution`: a tile of outputs is a convolution with another padding.
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
    ///   - lists: what `list` wrote: `sourceRows`, or in a ring at least the rows of each window.
    ///   - membranes: all outputs, channels last, padded to blocks of eight.
    ///   - isWide: whether membranes have 32 bits, or 16.
    /// - Returns: the synaptic operations.
    func add(
      _ lists: Region, _ weights: ReadRegion, to membranes: Region, isWide: Bool
    ) -> Int {
      var channel = 0
      var spikes = 0
      let end = padded(layout.outputChannels)
      while channel < end {
        let lanes = layout.lanes(from: channel)
        let pass = Pass(
          lists: lists, weights: weights, membranes: membranes, isWide: isWide, channel: channel)
        switch lanes {
        case 64: spikes = add(pass, lanes: GatherLanes64.self)
        case 32: spikes = add(pass, lanes: GatherLanes32.self)
        case 16: spikes = add(pass, lanes: GatherLanes16.self)
        default: spikes = add(pass, lanes: GatherLanes8.self)
        }
        channel &+= lanes
      }
      return spikes &* layout.outputChannels
    }

    /// One tile of output channels.
    private struct Pass {
      let lists: Region
      let weights: ReadRegion
      let membranes: Region
      let isWide: Bool
      let channel: Int
    }

    /// All sites of one tile of output channels; returns the spikes in all windows.
    @inline(never)
    private func add<Lanes: GatherLanes>(_ pass: Pass, lanes: Lanes.Type) -> Int {
      let (lists, weights, membranes) = (pass.lists, pass.weights, pass.membranes)
      let isWide = pass.isWide
      let isNarrow = layout.bits == 4
      let size = isWide ? 4 : 2
      let siteBytes = padded(layout.outputChannels) &* size
      let lineBytes = isNarrow ? Lanes.count / 2 : Lanes.count
      let columnBytes = layout.inputChannels &* lineBytes
      let rowBytes = layout.kernelWidth &* columnBytes
      let (kernelWidth, sourceWidth) = (layout.kernelWidth, list.width)
      let listBytes = list.rowBytes
      let ringBytes = list.byteCount
      // Rows that may be summed before the next step: into the lanes, and from there into the membranes.
      let most = isNarrow ? 17 : isWide ? 255 : Int.max
      let rounds = isNarrow && isWide ? 240 : isNarrow ? Int.max : 1
      var total = 0
      var target = pass.channel &* size
      for y in 0..<outputHeight {
        let firstRow = y &* strideHeight &- top
        let row = max(0, 0 &- firstRow)
        let rows = max(0, min(layout.kernelHeight, list.height &- firstRow) &- row)
        let slot = rows > 0 ? list.slot(firstRow &+ row) : 0
        let line = layout.offset(tile: pass.channel) &+ row &* rowBytes
        var column = 0 &- left
        for _ in 0..<outputWidth {
          let low = min(max(0, column), sourceWidth) &* 2
          let high = max(low, min(sourceWidth, column &+ kernelWidth) &* 2)
          // The run that is being walked over: its row of the kernel, its first spike, its rest.
          var (left, rest, spike) = (rows, 0, 0)
          var base = line &- column &* columnBytes &- rowBytes
          var here = slot
          repeat {
            var lanes = isWide ? Lanes() : Lanes(membranes, target)
            var (round, count) = (rounds, 0)
            repeat {
              var room = most
              var nibbles = Lanes.noNibbles
              while true {
                if rest == 0 {
                  if left == 0 { break }
                  let first = Int(lists.load(here &+ low, as: UInt16.self))
                  rest = Int(lists.load(here &+ high, as: UInt16.self)) &- first
                  spike = here &+ first &* 2
                  here &+= listBytes
                  if here == ringBytes { here = 0 }
                  base &+= rowBytes
                  left &-= 1
                }
                let part = min(rest, room)
                let end = spike &+ part &* 2
                rest &-= part
                room &-= part
                count &+= part
                if isNarrow {
                  while spike != end {
                    let entry = Int(lists.load(spike, as: UInt16.self))
                    Lanes.add(weights, base &+ entry &* (Lanes.count / 2), to: &nibbles)
                    spike &+= 2
                  }
                } else {
                  while spike != end {
                    let entry = Int(lists.load(spike, as: UInt16.self))
                    lanes.add(weights, base &+ entry &* Lanes.count)
                    spike &+= 2
                  }
                }
                if room == 0 { break }
              }
              if isNarrow { lanes.add(nibbles) }
              round &-= 1
            } while round != 0 && left | rest != 0
            if isNarrow { lanes.subtract(Int16(truncatingIfNeeded: count &* 8)) }
            total &+= count
            if isWide {
              lanes.add(to: membranes, target)
            } else {
              lanes.store(membranes, target)
            }
          } while left | rest != 0
          target &+= siteBytes
          column &+= strideWidth
        }
      }
      return total
    }
  }

#endif
