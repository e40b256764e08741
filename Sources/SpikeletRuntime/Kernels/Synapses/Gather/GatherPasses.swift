#if !SPIKELET_WITHOUT_GATHER

  extension Gather {
    /// The rows of outputs, and for each the rows of the kernel that meet the source.
    struct Passes {
      /// The next pass.
      private(set) var pass: Pass
      private let rowBytes: Int
      private let lineBytes: Int
      private let firstBase: Int
      private let firstStart: Int
      private let strideHeight: Int
      private let kernelHeight: Int
      private let sourceRow: Int
      private let sourceEnd: Int
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
        (sourceRow, sourceEnd) = (job.firstRow, job.endRow)
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
            row = max(0, sourceRow &- firstRow)
            rows = min(kernelHeight, sourceEnd &- firstRow)
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
    struct Pass {
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
