/// Where the elements of a dataset lie.
struct Layout {
  enum Place {
    case compact(ByteCursor)
    case contiguous(address: Int, size: Int)
    case chunks(ChunkIndex)
  }

  /// How chunks are found.
  enum ChunkIndex {
    /// A B-tree of version 1.
    case tree(Int)
    /// One chunk; packed into so many bytes, with so many filters left out, where it is packed.
    case single(address: Int, packed: (size: Int, mask: Int)?)
    /// One after the other, unpacked.
    case implicit(Int)
    /// A table of addresses.
    case fixedArray(Int)
  }

  var place: Place
  /// The elements of a chunk in each dimension.
  var chunk: [Int] = []
  /// Whether the chunks at the edges are left unpacked where they are not whole.
  var leavesEdges = false

  init(_ cursor: ByteCursor) throws(HDF5Error) {
    var cursor = cursor
    let version = try cursor.version("a layout", [3, 4, 5])
    let start = cursor.position
    switch try cursor.int(1) {
    case 0:
      let size = try cursor.int(2)
      let begin = cursor.position
      try cursor.skip(size)
      place = .compact(ByteCursor(file: cursor.file, position: begin, end: cursor.position))
    case 1:
      let address = try cursor.address()
      let size = try cursor.length()
      place = .contiguous(address: address ?? -1, size: size)
    case 2 where version == 3:
      let rank = try cursor.int(1)
      let tree = try cursor.address()
      try Self.check(rank, start)
      for _ in 0..<rank { chunk.append(try cursor.int(4)) }
      place = .chunks(.tree(tree ?? -1))
    case 2:
      let flags = try cursor.int(1)
      leavesEdges = flags & 1 != 0
      let rank = try cursor.int(1)
      try Self.check(rank, start)
      let width = try cursor.int(1)
      guard (1...8).contains(width) else {
        throw HDF5Error("extents of \(width) bytes", offset: start)
      }
      for _ in 0..<rank { chunk.append(try cursor.size(width)) }
      switch try cursor.int(1) {
      case 1:
        var packed: (Int, Int)?
        if flags & 2 != 0 { packed = (try cursor.length(), try cursor.int(4)) }
        place = .chunks(.single(address: try cursor.address() ?? -1, packed: packed))
      case 2: place = .chunks(.implicit(try cursor.address() ?? -1))
      case 3:
        try cursor.skip(1)
        place = .chunks(.fixedArray(try cursor.address() ?? -1))
      case let index:
        let name = [4: "an extensible array", 5: "a tree of version 2"][index] ?? "number \(index)"
        throw HDF5Error(
          "an index of chunks that is not read: \(name)", offset: start,
          advice: "write it without maxshape, or with libver=\"earliest\"")
      }
    default:
      throw HDF5Error(
        "a layout that is not read, such as a virtual dataset", offset: start,
        advice: "copy the values into the file")
    }
    // The bytes of an element come last.
    if case .chunks = place { chunk.removeLast() }
  }

  private static func check(_ rank: Int, _ start: Int) throws(HDF5Error) {
    guard (1...HDF5Limits.rank + 1).contains(rank) else {
      throw HDF5Error("chunks of \(rank) dimensions", offset: start)
    }
  }
}

/// The extents of a dataset.
enum Dataspace {
  /// The elements of each dimension; empty for a scalar.
  static func read(_ cursor: ByteCursor) throws(HDF5Error) -> [Int] {
    var cursor = cursor
    let start = cursor.position
    let version = try cursor.version("extents", [1, 2])
    let rank = try cursor.int(1)
    try cursor.skip(1)
    if version == 1 {
      try cursor.skip(5)
    } else if try cursor.int(1) == 2 {
      throw HDF5Error("is empty", offset: start)
    }
    guard rank <= HDF5Limits.rank else {
      throw HDF5Error("has \(rank) dimensions; the limit is \(HDF5Limits.rank)", offset: start)
    }
    var shape: [Int] = []
    for _ in 0..<rank { shape.append(try cursor.length()) }
    return shape
  }
}
