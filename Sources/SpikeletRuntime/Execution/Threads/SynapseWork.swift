#if !SPIKELET_WITHOUT_THREADS

  /// A scatter of spikes, some lines of the outputs a part.
  struct ScatterWork: CountedWork {
    let convolution: Convolution
    let view: InputView
    let weights: Weights
    let membranes: Membranes
    var counts: Region?
    var parts = 1

    static var body: Team.Body {
      { work, part in unsafe work.assumingMemoryBound(to: ScatterWork.self).pointee.run(part) }
    }

    /// Parts that are worth their cost, by the spikes of the source. A dense layer is one line.
    func parts(_ team: Team) -> Int {
      let lines = convolution.outputHeight
      if lines == 1 { return 1 }
      let each = max(1, convolution.reach &* convolution.paddedChannels / convolution.layout.groups)
      let least = quotient(Parts.enoughOperations, each)
      return team.isEnough(view.spikeCount, least) ? min(team.threads, lines) : 1
    }

    func run(_ part: Int) {
      let lines = Parts.range(part, of: parts, convolution.outputHeight)
      var operations = OperationCount()
      if !lines.isEmpty {
        let start = lines.lowerBound &* convolution.outputWidth &* convolution.paddedChannels
        convolution.lines(lines).scatter(view, weights, to: membranes.dropping(start), &operations)
      }
      store(operations, part)
    }
  }

  extension Convolution {
    /// About how many outputs of a channel a spike reaches.
    fileprivate var reach: Int {
      layout.kind == .channelwise
        ? 1 : max(1, layout.kernelHeight &* layout.kernelWidth / (strideHeight &* strideWidth))
    }
  }

  extension InputView {
    /// The spikes of the source.
    fileprivate var spikeCount: Int {
      var count = 0
      for site in 0..<source.sites {
        for word in 0..<source.wordsPerSite {
          count &+= source.word(values, site: site, word: word).nonzeroBitCount
        }
      }
      return count
    }
  }

  #if !SPIKELET_WITHOUT_GATHER

    /// The lists of some rows of a source, some rows a part.
    struct ListWork: TeamWork {
      let list: SpikeList
      let view: InputView
      let lists: Region
      let rows: Range<Int>
      var parts = 1

      static var body: Team.Body {
        { work, part in unsafe work.assumingMemoryBound(to: ListWork.self).pointee.run(part) }
      }

      /// Parts that are worth their cost.
      func parts(_ team: Team) -> Int {
        let words = rows.count &* list.width &* view.pool.area &* view.source.wordsPerSite
        return team.isEnough(words, Parts.enoughWords)
          ? max(1, min(2 &* team.threads, rows.count)) : 1
      }

      func run(_ part: Int) {
        let some = Parts.range(part, of: parts, rows.count)
        let first = rows.lowerBound &+ some.lowerBound
        list.list(first..<first &+ some.count, of: view, into: lists)
      }
    }

    /// A gather of listed spikes: a tile of channels and some lines of the outputs a part.
    struct GatherWork: CountedWork {
      let gather: Gather
      let lists: Region
      let weights: ReadRegion
      let membranes: Membranes
      let line: Int
      let count: Int
      /// The rows of the source that are listed.
      let rows: Range<Int>
      var counts: Region?
      /// The tiles of channels of a part.
      var tilesEach = 1
      /// The parts that the lines of these tiles are cut into.
      var chunks = 1

      static var body: Team.Body {
        { work, part in unsafe work.assumingMemoryBound(to: GatherWork.self).pointee.run(part) }
      }

      init(
        gather: Gather, lists: Region, weights: ReadRegion, membranes: Membranes, line: Int,
        count: Int, rows: Range<Int>
      ) {
        self.gather = gather
        (self.lists, self.weights, self.membranes) = (lists, weights, membranes)
        (self.line, self.count, self.rows) = (line, count, rows)
      }

      private var tiles: Int { gather.layout.isGrouped ? 1 : gather.layout.tileCount }

      /// Cuts it into parts that are worth their cost, and says how many there are.
      mutating func cut(_ team: Team) -> Int {
        guard team.isEnough(entries, least) else { return 1 }
        let tiles = tiles
        tilesEach = quotient(tiles &+ Parts.maximum &- 1, Parts.maximum)
        let groups = quotient(tiles &+ tilesEach &- 1, tilesEach)
        chunks = Parts.chunks(tiles: groups, lines: count, threads: team.threads)
        return groups &* chunks
      }

      private var entries: Int { gather.list.entries(rows, lists) }

      /// The entries that are worth the cost of parts.
      private var least: Int {
        let layout = gather.layout
        let reach =
          min(count, max(1, layout.kernelHeight / gather.strideHeight))
          &* min(gather.outputWidth, max(1, layout.kernelWidth / gather.strideWidth))
        return quotient(Parts.enoughOperations, reach &* padded(layout.outputChannels))
      }

      func run(_ part: Int) {
        let group = quotient(part, chunks)
        let lines = Parts.range(part &- group &* chunks, of: chunks, count)
        var sum = OperationCount()
        var tile = group &* tilesEach
        let end = lines.isEmpty ? tile : min(tiles, tile &+ tilesEach)
        while tile < end {
          sum.add(
            gather.add(
              tile: tile, line: line &+ lines.lowerBound, count: lines.count, rows: rows, lists,
              weights, to: membranes))
          tile &+= 1
        }
        store(sum, part)
      }
    }

    extension Gather {
      /// Adds the weights of every listed spike to one tile of channels of some lines of outputs.
      ///
      /// - Returns: the synaptic operations of all channels, counted with the first tile.
      fileprivate func add(
        tile: Int, line: Int, count: Int, rows: Range<Int>, _ lists: Region,
        _ weights: ReadRegion, to membranes: Membranes
      ) -> Int {
        let job = Job(
          lists: lists, weights: weights, membranes: membranes.region, isWide: membranes.isWide,
          line: line, end: line &+ count, firstRow: rows.lowerBound, endRow: rows.upperBound)
        add(job, layout.channel(ofTile: tile))
        return tile == 0 ? operations(job) : 0
      }
    }

    extension GatherLayout {
      /// The tiles of 64 channels, and those of 32, 16 and 8 that the rest needs.
      fileprivate var tileCount: Int {
        let channels = padded(outputChannels)
        return channels / 64 &+ (channels & 63).nonzeroBitCount
      }

      /// The first channel of a tile.
      fileprivate func channel(ofTile tile: Int) -> Int {
        var channel = 0
        for _ in 0..<tile { channel &+= lanes(from: channel) }
        return channel
      }
    }

    extension SpikeList {
      /// The entries of some rows that are listed.
      fileprivate func entries(_ rows: Range<Int>, _ lists: Region) -> Int {
        var count = 0
        for y in rows {
          let start = slot(y)
          count &+= Int(lists.load(start &+ lastStart, as: UInt16.self))
          count &-= Int(lists.load(start, as: UInt16.self))
        }
        return count
      }
    }

  #endif

#endif
