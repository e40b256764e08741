/// The links of a new group with many: their messages lie in a heap, an index leads to them.
extension ObjectReader {
  func denseLinks(heap: Int, tree: Int) throws(HDF5Error) -> [Link] {
    let heap = try FractalHeap(file, at: heap)
    var links: [Link] = []
    for record in try IndexTree(file, at: tree).records {
      // The hash of the name comes first, which only a search needs.
      var record = record
      try record.skip(4)
      var object = try heap.object(&record)
      links.append(try Self.link(&object))
    }
    return links
  }
}

/// A B-tree of version 2 over the names of a group.
private struct IndexTree {
  private(set) var records: [ByteCursor] = []
  private let file: FileBytes
  private let recordSize: Int
  /// The widths of the two counts of a child, by the depth of the node that names it.
  private var widths: [(records: Int, total: Int)] = []
  private var seen: Set<Int> = []

  /// The type of an index of links by their names.
  private static let linkNames = 5

  init(_ file: FileBytes, at address: Int) throws(HDF5Error) {
    self.file = file
    var cursor = try file.cursor(at: address)
    try cursor.signature("BTHD")
    _ = try cursor.version("a tree", [0])
    let type = try cursor.int(1)
    guard type == Self.linkNames else {
      throw HDF5Error("an index of type \(type), needed \(Self.linkNames)", offset: address)
    }
    let nodeSize = try cursor.int(4)
    recordSize = try cursor.int(2)
    let depth = try cursor.int(2)
    try cursor.skip(2)
    let root = try cursor.address()
    let count = try cursor.int(2)
    guard recordSize > 4, recordSize <= 64, (64...1 << 20).contains(nodeSize), depth <= 8 else {
      throw HDF5Error("an index of impossible measures", offset: address)
    }
    // How many records a node can hold decides how wide their count is.
    let head = 10
    let most = (nodeSize - head) / recordSize
    let width = Self.width(of: most)
    var total = most
    widths = [(0, 0)]
    for level in 0..<depth {
      widths.append((width, level == 0 ? 0 : Self.width(of: total)))
      let pointer = file.addressWidth + width + widths[level + 1].total
      let here = max(1, (nodeSize - head - pointer) / (recordSize + pointer))
      let (product, overflow) = total.multipliedReportingOverflow(by: here + 1)
      guard !overflow, product <= 1 << 40 else {
        throw HDF5Error("an index of impossible measures", offset: address)
      }
      total = product + here
    }
    if let root { try read(root, count: count, depth: depth) }
  }

  private static func width(of limit: Int) -> Int {
    (max(1, limit).bitWidth - 1 - max(1, limit).leadingZeroBitCount) / 8 + 1
  }

  private mutating func read(_ address: Int, count: Int, depth: Int) throws(HDF5Error) {
    guard seen.insert(address).inserted, seen.count <= HDF5Limits.nodes else {
      throw HDF5Error("an index in which a node has two parents or is its own", offset: address)
    }
    var cursor = try file.cursor(at: address)
    try cursor.signature(depth == 0 ? "BTLF" : "BTIN")
    _ = try cursor.version("a node of an index", [0])
    try cursor.skip(1)
    for _ in 0..<count {
      let start = cursor.position
      try cursor.skip(recordSize)
      records.append(ByteCursor(file: file, position: start, end: cursor.position))
      guard records.count <= HDF5Limits.objects else {
        throw HDF5Error("a group of more than \(HDF5Limits.objects) objects")
      }
    }
    guard depth > 0 else { return }
    for _ in 0...count {
      let child = try cursor.place("a part of an index")
      let records = try cursor.int(widths[depth].records)
      try cursor.skip(widths[depth].total)
      try read(child, count: records, depth: depth - 1)
    }
  }
}

/// A heap in which objects lie in blocks of growing sizes.
private struct FractalHeap {
  private let file: FileBytes
  private let offsetWidth: Int
  private let lengthWidth: Int
  private let header: Int
  private let isChecked: Bool
  /// Where in the heap a block begins, where in the file, and its bytes.
  private var blocks: [(offset: Int, address: Int, size: Int)] = []
  private let tableWidth: Int
  private let firstSize: Int
  private let directRows: Int

  init(_ file: FileBytes, at address: Int) throws(HDF5Error) {
    self.file = file
    header = address
    var cursor = try file.cursor(at: address)
    try cursor.signature("FRHP")
    _ = try cursor.version("a heap", [0])
    try cursor.skip(2)
    let filters = try cursor.int(2)
    guard filters == 0 else { throw HDF5Error("a packed heap, which is not read", offset: address) }
    isChecked = try cursor.int(1) & 2 != 0
    let largest = try cursor.int(4)
    try cursor.skip(2 * file.addressWidth + 10 * file.lengthWidth)
    tableWidth = try cursor.int(2)
    firstSize = try cursor.length()
    let lastSize = try cursor.length()
    let bits = try cursor.int(2)
    try cursor.skip(2)
    let root = try cursor.address()
    let rows = try cursor.int(2)
    let isSane =
      [firstSize, lastSize].allSatisfy { $0 > 0 && $0 <= 1 << 24 && $0 & ($0 - 1) == 0 }
      && firstSize <= lastSize && (1...64).contains(tableWidth) && (1...62).contains(bits)
      && rows <= 64 && largest > 0
    guard isSane else { throw HDF5Error("a heap of impossible measures", offset: address) }
    offsetWidth = (bits + 7) / 8
    let width = (lastSize.trailingZeroBitCount + 7) / 8
    let largestBits = largest.bitWidth - 1 - largest.leadingZeroBitCount
    lengthWidth = max(1, min(width, largestBits / 8 + 1))
    directRows = lastSize.trailingZeroBitCount - firstSize.trailingZeroBitCount + 2
    guard let root else { return }
    if rows == 0 {
      blocks.append((0, root, firstSize))
    } else {
      try readTable(root, offset: 0, rows: rows, depth: 0)
    }
  }

  /// The bytes of a block of a row: the first two rows have the same, each of the others the double.
  private func blockSize(_ row: Int) -> Int { firstSize << max(0, row - 1) }

  private mutating func readTable(
    _ address: Int, offset: Int, rows: Int, depth: Int
  ) throws(HDF5Error) {
    guard depth < 8 else { throw HDF5Error("a heap that is too deep", offset: address) }
    var cursor = try file.cursor(at: address)
    try cursor.signature("FHIB")
    _ = try cursor.version("a table of blocks", [0])
    try cursor.skip(file.addressWidth + offsetWidth)
    var offset = offset
    for row in 0..<rows {
      guard row < 40 else { throw HDF5Error("a heap that is too large", offset: address) }
      let size = blockSize(row)
      for _ in 0..<tableWidth {
        let place = try cursor.address()
        if let place {
          if row < directRows {
            blocks.append((offset, place, size))
          } else {
            // A table as large as the blocks that it stands for.
            let rows = (size / firstSize / tableWidth).trailingZeroBitCount + 1
            try readTable(place, offset: offset, rows: min(rows, row), depth: depth + 1)
          }
          guard blocks.count <= HDF5Limits.nodes else {
            throw HDF5Error("a heap of more than \(HDF5Limits.nodes) blocks", offset: address)
          }
        }
        offset += size
      }
    }
  }

  /// The object that an identifier names.
  func object(_ identifier: inout ByteCursor) throws(HDF5Error) -> ByteCursor {
    let kind = try identifier.int(1)
    guard kind & 0xF0 == 0 else {
      throw HDF5Error("a link outside of its heap's blocks, which is not read")
    }
    let offset = try identifier.size(offsetWidth)
    let length = try identifier.size(lengthWidth)
    guard
      let block = blocks.first(where: { $0.offset <= offset && offset - $0.offset < $0.size })
    else { throw HDF5Error("a link outside of its heap", offset: header) }
    let place = offset - block.offset
    guard length <= block.size - place else {
      throw HDF5Error("a link that leaves its block", offset: block.address)
    }
    var cursor = try file.cursor(at: block.address, count: block.size)
    try cursor.signature("FHDB")
    try cursor.skip(max(0, place - 4))
    let start = cursor.position
    try cursor.skip(length)
    return ByteCursor(file: file, position: start, end: cursor.position)
  }
}
