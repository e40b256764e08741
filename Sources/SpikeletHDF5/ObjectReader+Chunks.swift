/// A chunk of a dataset in the file.
struct Chunk {
  /// Its first element.
  var place: [Int]
  var address: Int
  /// Its bytes in the file.
  var size: Int
  /// The filters that were left out, a bit each.
  var mask: Int
}

extension ObjectReader {
  /// The chunks that an index names.
  ///
  /// - Parameter counts: the chunks in each dimension.
  func find(
    _ index: Layout.ChunkIndex, _ layout: Layout, counts: [Int], chunkBytes: Int, _ filters: Filters
  ) throws(HDF5Error) -> [Chunk] {
    switch index {
    case .tree(let root):
      guard root >= 0 else { throw HDF5Error("was never written") }
      return try chunks(ofTree: root, rank: counts.count)
    case .single(let address, let packed):
      guard address >= 0 else { throw HDF5Error("was never written") }
      return [
        Chunk(
          place: counts.map { _ in 0 }, address: address, size: packed?.size ?? chunkBytes,
          mask: packed?.mask ?? (filters.isEmpty ? 0 : -1))
      ]
    case .implicit(let address):
      guard address >= 0 else { throw HDF5Error("was never written") }
      let total = counts.reduce(1, *)
      let (bytes, overflow) = total.multipliedReportingOverflow(by: chunkBytes)
      guard !overflow else { throw HDF5Error("chunks of too many bytes") }
      _ = try file.cursor(at: address, count: bytes)
      return (0..<total).map {
        Chunk(
          place: Self.place($0, counts, layout.chunk), address: address + $0 * chunkBytes,
          size: chunkBytes, mask: -1)
      }
    case .fixedArray(let address):
      guard address >= 0 else { throw HDF5Error("was never written") }
      return try chunks(ofArray: address, layout, counts: counts, chunkBytes: chunkBytes)
    }
  }

  /// The first element of a chunk of a number in row-major order.
  private static func place(_ number: Int, _ counts: [Int], _ chunk: [Int]) -> [Int] {
    var rest = number
    var place = [Int](repeating: 0, count: counts.count)
    for axis in counts.indices.reversed() {
      place[axis] = rest % counts[axis] * chunk[axis]
      rest /= counts[axis]
    }
    return place
  }

  private func chunks(ofTree root: Int, rank: Int) throws(HDF5Error) -> [Chunk] {
    let keyBytes = 8 + 8 * (rank + 1)
    var chunks: [Chunk] = []
    for leaf in try TreeWalk(file, root: root, kind: 1).leaves({ (cursor) throws(HDF5Error) in
      try cursor.skip(keyBytes)
    }) {
      var key = leaf.key
      let size = try key.int(4)
      let mask = try key.int(4)
      var place: [Int] = []
      for _ in 0..<rank { place.append(try key.size(8)) }
      chunks.append(Chunk(place: place, address: leaf.child, size: size, mask: mask))
    }
    return chunks
  }

  private func chunks(
    ofArray address: Int, _ layout: Layout, counts: [Int], chunkBytes: Int
  ) throws(HDF5Error) -> [Chunk] {
    var cursor = try file.cursor(at: address)
    try cursor.signature("FAHD")
    _ = try cursor.version("a table of chunks", [0])
    let client = try cursor.int(1)
    let entry = try cursor.int(1)
    let pageBits = try cursor.int(1)
    let total = try cursor.length()
    let block = try cursor.place("a table of chunks")
    let needed = counts.reduce(1, *)
    guard total == needed, client <= 1, pageBits < 32 else {
      throw HDF5Error("a table of \(total) chunks, needed \(needed)", offset: address)
    }
    guard total <= 1 << pageBits else {
      throw HDF5Error(
        "a table of chunks in pages, which is not read", offset: address,
        advice: "write it with libver=\"earliest\"")
    }
    let sizeBytes = client == 1 ? entry - file.addressWidth - 4 : 0
    guard client == 0 ? entry == file.addressWidth : (1...8).contains(sizeBytes) else {
      throw HDF5Error("a table with entries of \(entry) bytes", offset: address)
    }
    var table = try file.cursor(at: block)
    try table.signature("FADB")
    _ = try table.version("a table of chunks", [0])
    try table.skip(1 + file.addressWidth)
    var chunks: [Chunk] = []
    for number in 0..<total {
      let address = try table.address()
      let size = client == 1 ? try table.size(sizeBytes) : chunkBytes
      let mask = client == 1 ? try table.int(4) : -1
      guard let address else { continue }
      chunks.append(
        Chunk(
          place: Self.place(number, counts, layout.chunk), address: address, size: size, mask: mask)
      )
    }
    return chunks
  }
}
