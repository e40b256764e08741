#if !SPIKELET_WITHOUT_THREADS

  /// How work is cut into parts, and what is enough of it.
  ///
  /// A part that another thread takes costs a few microseconds, so less work than that stays in one
  /// piece (docs/threads.md).
  enum Parts {
    /// Additions of a weight.
    static var enoughOperations: Int { 65_536 }
    /// Multiplications of a pixel.
    static var enoughProducts: Int { 65_536 }
    /// Potentials that are set, rounded or compared.
    static var enoughPotentials: Int { 8_192 }
    /// Words of spikes that are listed.
    static var enoughWords: Int { 512 }
    /// No work has more parts: each has room for a result.
    static var maximum: Int { 64 }

    /// The numbers below `count` of one of some parts; all parts but the last have a multiple of `step`,
    /// counted from `start` before 0.
    @inline(never)
    static func range(
      _ part: Int, of parts: Int, _ count: Int, step: Int = 1, start: Int = 0
    ) -> Range<Int> {
      let low = bound(part, parts, count, step, start)
      return low..<max(low, bound(part &+ 1, parts, count, step, start))
    }

    private static func bound(
      _ part: Int, _ parts: Int, _ count: Int, _ step: Int, _ start: Int
    ) -> Int {
      if part == parts { return count }
      let raw = quotient(count &* part, parts)
      if step == 1 { return raw }
      return max(0, quotient(start &+ raw, step) &* step &- start)
    }

    /// Parts for each of `tiles` equal pieces of work that can be cut at `lines` places: a few for each
    /// thread, so that none waits long for the last, and where it can be as many for each.
    @inline(never)
    static func chunks(tiles: Int, lines: Int, threads: Int) -> Int {
      let most = min(lines, max(1, quotient(maximum, tiles)))
      var chunks = min(most, max(1, quotient(4 &* threads &+ tiles &- 1, tiles)))
      var even = chunks
      while even <= most && even < chunks &+ threads {
        if even &* tiles % threads == 0 {
          chunks = even
          break
        }
        even &+= 1
      }
      return chunks
    }
  }

  extension Tile {
    /// Some lines of the tile.
    func lines(_ lines: Range<Int>) -> Tile {
      var part = self
      part.top = top &+ lines.lowerBound
      part.height = lines.count
      return part
    }
  }

  extension Membranes {
    /// Those from an index on.
    func dropping(_ count: Int) -> Membranes {
      Membranes(region.dropping(count &* (isWide ? 4 : 2)), bits: isWide ? 32 : 16)
    }
  }

  extension Convolution {
    /// The same for some lines of the outputs.
    func lines(_ lines: Range<Int>) -> Convolution {
      var part = self
      part.top = top &- lines.lowerBound &* strideHeight
      part.outputHeight = lines.count
      return part
    }
  }

  extension SpikeTarget {
    /// The same for some lines of the tile.
    func lines(of part: Tile) -> SpikeTarget {
      var target = self
      if poolHeight &* poolWidth == 1 && part.width == map.width {
        (target.lines, target.columns) = (1, part.sites)
      } else {
        target.lines = max(0, min(part.height, map.height &* poolHeight &- part.top))
        target.columns = max(0, min(part.width, map.width &* poolWidth &- part.left))
      }
      return target
    }
  }

#endif
