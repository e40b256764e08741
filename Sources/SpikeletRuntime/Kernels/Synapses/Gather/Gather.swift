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

    /// Whether the list holds fewer rows than a line of outputs touches: it is then used up row by row,
    /// each for all lines that touch it, whose sums wait in the membranes.
    var isShort: Bool { list.rows < min(layout.kernelHeight, list.height) }

    /// How many lines of outputs the rows that the list holds are enough for; all where it is short.
    var linesAtOnce: Int {
      list.rows == list.height || isShort
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
    ///   - rows: of the source, those that are listed: `sourceRows`, or some of them.
    ///   - lists: what `list` wrote.
    ///   - membranes: all outputs, channels last, padded to blocks of eight.
    /// - Returns: the synaptic operations.
    func add(
      line: Int, count: Int, rows: Range<Int>, _ lists: Region, _ weights: ReadRegion,
      to membranes: Membranes
    ) -> Int {
      let job = Job(
        lists: lists, weights: weights, membranes: membranes.region, isWide: membranes.isWide,
        line: line, end: line &+ count, firstRow: rows.lowerBound, endRow: rows.upperBound)
      let channels = padded(layout.outputChannels)
      var channel = 0
      while channel < channels {
        add(job, channel)
        channel &+= layout.lanes(from: channel)
      }
      return operations(job)
    }

    /// Adds to one tile of channels.
    func add(_ job: Job, _ channel: Int) {
      if layout.isGrouped { return addSites(job) }
      switch layout.lanes(from: channel) {
      case 64: add(job, channel, lanes: GatherLanes64.self)
      case 32: add(job, channel, lanes: GatherLanes32.self)
      case 16: add(job, channel, lanes: GatherLanes16.self)
      default: add(job, channel, lanes: GatherLanes8.self)
      }
    }

    struct Job {
      let lists: Region
      let weights: ReadRegion
      let membranes: Region
      let isWide: Bool
      /// The lines of outputs.
      let line: Int
      let end: Int
      /// The rows of the source.
      let firstRow: Int
      let endRow: Int
    }

    @inline(never)
    private func add<Lanes: GatherLanes>(_ job: Job, _ channel: Int, lanes: Lanes.Type) {
      var passes = Passes(self, job, channel: channel, lanes: Lanes.count)
      while passes.next() {
        var (pass, rows) = (passes.pass, passes.rows)
        repeat {
          var place = pass.place
          pass.add(job, from: &place, to: pass.end, pass.steps, lanes: Lanes.self)
          pass.moveDown()
          rows &-= 1
        } while rows != 0
      }
    }

    /// All of up to sixteen channels, four sites at a time and then each of the rest.
    @inline(never)
    private func addSites(_ job: Job) {
      var passes = Passes(self, job, channel: 0, lanes: 16)
      let steps = passes.pass.steps
      let four = Steps(
        start: 8, kernel: steps.kernel &+ 6, base: steps.base &* 4, site: steps.site &* 4)
      let fours = outputWidth / 4 &* four.site
      while passes.next() {
        var (pass, rows) = (passes.pass, passes.rows)
        repeat {
          var place = pass.place
          pass.add(
            job, from: &place, to: pass.place.target &+ fours, four, lanes: GatherSites.self)
          pass.add(job, from: &place, to: pass.end, steps, lanes: GatherLanes16.self)
          pass.moveDown()
          rows &-= 1
        } while rows != 0
      }
    }

    /// The synaptic operations of a job: of each row of the source the spikes in the windows of a row of
    /// sites, as often as lines reach it.
    @inline(never)
    func operations(_ job: Job) -> Int {
      let lines = job.end &- job.line
      let needed = sourceRows(job.line, lines)
      let (strideHeight, kernelHeight, lists) = (strideHeight, layout.kernelHeight, job.lists)
      var y = max(job.firstRow, needed.lowerBound)
      let end = max(y, min(job.endRow, needed.upperBound))
      // The spikes in the windows of a row of sites are what the list says of their columns. Of neighbours
      // one column apart the inner differences cancel out.
      let isDense = strideWidth == 1 && outputWidth > layout.kernelWidth
      let (step, reach, steps) =
        isDense
        ? (2, outputWidth &* 2, layout.kernelWidth)
        : (strideWidth &* 2, layout.kernelWidth &* 2, outputWidth)
      let starts = (list.left &- left) &* 2 &+ list.countsOffset
      var sum = 0
      // Where the row lies in the window of the first line.
      var place = y &+ top &- job.line &* strideHeight
      while y != end {
        var first = max(0, place &- kernelHeight &+ 1)
        var last = place
        if strideHeight > 1 {
          first = quotient(first &+ strideHeight &- 1, strideHeight)
          last = quotient(last, strideHeight)
        }
        let reached = min(last, lines &- 1) &- first &+ 1
        if reached > 0 {
          var offset = list.slot(y) &+ starts
          var spikes = 0
          var left = steps
          while left != 0 {
            spikes &+= Int(lists.load(offset &+ reach, as: UInt16.self))
            spikes &-= Int(lists.load(offset, as: UInt16.self))
            offset &+= step
            left &-= 1
          }
          sum &+= reached &* spikes
        }
        place &+= 1
        y &+= 1
      }
      return sum &* layout.outputChannels
    }
  }

#endif
