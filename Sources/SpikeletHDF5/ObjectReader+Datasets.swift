extension ObjectReader {
  /// The values of a dataset.
  mutating func array(_ header: ObjectHeader) throws(HDF5Error) -> HDF5Array {
    typealias Kind = ObjectHeader.Kind
    var type = try header.body(Kind.datatype, "type")
    let element = try Datatype(&type)
    let shape = try Dataspace.read(try header.body(Kind.dataspace, "extents"))
    guard header.first(Kind.externalFiles) == nil else {
      throw HDF5Error("keeps its values in other files, which are not read")
    }
    let count = try Self.product(shape)
    let (size, overflow) = count.multipliedReportingOverflow(by: element.size)
    guard !overflow, size <= HDF5Limits.bytes - bytes else {
      throw HDF5Error(
        "\(shape.map { "\($0)" }.joined(separator: "×")) elements bring the file's values above "
          + "\(HDF5Limits.bytes) bytes, the limit")
    }
    bytes += size
    let filters =
      header.first(Kind.filters) == nil
      ? Filters() : try Filters(try header.body(Kind.filters, "filters"))
    let layout = try Layout(try header.body(Kind.layout, "layout"))
    var data: [UInt8]
    switch layout.place {
    case .compact(var cursor):
      data = Array(try cursor.bytes(size))
    case .contiguous(let address, let stored):
      guard size == 0 || address >= 0 else { throw HDF5Error("was never written") }
      guard stored >= size else {
        throw HDF5Error("has \(stored) bytes, needed \(size) for its extents")
      }
      var cursor = try file.cursor(at: size == 0 ? 0 : address)
      data = Array(try cursor.bytes(size))
    case .chunks(let index):
      data = try chunks(index, layout, filters, shape: shape, element: element.size, size: size)
    }
    // A closure cannot hold `self` while it changes.
    var reader = self
    let values = try element.values(data) { (reference) throws(HDF5Error) in
      try reader.text(reference)
    }
    self = reader
    data = []
    return HDF5Array(shape: shape, values: values)
  }

  private static func product(_ shape: [Int]) throws(HDF5Error) -> Int {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= HDF5Limits.bytes else {
        throw HDF5Error("has more elements than the limit, \(HDF5Limits.bytes)")
      }
      count = product
    }
    return count
  }

  /// The values of chunks, put together.
  private func chunks(
    _ index: Layout.ChunkIndex, _ layout: Layout, _ filters: Filters, shape: [Int], element: Int,
    size: Int
  ) throws(HDF5Error) -> [UInt8] {
    guard layout.chunk.count == shape.count, !shape.isEmpty else {
      throw HDF5Error("chunks of \(layout.chunk.count) dimensions, needed \(shape.count)")
    }
    guard layout.chunk.allSatisfy({ $0 > 0 }) else { throw HDF5Error("chunks without elements") }
    let (chunkBytes, overflow) = try Self.product(layout.chunk)
      .multipliedReportingOverflow(by: element)
    guard !overflow, chunkBytes <= HDF5Limits.bytes else {
      throw HDF5Error("chunks of more than \(HDF5Limits.bytes) bytes")
    }
    if size == 0 { return [] }
    let counts = zip(shape, layout.chunk).map { ($0 - 1) / $1 + 1 }
    let needed = try Self.product(counts)
    // Chunks may stick out at the edges, but what they unpack to has a limit as well.
    guard needed <= HDF5Limits.bytes / max(1, chunkBytes) else {
      throw HDF5Error("chunks of more than \(HDF5Limits.bytes) bytes in all")
    }
    var result = [UInt8](repeating: 0, count: size)
    var isThere = [Bool](repeating: false, count: needed)
    for chunk in try find(index, layout, counts: counts, chunkBytes: chunkBytes, filters) {
      var number = 0
      for (place, (extent, count)) in zip(chunk.place, zip(layout.chunk, counts)) {
        guard place % extent == 0, place / extent < count else {
          throw HDF5Error("a chunk outside of its dataset", offset: chunk.address)
        }
        number = number * count + place / extent
      }
      guard !isThere[number] else {
        throw HDF5Error("a chunk that is there twice", offset: chunk.address)
      }
      isThere[number] = true
      var cursor = try file.cursor(at: chunk.address, count: chunk.size)
      let packed = try cursor.bytes(chunk.size)
      let isWhole = zip(chunk.place, zip(layout.chunk, shape)).allSatisfy { $0 + $1.0 <= $1.1 }
      let bytes = try (layout.leavesEdges && !isWhole ? Filters() : filters).unpack(
        packed, mask: chunk.mask, size: chunkBytes, element: element)
      Self.copy(
        bytes, chunk: layout.chunk, place: chunk.place, into: &result, shape: shape,
        element: element)
    }
    guard isThere.allSatisfy({ $0 }) else {
      throw HDF5Error("\(isThere.count { !$0 }) of \(needed) chunks were never written")
    }
    return result
  }

  /// Copies the rows of a chunk that lie inside of the dataset.
  private static func copy(
    _ bytes: [UInt8], chunk: [Int], place: [Int], into result: inout [UInt8], shape: [Int],
    element: Int
  ) {
    let last = shape.count - 1
    let extents = shape.indices.map { min(chunk[$0], shape[$0] - place[$0]) }
    var position = [Int](repeating: 0, count: shape.count)
    while true {
      var source = 0
      var target = 0
      for axis in shape.indices {
        source = source * chunk[axis] + position[axis]
        target = target * shape[axis] + place[axis] + position[axis]
      }
      let count = extents[last] * element
      result.replaceSubrange(
        target * element..<target * element + count,
        with: bytes[source * element..<source * element + count])
      var axis = last - 1
      while axis >= 0 {
        position[axis] += 1
        if position[axis] < extents[axis] { break }
        position[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
