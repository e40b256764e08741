import SpikeletDatasets

/// What was done to a chunk, in the order in which it was done.
struct Filters {
  private enum Filter {
    case deflate
    /// The first bytes of all elements, then the second ones, and so on.
    case shuffle
  }

  private var filters: [Filter] = []

  /// No filters.
  init() {}

  init(_ cursor: ByteCursor) throws(HDF5Error) {
    var cursor = cursor
    let version = try cursor.version("a list of filters", [1, 2])
    let count = try cursor.int(1)
    if version == 1 { try cursor.skip(6) }
    guard count <= 32 else { throw HDF5Error("a list of \(count) filters") }
    for _ in 0..<count {
      let start = cursor.position
      let number = try cursor.int(2)
      let nameBytes = version == 1 || number >= 256 ? try cursor.int(2) : 0
      try cursor.skip(2)
      let values = try cursor.int(2)
      try cursor.skip(version == 1 ? (nameBytes + 7) / 8 * 8 : nameBytes)
      try cursor.skip(4 * values + (version == 1 && values % 2 == 1 ? 4 : 0))
      switch number {
      case 1: filters.append(.deflate)
      case 2: filters.append(.shuffle)
      default:
        let names = [
          3: "fletcher32", 4: "szip", 5: "nbit", 6: "scaleoffset", 32_000: "lzf",
          32_001: "blosc", 32_004: "lz4", 32_015: "zstd",
        ]
        throw HDF5Error(
          "is packed with \(names[number] ?? "filter \(number)"), which is not read", offset: start,
          advice: "write it with compression=\"gzip\", or none")
      }
    }
  }

  var isEmpty: Bool { filters.isEmpty }

  /// The bytes of a chunk as they were before.
  ///
  /// - Parameters:
  ///   - mask: the filters that were left out, a bit each.
  ///   - size: the bytes that have to come out.
  ///   - element: the bytes of an element.
  func unpack(
    _ data: ArraySlice<UInt8>, mask: Int, size: Int, element: Int
  ) throws(HDF5Error) -> [UInt8] {
    var data = Array(data)
    for (index, filter) in filters.enumerated().reversed() where mask >> index & 1 == 0 {
      switch filter {
      case .deflate:
        do {
          data = try Zlib.decompress(data, limit: size)
        } catch {
          throw HDF5Error("cannot be unpacked: \(error)")
        }
      case .shuffle: data = Self.unshuffle(data, element: element)
      }
    }
    guard data.count >= size else {
      throw HDF5Error("a chunk of \(data.count) bytes, needed \(size)")
    }
    return data
  }

  private static func unshuffle(_ data: [UInt8], element: Int) -> [UInt8] {
    let count = data.count / element
    guard element > 1, count > 1 else { return data }
    // What is left behind the last whole element stays where it is.
    var result = data
    for i in 0..<count {
      for byte in 0..<element { result[i * element + byte] = data[byte * count + i] }
    }
    return result
  }
}
