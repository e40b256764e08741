/// Places buffers in the arena so that no two that are alive at once overlap.
///
/// The placement is greedy: buffers are taken in some order, and each goes to the lowest aligned
/// offset where it does not meet a buffer that was placed before it and lives at the same time.
/// Largest first is the order that TFLite Micro takes; it is good and seldom optimal. Several orders
/// are tried (by size, by lifetime, by size × lifetime, by first use), and the smallest arena wins,
/// the first of equals. Every order is total — ties fall back to the buffer's index — so the same
/// network gives the same plan everywhere.
///
/// No plan can be smaller than the bytes that are alive together at the worst moment; the plan is
/// printed beside that lower bound.
package struct MemoryPlanner: Sendable {
  /// A buffer to place: `bytes` bytes in slots `firstUse...lastUse`.
  package struct Request: Sendable, Equatable {
    package var bytes: Int
    package var firstUse: Int
    package var lastUse: Int

    package init(bytes: Int, firstUse: Int, lastUse: Int) {
      self.bytes = bytes
      self.firstUse = firstUse
      self.lastUse = lastUse
    }

    func isAlive(with other: Request) -> Bool {
      firstUse <= other.lastUse && other.firstUse <= lastUse
    }
  }

  package struct Plan: Sendable, Equatable {
    /// The offset of each request, in the order given.
    package var offsets: [Int]
    package var arenaBytes: Int
    /// The largest sum of (aligned) bytes alive at once.
    package var lowerBound: Int
  }

  /// Plans the requests of a timestep with slots 0…`slots`.
  ///
  /// What is alive in every slot lies at the beginning, one after the other in the order given: no
  /// placement of it can be better, and the engine's loader need not compare it with anything.
  package static func plan(_ requests: [Request], slots: Int, alignment: Int) -> Plan {
    let sizes = requests.map { ($0.bytes + alignment - 1) / alignment * alignment }
    let lifetimes = requests.map { $0.lastUse - $0.firstUse + 1 }
    let keys: [(Int) -> [Int]] = [
      { [-sizes[$0], -lifetimes[$0], requests[$0].firstUse] },
      { [-lifetimes[$0], -sizes[$0], requests[$0].firstUse] },
      { [-sizes[$0] * lifetimes[$0], -sizes[$0], requests[$0].firstUse] },
      { [requests[$0].firstUse, -lifetimes[$0], -sizes[$0]] },
      { [-requests[$0].lastUse, requests[$0].firstUse, -sizes[$0]] },
    ]
    let isPersistent = requests.map { $0.firstUse == 0 && $0.lastUse == slots }
    let persistent = requests.indices.filter { isPersistent[$0] }
    let transient = requests.indices.filter { !isPersistent[$0] }
    var best: (offsets: [Int], end: Int)?
    for key in keys {
      let order =
        persistent
        + transient.sorted {
          let (a, b) = (key($0), key($1))
          return a == b ? $0 < $1 : a.lexicographicallyPrecedes(b)
        }
      let placed = place(requests, sizes: sizes, order: order)
      if best.map({ placed.end < $0.end }) ?? true { best = placed }
    }
    let ends = Set(requests.flatMap { [$0.firstUse, $0.lastUse] })
    let bound = ends.map { slot in
      requests.indices.filter { requests[$0].firstUse <= slot && slot <= requests[$0].lastUse }
        .reduce(0) { $0 + sizes[$1] }
    }
    return Plan(
      offsets: best?.offsets ?? [], arenaBytes: best?.end ?? 0, lowerBound: bound.max() ?? 0)
  }

  private static func place(
    _ requests: [Request], sizes: [Int], order: [Int]
  ) -> (offsets: [Int], end: Int) {
    var offsets = [Int](repeating: 0, count: requests.count)
    var placed: [Int] = []
    var end = 0
    for index in order {
      let neighbours = placed.filter { requests[$0].isAlive(with: requests[index]) }
        .sorted { (offsets[$0], $0) < (offsets[$1], $1) }
      var offset = 0
      for other in neighbours {
        if offsets[other] >= offset + sizes[index] { break }
        offset = max(offset, offsets[other] + sizes[other])
      }
      offsets[index] = offset
      placed.append(index)
      end = max(end, offset + sizes[index])
    }
    return (offsets, end)
  }
}
