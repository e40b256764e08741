#if !SPIKELET_WITHOUT_GATHER

  extension Gather {
    /// The lines of outputs, and for each the rows of the kernel that meet the source.
    struct Passes {
      /// The first pass of the line, and how many there are: one for each row of the kernel.
      private(set) var pass: Pass
      private(set) var rows = 0
      private let lineBytes: Int
      private let firstBase: Int
      private let strideHeight: Int
      private let kernelHeight: Int
      private let sourceRow: Int
      private let sourceEnd: Int
      private let ringRows: Int
      private var linesLeft: Int
      private var firstRow: Int

      @inline(never)
      init(_ gather: borrowing Gather, _ job: Job, channel: Int, lanes: Int) {
        let isWide = job.isWide
        let weightBytes = gather.layout.bits == 4 ? lanes / 2 : lanes
        let columnBytes = gather.layout.columnStep &* weightBytes
        // Entries count from column 0 of the map, or backwards from its last.
        let before =
          gather.layout.isGrouped ? gather.list.width &- 3 &- gather.layout.kernelWidth : 0
        firstBase =
          gather.layout.offset(tile: channel) &+ (gather.left &+ before) &* columnBytes
        let siteBytes = padded(gather.layout.outputChannels) &* (isWide ? 4 : 2)
        lineBytes = gather.outputWidth &* siteBytes
        (strideHeight, kernelHeight) = (gather.strideHeight, gather.layout.kernelHeight)
        (sourceRow, sourceEnd) = (job.firstRow, job.endRow)
        ringRows = gather.list.rows
        let slotBytes = gather.list.rowBytes
        linesLeft = job.end &- job.line
        firstRow = (job.line &- 1) &* strideHeight &- gather.top
        let end = channel &* (isWide ? 4 : 2) &+ job.line &* lineBytes
        // Rows that an entry can be worth.
        let worth = min(gather.list.area, 7)
        let isNarrow = gather.layout.bits == 4
        let most = isNarrow ? quotient(17, worth) : isWide ? quotient(255, worth) : Int.max
        pass = Pass(
          isWide: isWide, isNarrow: isNarrow, isCounted: gather.list.isCounted, most: most,
          steps: Steps(
            start: gather.strideWidth &* 2, kernel: gather.layout.kernelWidth &* 2,
            base: gather.strideWidth &* columnBytes, site: siteBytes),
          rowBytes: gather.layout.columns &* gather.layout.inputChannels &* weightBytes,
          slotBytes: slotBytes, ringBytes: ringRows &* slotBytes,
          firstStart: (gather.list.left &- gather.left) &* 2,
          slot: 0, place: Place(start: 0, base: 0, target: end &- lineBytes), end: end)
      }

      /// Goes on to the next line that any row of the kernel has something for.
      @inline(never)
      mutating func next() -> Bool {
        var row: Int
        repeat {
          if linesLeft == 0 { return false }
          linesLeft &-= 1
          firstRow &+= strideHeight
          pass.place.target &+= lineBytes
          row = max(0, sourceRow &- firstRow)
          rows = min(kernelHeight, sourceEnd &- firstRow) &- row
        } while rows <= 0
        pass.end = pass.place.target &+ lineBytes
        let first = firstRow &+ row
        // Where all rows are listed this is the row.
        pass.slot = first % ringRows &* pass.slotBytes
        pass.place.base = firstBase &+ row &* pass.rowBytes
        pass.place.start = pass.slot &+ pass.firstStart
        return true
      }
    }

    /// A site of a pass. All in bytes.
    struct Place {
      /// Where the list of the window's first column starts.
      var start: Int
      /// Where the row of weights of entry 0 would lie; may be negative.
      var base: Int
      var target: Int
    }

    /// From one site to the next. All in bytes.
    struct Steps {
      var start: Int
      /// From the list of the window's first column to that behind its last.
      var kernel: Int
      var base: Int
      var site: Int
    }

    /// Some entries of a list, at least one, and where their rows of 8-bit weights are.
    struct Entries {
      let lists: Region
      let start: Int
      let end: Int
      let weights: ReadRegion
      /// Where the row of weights of entry 0 would lie; may be negative.
      let base: Int
    }

    /// One row of the kernel passing over one row of sites.
    struct Pass {
      let isWide: Bool
      let isNarrow: Bool
      let isCounted: Bool
      /// The entries that registers have room for.
      let most: Int
      let steps: Steps
      /// From one row of the kernel to the next, in weights and in lists.
      let rowBytes: Int
      let slotBytes: Int
      /// Behind the last list: the first one follows.
      let ringBytes: Int
      /// Where in its list a row's first window begins.
      let firstStart: Int
      /// Where the row's list is.
      var slot: Int
      /// The first site.
      var place: Place
      /// Behind the target of the last.
      var end: Int

      /// Goes on to the next row of the kernel.
      @inline(__always)
      mutating func moveDown() {
        slot &+= slotBytes
        if slot == ringBytes { slot = 0 }
        place.start = slot &+ firstStart
        place.base &+= rowBytes
      }

      /// Adds what lies below the row of the kernel to the sites from `place` to `end`, and moves there.
      @inline(__always)
      func add<Lanes: GatherLanes>(
        _ job: Job, from place: inout Place, to end: Int, _ steps: Steps, lanes: Lanes.Type
      ) {
        let (lists, weights, membranes) = (job.lists, job.weights, job.membranes)
        let (slot, most) = (slot, most)
        var (start, base, target) = (place.start, place.base, place.target)
        while target != end {
          let first = Int(lists.load(start, as: UInt16.self))
          var rest = Int(lists.load(start &+ steps.kernel, as: UInt16.self)) &- first
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
            } else {
              let entries = Entries(
                lists: lists, start: spike, end: stop, weights: weights, base: base)
              if isCounted { lanes.add(counted: entries) } else { lanes.add(plain: entries) }
              spike = stop
            }
            if isWide { lanes.add(to: membranes, target) } else { lanes.store(membranes, target) }
          }
          start &+= steps.start
          base &-= steps.base
          target &+= steps.site
        }
        place = Place(start: start, base: base, target: target)
      }
    }
  }

#endif
