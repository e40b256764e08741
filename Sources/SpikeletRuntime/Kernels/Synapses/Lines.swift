/// Rows of weights for some lines of membranes: what a spike in one row of a source has in common with
/// every other.
///
/// Nearly all work is done here, so the loops over rows of 8-bit weights come first, sixteen at a time;
/// what is left goes to `addTails`.
struct Lines {
  let weights: Weights
  let target: Membranes
  /// Bytes from one line's row of weights back to the next line's.
  let rowStep: Int
  /// Potentials from one line to the next.
  let lineStep: Int
  let count: Int

  private var membranes: Region { target.region }

  /// Adds one row of weights to each line, `times` over.
  ///
  /// - Parameters:
  ///   - row: the byte offset of the first line's row.
  ///   - start: the index of the first line's first potential.
  ///   - length: weights of a row: any number; multiples of 8 are fastest.
  ///   - times: how often a row is added; negative to subtract it.
  @inline(__always)
  func add(row: Int, to start: Int, length: Int, times: Int32) {
    if target.isWide {
      add(row: row, to: start, length: length, times: times, scalar: Int32.self)
    } else {
      add(row: row, to: start, length: length, times: times, scalar: Int16.self)
    }
  }

  @inline(never)
  private func add<Scalar: MembraneScalar>(
    row: Int, to start: Int, length: Int, times: Int32, scalar: Scalar.Type
  ) {
    let factor = Int16(truncatingIfNeeded: times)
    if weights.bits == 16 && Int32(factor) == times && length & 7 == 0 {
      addWide(row: row, to: start, length: length, factor: factor, scalar: scalar)
      return
    }
    let blocks = weights.bits == 8 && Int32(factor) == times ? length & ~7 : 0
    let size = MemoryLayout<Scalar>.size
    let wide = MemoryLayout<Scalar.WideLanes>.size
    // First the blocks of all lines, so that nothing is kept for a call that hardly ever comes.
    var (line, first) = (row, start)
    for _ in 0..<(blocks == 0 ? 0 : count) {
      var weight = line
      var target = first &* size
      let end = line &+ (blocks & ~15)
      if factor == 1 {
        while weight != end {
          let w = weights.region.load(weight, as: SIMD16<Int8>.self)
          let u = membranes.load(target, as: Scalar.WideLanes.self)
          membranes.store(Scalar.add(u, Scalar.widen(w)), target)
          weight &+= 16
          target &+= wide
        }
      } else {
        while weight != end {
          let w = Int16.widen(weights.region.load(weight, as: SIMD16<Int8>.self))
          let u = membranes.load(target, as: Scalar.WideLanes.self)
          membranes.store(Scalar.add(u, Scalar.product(w, factor)), target)
          weight &+= 16
          target &+= wide
        }
      }
      if blocks & 8 != 0 {
        let w = Int16.widen(weights.region.load(weight, as: SIMD8<Int8>.self))
        let u = membranes.load(target, as: Scalar.Lanes.self)
        membranes.store(Scalar.add(u, Scalar.product(w, factor)), target)
      }
      line &-= rowStep
      first &+= lineStep
    }
    if blocks != length {
      addTails(row: row, to: start, from: blocks, length: length, times: times)
    }
  }

  /// Whole blocks of 16-bit weights.
  @inline(never)
  private func addWide<Scalar: MembraneScalar>(
    row: Int, to start: Int, length: Int, factor: Int16, scalar: Scalar.Type
  ) {
    let size = MemoryLayout<Scalar>.size
    var (line, first) = (row, start)
    for _ in 0..<count {
      var (weight, target) = (line, first &* size)
      let end = line &+ length &* 2
      while weight != end {
        let w = Scalar.product(weights.region.load(weight, as: SIMD8<Int16>.self), factor)
        membranes.store(Scalar.add(membranes.load(target, as: Scalar.Lanes.self), w), target)
        weight &+= 16
        target &+= MemoryLayout<Scalar.Lanes>.size
      }
      line &-= rowStep
      first &+= lineStep
    }
  }

  /// What `add` leaves: 4-bit weights, factors of more than 16 bits, and the ends of rows that are
  /// no multiple of eight.
  @inline(never)
  private func addTails(row: Int, to start: Int, from first: Int, length: Int, times: Int32) {
    let step = weights.rowBytes(8)
    var (row, start) = (row, start)
    var line = 0
    while line != count {
      var i = first
      var weight = row &+ weights.rowBytes(first)
      while i &+ 8 <= length {
        let w = Int16.lengthen(weights.lanes8(weight)) &* SIMD8(repeating: times)
        target.store(target.lanes(start &+ i) &+ w, start &+ i)
        i &+= 8
        weight &+= step
      }
      while i < length {
        let w = Int32(weights.weight(row, index: i)) &* times
        target.store(target.load(start &+ i) &+ w, start &+ i)
        i &+= 1
      }
      row &-= rowStep
      start &+= lineStep
      line &+= 1
    }
  }
}
